"""Invented people for flow tests: the rows that write them down, and the members that they must become.

Who writes a row knows what it means, so a row carries its own truth: nothing here reads one back. Person `number`
is always the same one, with names that nobody else has, so that a trace of anybody can be found in logs and events.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

COLUMNS = ("email", "phone", "first_name", "last_name", "country", "postal_code", "street")
REGION = "NO"
FIRST, LAST, PHONES = "Quillan", "Vesterskog", "+47406"
"""What everybody's names, addresses and numbers begin with."""

_LETTERS = "bcdfghjklm"
_STREETS = ("Storgata 7", "Fjellveien 3, 2. etg.\nring twice", 'The "Old" Pier, 4')


@dataclass(frozen=True)
class Row:
    """`cells` in the order of COLUMNS. `identifiers` as the local cloud writes them; without any the row must
    be rejected."""

    cells: tuple[str, ...]
    identifiers: tuple[str, ...] = ()

    @property
    def member(self) -> bytes:
        """The first 8 bytes of SHA-256 over the sorted identifiers, one a line."""
        return sha256("\n".join(sorted(self.identifiers)).encode()).digest()[:8]


@dataclass(frozen=True)
class Person:
    number: int

    @property
    def email(self) -> str:
        return f"{FIRST}.{self.number}@example.com".lower()

    @property
    def phone(self) -> str:
        return f"{PHONES}{self.number % 100_000:05d}"

    @property
    def first(self) -> str:
        return f"{FIRST}{self._spelled}"

    @property
    def last(self) -> str:
        return f"{LAST}{self._spelled}"

    @property
    def postal(self) -> str:
        return f"{1000 + self.number % 9000}"

    @property
    def identifiers(self) -> tuple[str, str, str]:
        """Email, phone, address."""
        name = f"{sha(self.first.lower())}:{sha(self.last.lower())}"
        return (
            f"email:{sha(self.email)}",
            f"phone:{sha(self.phone)}",
            f"address:{name}:{REGION}:{self.postal}",
        )

    @property
    def hashes(self) -> tuple[str, ...]:
        return tuple(map(sha, (self.email, self.phone, self.first.lower(), self.last.lower())))

    @property
    def _spelled(self) -> str:
        return "".join(_LETTERS[int(digit)] for digit in str(self.number))


class People:
    """Hands out people who are in nobody's file yet, and remembers that they are."""

    def __init__(self) -> None:
        self._next = 1

    def take(self, count: int) -> list[Person]:
        first, self._next = self._next, self._next + count
        return [Person(number) for number in range(first, self._next)]

    def known(self) -> Iterator[Person]:
        """Everybody who was handed out."""
        return map(Person, range(1, self._next))


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def written(people: Iterable[Person]) -> list[Row]:
    """Good rows, each in one of the ways in which exports write such things."""
    ways = (_plain, _loud, _hashed, _email_only, _phone_broken)
    return [ways[person.number % len(ways)](person) for person in people]


def short(people: Iterable[Person]) -> list[Row]:
    """Good rows of an email address each: cheap to write by the thousand."""
    return [_email_only(person) for person in people]


def unusable(people: Iterable[Person]) -> list[Row]:
    """Rows without a usable identifier."""
    return [
        Row((person.email.replace("@", " at "), "", "", "", "", "", _street(person))) for person in people
    ]


def members(rows: Iterable[Row]) -> set[bytes]:
    """Who must be in an audience that these rows were sent to."""
    return {row.member for row in rows if row.identifiers}


def table(rows: Iterable[Row]) -> bytes:
    """A CSV file with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells for row in rows)
    return text.getvalue().encode()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def _plain(person: Person) -> Row:
    cells = (person.email, person.phone, person.first, person.last, REGION, person.postal, _street(person))
    return Row(cells, person.identifiers)


def _loud(person: Person) -> Row:
    phone = _spaced(person.phone.removeprefix("+47"))
    names = f" {person.first.upper()}", f"{person.last.upper()} "
    cells = (f"  {person.email.upper()} ", phone, *names, REGION.lower(), person.postal, _street(person))
    return Row(cells, person.identifiers)


def _hashed(person: Person) -> Row:
    cells = (sha(person.email), sha(person.phone).upper(), "", "", "", "", _street(person))
    return Row(cells, person.identifiers[:2])


def _email_only(person: Person) -> Row:
    return Row((person.email, "", "", "", "", "", ""), person.identifiers[:1])


def _phone_broken(person: Person) -> Row:
    return Row((person.email, person.phone[:5], "", "", "", "", _street(person)), person.identifiers[:1])


def _street(person: Person) -> str:
    return _STREETS[person.number % len(_STREETS)]


def _spaced(digits: str) -> str:
    return f"{digits[:3]} {digits[3:5]} {digits[5:]}"
