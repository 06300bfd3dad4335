"""The rows of a segment's files with what the names above them mean, and what each of them is: somebody to send, or not and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from services.chunker import columns, consent, formats, json_lines, person, records
from services.chunker.codes import ContentCode, ContentError, RowCode, SkipCode
from services.chunker.columns import Columns
from services.chunker.formats import Csv, Opening
from services.chunker.records import Record
from services.chunker.settings import CutSettings

IGNORED_MAX, IGNORED_LENGTH_MAX = 1_000, 100
"""Names that are not understood are written down up to so many, and up to so many characters of each."""

_SHAPES = 64
"""Sets of keys whose meaning is remembered: the objects of a file mostly have one."""


class Shape(NamedTuple):
    """What names mean for the cells under them. `ask` is None where nobody's consent is told."""

    columns: Columns
    width: int
    read: person.Reader
    ask: consent.Asker | None


Row = tuple[Record, Shape]


Judged = tuple[RowCode | SkipCode | None, person.Person]
"""Why the row is not sent, None where it is; and whom it names, as far as it was looked at."""


class Rows:
    """`columns` maps what was understood so far to the files' own names for it; `ignored` are the other names, in their order."""

    def __init__(
        self, settings: CutSettings, known: Mapping[str, str] | None = None, ignored: Iterable[str] = ()
    ) -> None:
        self._settings = settings
        self.columns = dict(known or {})
        self.ignored = dict.fromkeys(ignored)

    def of(self, opening: Opening, rest: Opening | None = None) -> Iterator[Row]:
        """The rows of one file; `rest` says where to go on, if not at its beginning. Raises ContentError."""
        form = formats.format_of(opening.first, self._settings.delimiter)
        if isinstance(form, Csv):
            return self._of_table(form.delimiter, opening, rest)
        return self._of_objects(rest or opening)

    def _of_table(self, delimiter: str, opening: Opening, rest: Opening | None) -> Iterator[Row]:
        limit = self._settings.max_record_bytes
        found = records.records(opening.lines, limit, opening.start, delimiter)
        shape = self._shape_of_header(next(found))
        if rest:
            found = records.records(rest.lines, limit, rest.start, delimiter)
        for record in found:
            yield record, shape

    def _of_objects(self, opening: Opening) -> Iterator[Row]:
        shape_of = lru_cache(_SHAPES)(self._shape_of_keys)
        limit = self._settings.max_record_bytes
        for keys, record in json_lines.objects(opening.lines, limit, opening.start):
            shape = shape_of(keys)
            yield (record, shape) if shape else (record._replace(fault=RowCode.MALFORMED_JSON), _NO_SHAPE)

    def _shape_of_header(self, header: Record) -> Shape:
        if header.fault is not None:
            raise ContentError(ContentCode.MALFORMED_HEADER, header.line)
        understood = self._understand(header.cells, header.line)
        if not understood.usable:
            raise ContentError(ContentCode.NO_USABLE_COLUMN, header.line)
        return self._shape(understood)

    def _shape_of_keys(self, keys: tuple[str, ...]) -> Shape | None:
        """None for keys of which two mean the same."""
        try:
            return self._shape(self._understand(keys, repeats=True))
        except ContentError:
            return None

    def _understand(self, names: Sequence[str], line: int = 0, *, repeats: bool = False) -> Columns:
        asks = self._settings.mode == "append"
        key_type = self._settings.upload_key_type
        return columns.understand(names, key_type, line, asks_consent=asks, repeats=repeats)

    def _shape(self, understood: Columns) -> Shape:
        """And remembers the names."""
        self.columns = {**understood.names, **self.columns}
        new = dict.fromkeys(name[:IGNORED_LENGTH_MAX] for name in understood.ignored)
        room = IGNORED_MAX - len(self.ignored)
        self.ignored.update(dict.fromkeys([name for name in new if name not in self.ignored][:room]))
        how = self._settings
        return Shape(
            understood,
            understood.width,
            person.reader(understood, how.upload_key_type, how.default_region),
            consent.asker(understood, how.ad_user_data, how.ad_personalization),
        )


def judge(record: Record, shape: Shape) -> Judged:
    """Consent is asked first: nobody looks at what somebody has denied. It may change the record's cells."""
    if record.fault or len(record.cells) != shape.width:
        return record.fault or _misfit(len(record.cells), shape.width), _NOBODY
    if shape.ask and (code := shape.ask(record.cells)):
        return code, _NOBODY
    found = shape.read(record.cells)
    return None if found.identifiers else RowCode.NO_IDENTIFIER, found


_NOBODY = person.Person([], [])
_NO_SHAPE = Shape(Columns(0, {}, {}, ()), 0, lambda _: _NOBODY, None)


def _misfit(cells: int, width: int) -> RowCode:
    return RowCode.ROW_TOO_SHORT if cells < width else RowCode.ROW_TOO_LONG
