"""How people get written down: each field in one of the ways in which real exports hold it, some useless.

The writer of a field knows what the field means, so a row carries its own truth, `identifiers`: it is never
found out by reading the row back.
"""

from functools import cache
from hashlib import sha256
from random import Random
from typing import NamedTuple

from services.console.demo.people import Person

COLUMNS = ("email", "phone", "first_name", "last_name", "country", "postal_code", "customer_no", "street")
"""The last two are no identifiers: the chunker passes over them."""

# How many of 64 are written in which way; what is left over is written plainly.
_EMAIL_WAYS = ("missing",) * 10 + ("broken",) * 2 + ("hashed",) * 4 + ("loud",) * 9 + ("dotted",) * 12
_PHONE_WAYS = ("missing",) * 16 + ("broken",) * 3 + ("hashed",) * 4 + ("national",) * 16 + ("spaced",) * 8
_ADDRESS_WAYS = ("missing",) * 20 + ("partial",) * 6 + ("loud",) * 8
_STREETS = (
    "Storgata 7",
    "55 Quay Road",
    "Skolebakken 31 B",
    "12 Mill Lane, rear building",
    "Fjellveien 3, 2. etg.\nring twice",
    'The "Old" Pier, 4',
    "Nørre Allé 81, st. tv.",
)


class Row(NamedTuple):
    """The fields in the order of COLUMNS, and the identifiers that it holds: without any it is no record."""

    fields: tuple[str, ...]
    identifiers: tuple[str, ...]


class Written(NamedTuple):
    """A field, or the four of an address, with the identifier that it holds, "" for none."""

    fields: tuple[str, ...]
    identifier: str


def messy(person: Person, random: Random) -> Row:
    bits = random.getrandbits(32)
    email = _email(person.email, _way(_EMAIL_WAYS, bits), bits)
    phone = _phone(person.phone, _way(_PHONE_WAYS, bits >> 6))
    address = _address(person, _way(_ADDRESS_WAYS, bits >> 12))
    return _row(email, phone, address, bits)


def tidy(person: Person, random: Random) -> Row:
    """A row that is never rejected, for when a file holds as many bad rows as it may."""
    bits = random.getrandbits(32)
    return _row(_email(person.email, "plain", bits), Written(("",), ""), Written(("",) * 4, ""), bits)


def digest(identifiers: tuple[str, ...]) -> bytes:
    """The name of a member in the local cloud: the first 8 bytes of SHA-256 over the sorted identifiers."""
    return sha256("\n".join(sorted(identifiers)).encode()).digest()[:8]


def _row(email: Written, phone: Written, address: Written, bits: int) -> Row:
    extras = (f"C-{bits >> 24:03d}", _STREETS[(bits >> 18) % len(_STREETS)])
    identifiers = tuple(each.identifier for each in (email, phone, address) if each.identifier)
    return Row(email.fields + phone.fields + address.fields + extras, identifiers)


def _way(ways: tuple[str, ...], bits: int) -> str:
    return ways[bits & 63] if bits & 63 < len(ways) else "plain"


def _email(email: str, way: str, bits: int) -> Written:
    if way in ("missing", "broken"):
        return Written(("" if way == "missing" else email.replace("@", " at "),), "")
    hashed = _sha(email)
    return Written((_spelled(email, hashed, way, bits),), f"email:{hashed}")


def _spelled(email: str, hashed: str, way: str, bits: int) -> str:
    local, _, domain = email.partition("@")
    match way:
        case "hashed":
            return hashed.upper() if bits >> 31 else hashed
        case "loud":
            return email.upper()
        case "dotted" if domain == "gmail.com":
            return f"{local[:2]}.{local[2:5]}.{local[5:]}+offers@GMail.com"
        case "dotted":
            return f"  {email} "
        case _:
            return email


def _phone(phone: str, way: str) -> Written:
    if way in ("missing", "broken"):
        return Written(("" if way == "missing" else phone[:5],), "")
    hashed = _sha(phone)
    return Written((_dialled(phone, hashed, way),), f"phone:{hashed}")


def _dialled(phone: str, hashed: str, way: str) -> str:
    """National notation leaves the country to the account's default region."""
    notations = _norwegian(phone[3:]) if phone.startswith("+47") else _american(phone[2:])
    match way:
        case "hashed":
            return hashed
        case "national":
            return notations[0]
        case "spaced":
            return notations[1]
        case _:
            return phone


def _norwegian(digits: str) -> tuple[str, str]:
    return f"{digits[:3]} {digits[3:5]} {digits[5:]}", f"0047 {digits}"


def _american(digits: str) -> tuple[str, str]:
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", f"1-{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def _address(person: Person, way: str) -> Written:
    first, last, country, postal = person.first, person.last, person.region, person.postal
    if way in ("missing", "partial"):
        return Written((first, "", country, postal) if way == "partial" else ("", "", "", ""), "")
    identifier = f"address:{_name(first)}:{_name(last)}:{country}:{postal}"
    if way == "loud":
        return Written((first.upper(), f" {last.upper()} ", country.lower(), postal), identifier)
    return Written((first, last, country, postal), identifier)


@cache
def _name(name: str) -> str:
    """There are few names and many people."""
    return _sha(name.lower())


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()
