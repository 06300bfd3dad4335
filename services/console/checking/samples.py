"""What would become of a file's first rows, with values that nobody can read. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from services.chunker import formats, source
from services.chunker.codes import ContentError, SkipCode
from services.chunker.records import Record
from services.chunker.rows import Rows, Shape, judge
from services.chunker.settings import CutSettings

ROWS = 5


@dataclass(frozen=True)
class Field:
    """`column` is what it means, `value` the masked one, `reason_code` why it is dropped, "" where it is sent."""

    column: str
    value: str
    reason_code: str


@dataclass(frozen=True)
class Sample:
    """`decision`: sent, rejected or skipped."""

    line: int
    decision: str
    reason_code: str
    fields: tuple[Field, ...]


def samples(chunks: Iterable[bytes], settings: CutSettings) -> tuple[Sample, ...]:
    """Of a file whose content breaks off, those before."""
    found: list[Sample] = []
    try:
        opening = formats.opening(source.lines(chunks, settings.max_record_bytes))
        for record, shape in islice(Rows(settings).of(opening) if opening else (), ROWS):
            found.append(_sample(record, shape))
    except ContentError:
        return tuple(found)
    return tuple(found)


def masked(value: str) -> str:
    """The first character and the length: enough to find it in the file, too little to tell anybody."""
    return f"{value[:1]}…({len(value)})" if value.isprintable() else f"…({len(value)})"


def _sample(record: Record, shape: Shape) -> Sample:
    cells = list(record.cells)
    code, person = judge(record, shape)
    dropped = {fault.column: str(fault.code) for fault in person.faults}
    fields = () if record.fault or len(cells) < shape.width else tuple(_fields(cells, shape, dropped))
    return Sample(record.line, _decision(code), str(code or ""), fields)


def _decision(code: object) -> str:
    if code is None:
        return "sent"
    return "skipped" if isinstance(code, SkipCode) else "rejected"


def _fields(cells: list[str], shape: Shape, dropped: dict[str, str]) -> Iterator[Field]:
    for column, places in shape.columns.places.items():
        for value in (cells[place].strip() for place in places):
            if value:
                yield Field(column, masked(value), dropped.get(column, ""))
