"""The cutter: a segment's files in, parts out, as a stream. In memory are one part and the buffers.

    bytes → lines (source) → CSV records or JSON objects → what their names mean (columns) → a row's person → operation
    (parts) → frame, part

It does no I/O of its own and keeps no clock: the same files and settings give the same bytes, in whatever pieces
the files come, and whether it is done at once or goes on from a `Progress`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.chunker import columns, formats, person, source
from services.chunker.codes import ContentCode, ContentError, RowCode, SkipCode
from services.chunker.formats import Opening
from services.chunker.parts import CutPart, OpenPart, Place
from services.chunker.records import Record, Start
from services.chunker.rows import Judged, Rows, judge
from services.chunker.seen import Seen
from services.chunker.settings import CutSettings, Mode
from services.chunker.source import Open
from shared.wire import google_ads

_ACTIONS: dict[Mode, google_ads.Action] = {"append": "create", "remove": "remove"}


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
        self._rows = Rows(settings, self._behind.columns, self._behind.ignored)
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
        if (self._part.rows or self._behind.parts) and self._rows.columns.keys() <= columns.NOBODY:
            raise ContentError(ContentCode.NO_USABLE_COLUMN)
        if self._part.rows:
            yield self._close()
        elif not self._rows.columns:
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
            totals, sources=self._sources, columns=dict(self._rows.columns), ignored=tuple(self._rows.ignored)
        )

    def _cut(self, opening: Opening, rest: Opening | None = None) -> Iterator[CutPart]:
        for row, shape in self._rows.of(opening, rest):
            closed = self._take(row, judge(row, shape))
            if closed is not None:
                yield closed

    def _take(self, row: Record, judged: Judged) -> CutPart | None:
        """Puts a row where it belongs. Gives the part before it, if this row begins the next."""
        place = Place(self._sources, row.line)
        closed = self._close(row) if self._part.rows == self._settings.part_rows else None
        code, (identifiers, faults, forms) = judged
        if code:
            self._leave_out(place, code, faults)
            return closed
        if self._seen and not self._seen.add(identifiers):
            self._part.skip(place, SkipCode.DUPLICATE)
            return closed
        if self._part.records == self._settings.part_records:
            closed = self._close(row)
        self._part.accept(place, identifiers, faults)
        self._part.forms |= forms
        return closed

    def _leave_out(self, place: Place, code: RowCode | SkipCode, faults: Sequence[person.Fault]) -> None:
        if isinstance(code, SkipCode):
            self._part.skip(place, code)
        else:
            self._part.reject(place, code, faults)

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
