"""Tables of plain text: columns as wide as they must be, the last as long as it is."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    every = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in list(zip(*every, strict=True))[:-1]]
    return [_line(row, widths) for row in every]


def moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    *fixed, last = cells
    return "  ".join([*(cell.ljust(width) for cell, width in zip(fixed, widths, strict=True)), last]).rstrip()
