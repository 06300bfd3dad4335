"""Numbers of parts or of lines as text, "1-20,41": an object's metadata holds 8 KiB, a run may have ten thousand parts."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

_NUMBER = "[1-9][0-9]{0,9}"
_PIECE = f"{_NUMBER}(?:-{_NUMBER})?"
_TEXT = re.compile(f"{_PIECE}(?:,{_PIECE})*")


def to_text(numbers: Iterable[int]) -> str:
    return _written(_ranges(sorted(numbers)))


def from_text(text: str) -> tuple[int, ...]:
    return tuple(number for numbers in _pieces(text) for number in numbers)


def is_text(text: str) -> bool:
    """Is it what `to_text` makes of numbers of at most ten digits, and of one at least? Nothing is unfolded."""
    if not _TEXT.fullmatch(text):
        return False
    ranges = list(_pieces(text))
    rising = all(ranges) and all(before.stop < after.start for before, after in pairwise(ranges))
    return rising and _written(ranges) == text


def count(text: str) -> int:
    """How many numbers a text of `to_text` holds. Nothing is unfolded."""
    return sum(map(len, _pieces(text)))


def _written(ranges: Iterable[range]) -> str:
    return ",".join(f"{each[0]}-{each[-1]}" if len(each) > 1 else str(each[0]) for each in ranges)


def _pieces(text: str) -> Iterator[range]:
    return (_numbers(piece) for piece in text.split(",") if piece)


def _numbers(piece: str) -> range:
    first, _, last = piece.partition("-")
    return range(int(first), int(last or first) + 1)


def _ranges(numbers: list[int]) -> Iterator[range]:
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
            yield range(numbers[start], numbers[end - 1] + 1)
            start = end
