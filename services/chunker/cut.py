"""The cutter: a segment's files in, parts out, as a stream. In memory are one part and the buffers.

    bytes → lines (source) → records → the header's columns → a row's person → operation (parts) → frame, part

It does no I/O of its own and keeps no clock: the same files and settings give the same bytes, in whatever pieces
the files come.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.chunker import columns, person, records, source
from services.chunker.codes import ContentCode, ContentError, RowCode
from services.chunker.columns import Columns, UploadKeyType
from services.chunker.parts import CutPart, OpenPart, Place
from services.chunker.records import RECORD_BYTES_MAX, Record
from shared.wire import google_ads

Mode = Literal["append", "remove"]

_ACTIONS: dict[Mode, google_ads.Action] = {"append": "create", "remove": "remove"}


@dataclass(frozen=True)
class CutSettings:
    """What decides the bytes of the parts, beside the files.

    `default_region` is where phone numbers without a country code are at home if the row does not say (alpha-2
    in upper case, "" for nowhere). `part_records`, `frame_identifiers`, `max_record_bytes` are upper bounds.
    """

    mode: Mode
    upload_key_type: UploadKeyType
    default_region: str = ""
    part_records: int = 50_000
    frame_identifiers: int = google_ads.IDENTIFIERS_PER_REQUEST_RECOMMENDED
    max_record_bytes: int = RECORD_BYTES_MAX

    def __post_init__(self) -> None:
        _check_range("part_records", self.part_records, 1, google_ads.OPERATIONS_PER_JOB_RECOMMENDED)
        _check_range("max_record_bytes", self.max_record_bytes, 1, RECORD_BYTES_MAX)
        # All identifiers of one person must fit into one request.
        low, high = google_ads.IDENTIFIERS_PER_USER_DATA_MAX, google_ads.IDENTIFIERS_PER_REQUEST_MAX
        _check_range("frame_identifiers", self.frame_identifiers, low, high)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; it must be from {low} to {high}")


@dataclass(frozen=True)
class Totals:
    """Of all rows so far: received = good + rejected. `parts` are those that have been given out.

    `reasons` counts rejected rows and dropped fields by code. `columns` maps what was understood to the header's
    own name for it; `ignored` are the other names. Where the files' headers differ, each adds what is new.
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


class Cutter:
    """Cuts the files of one segment: `feed` each, in order, then `finish`. `totals` are up to date at any time.

    A part ends where the next good row would be one too many. So a rejected row is in the part of the good
    row before it, or in the first part, and every row is in exactly one part, as a record or as a reject.
    Parts go on from file to file; each file has a header of its own. Files without header or without rows are
    no fault as long as one file has a row.
    """

    def __init__(self, settings: CutSettings) -> None:
        self._settings = settings
        self._part = self._new_part(1)
        self._parts = 0
        self._sources = 0
        self._good = 0
        self._rejected = 0
        self._fields_dropped = 0
        self._reasons = Counter[str]()
        self._columns: dict[str, str] = {}
        self._ignored: dict[str, None] = {}

    def feed(self, chunks: Iterable[bytes]) -> Iterator[CutPart]:
        """The parts that one more file completes, given in pieces of any size.

        Raises ContentError: the segment cannot be cut.
        """
        self._sources += 1
        limit = self._settings.max_record_bytes
        rows = records.records(source.lines(chunks, limit), limit)
        header = next(rows, None)
        if header is None:
            return
        understood = self._understand(header)
        read = person.reader(understood, self._settings.upload_key_type, self._settings.default_region)
        for row in rows:
            closed = self._take(row, understood.width, read)
            if closed is not None:
                yield closed

    def finish(self) -> Iterator[CutPart]:
        """The last part. Raises ContentError if no file had a row (HEADER_ONLY) or even a header (EMPTY_FILE)."""
        if self._part.rows:
            yield self._close()
        elif not self._columns:
            raise ContentError(ContentCode.EMPTY_FILE)
        elif not self._parts:
            raise ContentError(ContentCode.HEADER_ONLY)

    @property
    def totals(self) -> Totals:
        report = self._part.report
        good, rejected = self._good + self._part.records, self._rejected + report.rejected
        reasons = self._reasons + report.reasons
        return Totals(
            sources=self._sources,
            parts=self._parts,
            received=good + rejected,
            good=good,
            rejected=rejected,
            fields_dropped=self._fields_dropped + report.fields_dropped,
            reasons={str(code): count for code, count in sorted(reasons.items())},
            columns=dict(self._columns),
            ignored=tuple(self._ignored),
        )

    def _understand(self, header: Record) -> Columns:
        if header.fault is not None:
            raise ContentError(ContentCode.MALFORMED_HEADER, header.line)
        understood = columns.understand(header.cells, self._settings.upload_key_type, header.line)
        self._columns = {**understood.names, **self._columns}
        self._ignored.update(dict.fromkeys(understood.ignored))
        return understood

    def _take(self, row: Record, width: int, read: person.Reader) -> CutPart | None:
        """Puts a row where it belongs. Gives the part before it, if this row begins the next."""
        place = Place(self._sources, row.line)
        fault = row.fault or _misfit(len(row.cells), width)
        if fault:
            self._part.reject(place, fault)
            return None
        identifiers, faults = read(row.cells)
        if not identifiers:
            self._part.reject(place, RowCode.NO_IDENTIFIER, faults)
            return None
        closed = self._close() if self._part.records == self._settings.part_records else None
        self._part.accept(place, identifiers, faults)
        return closed

    def _close(self) -> CutPart:
        closed = self._part.close()
        self._parts += 1
        self._good += closed.records
        self._rejected += closed.rejected
        self._fields_dropped += closed.fields_dropped
        self._reasons.update(self._part.report.reasons)
        self._part = self._new_part(self._parts + 1)
        return closed

    def _new_part(self, number: int) -> OpenPart:
        return OpenPart(number, _ACTIONS[self._settings.mode], self._settings.frame_identifiers)


def _misfit(cells: int, width: int) -> RowCode | None:
    if cells == width:
        return None
    return RowCode.ROW_TOO_SHORT if cells < width else RowCode.ROW_TOO_LONG
