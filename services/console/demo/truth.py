"""What the audiences must hold in the end, as the generator knows it, and how they are compared with it.

Digests stay on disk, eight bytes each, and are compared one slice of their values after another:
so four million people need no more memory than a few thousand.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack

_BLOCK = 1 << 16
AT_ONCE = 250_000
"""Digests compared at a time: about 25 MB as Python's integers."""


@dataclass(frozen=True)
class Counted:
    """What becomes of what the generator wrote: `received` rows, `rejected` of them."""

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


def compare(expected: Iterable[Path], refused: Path, actual: Path) -> Difference:
    """All are files of 8-byte digests. In `expected` a person is as often as he was sent, in `refused` as often as that was refused: he
    belongs in the audience if he was taken once."""
    paths, left = tuple(expected), Counter(read_digests(refused))
    size = sum(path.stat().st_size for path in (*paths, actual)) // 8
    slices = 1 + size // AT_ONCE
    parts = [_compare_slice(paths, left, actual, part, slices) for part in range(slices)]
    return Difference(*(sum(numbers) for numbers in zip(*parts, strict=True)))


def read_digests(path: Path) -> Iterator[int]:
    """Unsigned numbers of 8 bytes each, the highest byte first; the lines of a generated file are written the same way."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            for (digest,) in iter_unpack(">Q", block):
                yield digest


def digest_at(path: Path, place: int) -> int:
    with path.open("rb") as file:
        file.seek(8 * place)
        return int.from_bytes(file.read(8), "big")


def _compare_slice(
    expected: tuple[Path, ...], refused: Counter[int], actual: Path, part: int, slices: int
) -> tuple[int, int, int]:
    wanted = set(_taken((each for path in expected for each in _slice(path, part, slices)), refused))
    found = set(_slice(actual, part, slices))
    return len(found), len(wanted - found), len(found - wanted)


def _slice(path: Path, part: int, slices: int) -> Iterator[int]:
    return (digest for digest in read_digests(path) if digest % slices == part)


def _taken(sent: Iterable[int], refused: Counter[int]) -> Iterator[int]:
    """Which of several equal ones was refused makes no difference to who is in the audience."""
    left = refused.copy()
    for digest in sent:
        if left[digest]:
            left[digest] -= 1
        else:
            yield digest
