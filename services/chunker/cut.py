"""The cutter: a segment's files in, parts out, as a stream. In memory are one part and the buffers.

    bytes → lines (source) → CSV records or JSON objects → what their names mean (columns) → a row's person → operation
    (parts) → frame, part

It does no I/O of its own and keeps no clock: the same files and settings give the same bytes, in whatever pieces
the files come, and whether it is done at once or goes on from a `Progress`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from services.chunker import columns, consent, formats, json_lines, person, records, source
from services.chunker.codes import ContentCode, ContentError, RowCode, SkipCode
from services.chunker.columns import UploadKeyType
from services.chunker.consent import Consent
from services.chunker.formats import Csv, Opening
from services.chunker.parts import CutPart, OpenPart, Place
from services.chunker.records import RECORD_BYTES_MAX, Record, Start
from services.chunker.seen import Seen
from services.chunker.source import Open
from shared.wire import google_ads

Mode = Literal["append", "remove"]

_ACTIONS: dict[Mode, google_ads.Action] = {"append": "create", "remove": "remove"}

IGNORED_MAX, IGNORED_LENGTH_MAX = 1_000, 100
"""Names that are not understood are written down up to so many, and up to so many characters of each."""

_SHAPES = 64
"""Sets of keys whose meaning is remembered: the objects of a file mostly have one."""

ROWS_PER_RECORD_MAX = 20
"""A part has at most this many rows for each record that fits in it: a file of bad rows alone gets on, too."""


@dataclass(frozen=True)
class CutSettings:
    """What decides the bytes of the parts, beside the files.

    `default_region` is where phone numbers without a country code are at home if the row does not say (alpha-2
    in upper case, "" for nowhere). `delimiter` separates cells, "" for what the header says. Both consents are
    what the account says of all its people; who is removed is not asked. `deduplicate`: who was there before is
    skipped. `part_records`, `frame_identifiers`, `max_record_bytes` are upper bounds.
    """

    mode: Mode
    upload_key_type: UploadKeyType
    default_region: str = ""
    part_records: int = 50_000
    frame_identifiers: int = google_ads.IDENTIFIERS_PER_REQUEST_RECOMMENDED
    max_record_bytes: int = RECORD_BYTES_MAX
    delimiter: str = ""
    ad_user_data: Consent = "UNSPECIFIED"
    ad_personalization: Consent = "UNSPECIFIED"
    deduplicate: bool = False

    def __post_init__(self) -> None:
        _check_range("part_records", self.part_records, 1, google_ads.OPERATIONS_PER_JOB_RECOMMENDED)
        _check_range("max_record_bytes", self.max_record_bytes, 1, RECORD_BYTES_MAX)
        # All identifiers of one person must fit into one request.
        low, high = google_ads.IDENTIFIERS_PER_USER_DATA_MAX, google_ads.IDENTIFIERS_PER_REQUEST_MAX
        _check_range("frame_identifiers", self.frame_identifiers, low, high)

    @property
    def part_rows(self) -> int:
        return self.part_records * ROWS_PER_RECORD_MAX


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; it must be from {low} to {high}")


@dataclass(frozen=True)
class Totals:
    """Of all rows so far: received = good + rejected + skipped. `parts` are those that have been given out.

    `reasons` counts rejected and skipped rows and dropped fields by code. `columns` maps what was understood to the
    header's own name for it; `ignored` are the other names. Where the files' headers differ, each adds what is new.
    `forms` is in which form values came (services.chunker.forms).
    """

    sources: int
    parts: int
    received: int
    good: int
    rejected: int
    fields_dropped: int
    reasons: Mapping[str, int]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    skipped: int = 0
    forms: int = 0


NOTHING = Totals(0, 0, 0, 0, 0, 0, {}, {}, ())


class Shape(NamedTuple):
    """What names mean for the cells under them. `ask` is None where nobody's consent is told."""

    width: int
    read: person.Reader
    ask: consent.Asker | None


@dataclass(frozen=True)
class Progress:
    """Parts that are closed, by their `totals`, and where the next one starts: at `start` in file `source`, counted from 1."""

    source: int
    start: Start
    totals: Totals


class Cutter:
    """Cuts the files of one segment: `feed` each, in order, then `finish`. `totals` are up to date at any time.

    A part ends where the next good row would be one too many, or the next row one too many for its rows. So a
    rejected row is mostly in the part of the good row before it, or in the first part, and every row is in
    exactly one part, as a record or as a reject. Parts go on from file to file; each file has a header of its
    own. Files without header or without rows are no fault as long as one file has a row.

    To go on from a Progress, `resume` its file instead, then feed those behind it. Whoever deduplicates cannot go
    on: who was there before is not written down.
    """

    def __init__(self, settings: CutSettings, since: Progress | None = None) -> None:
        self._settings = settings
        self._since = since
        self._next = since
        self._behind = since.totals if since else NOTHING
        self._sources = since.source - 1 if since else 0
        self._columns = dict(self._behind.columns)
        self._ignored = dict.fromkeys(self._behind.ignored)
        self._seen = Seen() if settings.deduplicate else None
        self._part = self._new_part()

    def feed(self, chunks: Iterable[bytes]) -> Iterator[CutPart]:
        """The parts that one more file completes, given in pieces of any size.

        Raises ContentError: the segment cannot be cut.
        """
        self._sources += 1
        opening = formats.opening(source.lines(chunks, self._settings.max_record_bytes))
        return self._cut(opening) if opening else iter(())

    def resume(self, open_at: Open) -> Iterator[CutPart]:
        """The parts that the rest of the file completes in which the last one ended. Its beginning is read again."""
        if self._since is None:
            raise ValueError("a cutter goes on from a Progress")
        self._sources += 1
        opening = formats.opening(source.lines(open_at(0), self._settings.max_record_bytes))
        if opening is None:
            raise ValueError("it is another file than the one in which the last part ended")
        start = self._since.start
        lines = source.lines_from(open_at, start.byte, self._settings.max_record_bytes)
        return self._cut(opening, Opening(b"", start, lines))

    def finish(self) -> Iterator[CutPart]:
        """The last part. Raises ContentError if no file had a row (HEADER_ONLY) or even a header (EMPTY_FILE), or no object a key
        that can name somebody (NO_USABLE_COLUMN)."""
        if (self._part.rows or self._behind.parts) and self._columns.keys() <= columns.NOBODY:
            raise ContentError(ContentCode.NO_USABLE_COLUMN)
        if self._part.rows:
            yield self._close()
        elif not self._columns:
            raise ContentError(ContentCode.EMPTY_FILE)
        elif not self._behind.parts:
            raise ContentError(ContentCode.HEADER_ONLY)

    @property
    def totals(self) -> Totals:
        return _plus(self._named(self._behind), self._part)

    @property
    def progress(self) -> Progress | None:
        """None before the first part is closed."""
        return replace(self._next, totals=self._named(self._behind)) if self._next else None

    def _named(self, totals: Totals) -> Totals:
        return replace(
            totals, sources=self._sources, columns=dict(self._columns), ignored=tuple(self._ignored)
        )

    def _cut(self, opening: Opening, rest: Opening | None = None) -> Iterator[CutPart]:
        """`rest`: where to go on, if that is not behind the header."""
        form = formats.format_of(opening.first, self._settings.delimiter)
        if isinstance(form, Csv):
            return self._cut_records(form.delimiter, opening, rest)
        return self._cut_objects(rest or opening)

    def _cut_records(self, delimiter: str, opening: Opening, rest: Opening | None) -> Iterator[CutPart]:
        limit = self._settings.max_record_bytes
        rows = records.records(opening.lines, limit, opening.start, delimiter)
        shape = self._shape_of_header(next(rows))
        if rest:
            rows = records.records(rest.lines, limit, rest.start, delimiter)
        for row in rows:
            closed = self._take(row, shape)
            if closed is not None:
                yield closed

    def _cut_objects(self, opening: Opening) -> Iterator[CutPart]:
        shape_of = lru_cache(_SHAPES)(self._shape_of_keys)
        for keys, row in json_lines.objects(opening.lines, self._settings.max_record_bytes, opening.start):
            shape = shape_of(keys)
            closed = self._take(row, shape) if shape else self._take(_unfit(row), _NO_SHAPE)
            if closed is not None:
                yield closed

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

    def _understand(self, names: Sequence[str], line: int = 0, *, repeats: bool = False) -> columns.Columns:
        asks = self._settings.mode == "append"
        key_type = self._settings.upload_key_type
        return columns.understand(names, key_type, line, asks_consent=asks, repeats=repeats)

    def _shape(self, understood: columns.Columns) -> Shape:
        """And writes down which names there are."""
        self._columns = {**understood.names, **self._columns}
        room = IGNORED_MAX - len(self._ignored)
        new = [name[:IGNORED_LENGTH_MAX] for name in understood.ignored]
        self._ignored.update(dict.fromkeys([name for name in new if name not in self._ignored][:room]))
        how = self._settings
        return Shape(
            understood.width,
            person.reader(understood, how.upload_key_type, how.default_region),
            consent.asker(understood, how.ad_user_data, how.ad_personalization),
        )

    def _take(self, row: Record, shape: Shape) -> CutPart | None:
        """Puts a row where it belongs. Gives the part before it, if this row begins the next."""
        place = Place(self._sources, row.line)
        closed = self._close(row) if self._part.rows == self._settings.part_rows else None
        fault = row.fault or _misfit(len(row.cells), shape.width) or (shape.ask and shape.ask(row.cells))
        if fault:
            self._leave_out(place, fault)
            return closed
        identifiers, faults, forms = shape.read(row.cells)
        if not identifiers:
            self._part.reject(place, RowCode.NO_IDENTIFIER, faults)
            return closed
        if self._seen and not self._seen.add(identifiers):
            self._part.skip(place, SkipCode.DUPLICATE)
            return closed
        if self._part.records == self._settings.part_records:
            closed = self._close(row)
        self._part.accept(place, identifiers, faults)
        self._part.forms |= forms
        return closed

    def _leave_out(self, place: Place, code: RowCode | SkipCode) -> None:
        if isinstance(code, SkipCode):
            self._part.skip(place, code)
        else:
            self._part.reject(place, code)

    def _close(self, following: Record | None = None) -> CutPart:
        closed = self._part.close()
        self._behind = replace(_plus(self._behind, self._part), parts=closed.number)
        self._part = self._new_part()
        if following:
            self._next = Progress(self._sources, Start(following.line, following.byte), NOTHING)
        return closed

    def _new_part(self) -> OpenPart:
        number = self._behind.parts + 1
        return OpenPart(number, _ACTIONS[self._settings.mode], self._settings.frame_identifiers)


def _plus(totals: Totals, part: OpenPart) -> Totals:
    report = part.report
    reasons = Counter[str](totals.reasons) + Counter[str](report.reasons)
    return replace(
        totals,
        received=totals.received + part.rows,
        good=totals.good + part.records,
        rejected=totals.rejected + report.rejected,
        skipped=totals.skipped + report.skipped,
        fields_dropped=totals.fields_dropped + report.fields_dropped,
        forms=totals.forms | part.forms,
        reasons={str(code): count for code, count in sorted(reasons.items())},
    )


_NO_SHAPE = Shape(0, lambda _: person.Person([], []), None)


def _unfit(row: Record) -> Record:
    return row._replace(fault=RowCode.MALFORMED_JSON)


def _misfit(cells: int, width: int) -> RowCode | None:
    if cells == width:
        return None
    return RowCode.ROW_TOO_SHORT if cells < width else RowCode.ROW_TOO_LONG
