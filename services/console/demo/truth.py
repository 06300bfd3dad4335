"""What the audiences must hold in the end, as the generator knows it, and how they are compared with it.

Digests stay on disk, eight bytes each in no order, and are compared one slice of their values after another:
so four million people need no more memory than a few thousand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack

_BLOCK = 1 << 16
AT_ONCE = 250_000
"""Digests compared at a time: about 25 MB as Python's integers."""


@dataclass(frozen=True)
class Counted:
    """What the generator wrote: `received` rows, `rejected` of them without a usable identifier."""

    received: int
    rejected: int

    @property
    def accepted(self) -> int:
        return self.received - self.rejected

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.received + other.received, self.rejected + other.rejected)


@dataclass(frozen=True)
class Difference:
    """`members` are in the audience; `missing` should be and are not, `foreign` are and should not be."""

    members: int
    missing: int
    foreign: int


def compare(expected: Iterable[Path], actual: Path) -> Difference:
    """Both sides are files of 8-byte digests; repeats count once."""
    paths = tuple(expected)
    size = sum(path.stat().st_size for path in (*paths, actual)) // 8
    slices = 1 + size // AT_ONCE
    parts = [_compare_slice(paths, actual, part, slices) for part in range(slices)]
    return Difference(*(sum(numbers) for numbers in zip(*parts, strict=True)))


def _compare_slice(expected: tuple[Path, ...], actual: Path, part: int, slices: int) -> tuple[int, int, int]:
    wanted = {digest for path in expected for digest in _digests(path) if digest % slices == part}
    found = {digest for digest in _digests(actual) if digest % slices == part}
    return len(found), len(wanted - found), len(found - wanted)


def _digests(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            for (digest,) in iter_unpack(">Q", block):
                yield digest
