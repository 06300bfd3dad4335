"""Part numbers as text, "1-20,41": an object's metadata holds 8 KiB, a run may have ten thousand parts."""

from collections.abc import Iterable, Iterator


def to_text(parts: Iterable[int]) -> str:
    return ",".join(
        f"{first}-{last}" if last > first else str(first) for first, last in _ranges(sorted(parts))
    )


def from_text(text: str) -> tuple[int, ...]:
    return tuple(number for piece in text.split(",") if piece for number in _numbers(piece))


def _numbers(piece: str) -> range:
    first, _, last = piece.partition("-")
    return range(int(first), int(last or first) + 1)


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
            yield numbers[start], numbers[end - 1]
            start = end
