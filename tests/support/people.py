"""Invented people, as a segment's file and as the destination knows them."""

from collections.abc import Iterable
from hashlib import sha256


def email(number: int) -> str:
    return f"person{number}@example.com"


def csv_of(numbers: Iterable[int]) -> bytes:
    """A file with one column, a person a line."""
    return "\n".join(["email", *map(email, numbers), ""]).encode()


def members(numbers: Iterable[int]) -> set[int]:
    """The digests of these people in an audience, by the destination's own rule."""
    return {_member(email(number)) for number in numbers}


def _member(address: str) -> int:
    identifier = f"email:{sha256(address.encode()).hexdigest()}"
    return int.from_bytes(sha256(identifier.encode()).digest()[:8], "big")
