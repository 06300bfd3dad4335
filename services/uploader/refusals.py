"""Which lines of the segment's files the refused operations of a request came from. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from services.uploader.destination import Refused
from shared.model.receipt import Refusals
from shared.part_ranges import to_text
from shared.wire.part import Part


def on_lines(part: Part, first: int, refused: Iterable[Refused]) -> tuple[Refusals, ...]:
    """`first` is the record of the part, counted from 0, that was the request's first operation."""
    lines: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for one in refused:
        record = first + one.index
        lines[one.code, part.source_of(record)].append(part.lines[record])
    return tuple(
        Refusals(code, source, to_text(numbers)) for (code, source), numbers in sorted(lines.items())
    )
