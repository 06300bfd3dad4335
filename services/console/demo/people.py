"""Invented people. Person `number` of one seed is always the same person, whichever file writes them.

Nobody's data: example.com and its siblings belong to no one, Gmail gives out no name with an underscore, the
555 exchange is hardly assigned in North America, and the Norwegian numbers lie in one small range around the
example that libphonenumber publishes. Every number is valid by its metadata all the same.
"""

from typing import NamedTuple

_MASK = (1 << 64) - 1

_FIRST = {
    "NO": (
        *("Aslaug", "Birk", "Dagny", "Eirin", "Fredrik", "Gunnvor", "Håkon", "Ingebjørg", "Jorunn", "Ketil"),
        *("Liv", "Magnhild", "Njål", "Oddny", "Ragnhild", "Sølve", "Torbjørg", "Ulrik", "Vårin", "Åsmund"),
    ),
    "US": (
        *("Avery", "Blake", "Casey", "Drew", "Emerson", "Finley", "Gray", "Harper", "Indigo", "Jordan"),
        *("Kendall", "Lennon", "Marlow", "Noa", "Oakley", "Parker", "Quinn", "Rowan", "Sawyer", "Tatum"),
    ),
}
_LAST = {
    "NO": (
        *("Askelund", "Bjørkenes", "Dalsrud", "Elvestad", "Fjellvik", "Grønneberg", "Havnås", "Isdal"),
        *(
            "Kvernmo",
            "Lyngstad",
            "Myrvold",
            "Nordlid",
            "Oreskaug",
            "Rødseth",
            "Skogheim",
            "Tveitås",
            "Øygard",
        ),
    ),
    "US": (
        *("Amberfield", "Brightwater", "Coldbrook", "Dunmere", "Easterling", "Fairhollow", "Greystone"),
        *(
            "Hartwick",
            "Ironwood",
            "Juniper",
            "Kestrel",
            "Lakeshore",
            "Merriweather",
            "Northgate",
            "Pinecrest",
        ),
    ),
}
_AREA_CODES = ("201", "202", "212", "303", "312", "415", "503", "617", "702", "808", "907")
_DOMAINS = ("example.com", "example.org", "example.net", "gmail.com")
_ASCII = str.maketrans("æøåÆØÅ", "aoaAOA")


class Person(NamedTuple):
    """One person, spelled as Google's formatting rules have it: no capitals or Gmail dots, E.164."""

    first: str
    last: str
    email: str
    phone: str
    region: str
    postal: str


def person(seed: int, number: int, region: str) -> Person:
    """`region` decides names, phone and address; one without names of its own borrows the American ones."""
    bits = _mixed(seed * 0x9E3779B97F4A7C15 + number)
    home = region if region in _FIRST else "US"
    firsts, lasts = _FIRST[home], _LAST[home]
    first, last = firsts[bits % len(firsts)], lasts[(bits >> 8) % len(lasts)]
    digits = bits >> 16
    email = f"{first}_{last}{number}".translate(_ASCII).lower() + "@" + _DOMAINS[digits % 4]
    return Person(first, last, email, _phone(home, digits), home, _postal(home, bits >> 40))


def _phone(region: str, digits: int) -> str:
    if region == "NO":
        return f"+47406{digits % 100_000:05d}"
    return f"+1{_AREA_CODES[digits % 11]}555{digits // 11 % 10_000:04d}"


def _postal(region: str, digits: int) -> str:
    return f"{digits % 9_000 + 1_000}" if region == "NO" else f"{digits % 90_000 + 10_000}"


def _mixed(number: int) -> int:
    """64 well mixed bits (the finaliser of splitmix64): neighbours in number are strangers in all else."""
    number &= _MASK
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
    return number ^ number >> 31
