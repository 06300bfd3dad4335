"""One part while it is being filled: its frames, the line of each operation, the report of what was left out.

It does not decide what is good; it is told. The file that comes out is shared.wire.part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.chunker.codes import RowCode, SkipCode
from services.chunker.person import Fault
from services.chunker.rejects import Report
from shared.wire import google_ads, part


class Place(NamedTuple):
    """A line, counted from 1, of a file of the segment, counted from 1."""

    source: int
    line: int


@dataclass(frozen=True)
class CutPart:
    """A stretch of a segment's rows, from `first` to `last`: `records` that are sent, in order, the others `rejected` or `skipped`.

    `number` counts from 1. `body` is the part file (shared.wire.part). A part without records has nothing to
    send and carries the report alone: the single part of a segment, or one of very many bad rows. `rejects_csv` is b"" when
    there is nothing to report (services.chunker.rejects); `unlisted` counts the faults that it had no room
    for.
    """

    number: int
    body: bytes
    records: int
    identifiers: int
    frames: int
    first: Place
    last: Place
    rejected: int
    skipped: int
    fields_dropped: int
    rejects_csv: bytes
    unlisted: int

    @property
    def operations(self) -> int:
        """What the part counts for in its job: on Google Ads, a person is an operation."""
        return self.records


@dataclass
class _OpenFrame:
    first_record: int
    body: bytearray = field(default_factory=bytearray)
    records: int = 0
    identifiers: int = 0


class OpenPart:
    """Rows go in one by one, in order, by `accept` or `reject`; `close` gives the part and ends its use."""

    def __init__(self, number: int, action: google_ads.Action, frame_identifiers: int) -> None:
        self.report = Report()
        self.forms = 0
        self._number = number
        self._action = action
        self._frame_identifiers = frame_identifiers
        self._frames = [_OpenFrame(0)]
        self._lines: list[int] = []
        self._sources: list[part.Source] = []
        self._first: Place | None = None
        self._last: Place | None = None

    @property
    def records(self) -> int:
        return len(self._lines)

    @property
    def rows(self) -> int:
        return len(self._lines) + self.report.rejected + self.report.skipped

    def accept(self, place: Place, identifiers: Sequence[bytes], faults: Sequence[Fault]) -> None:
        """A good row: one operation. `identifiers` are elements of UserData.user_identifiers."""
        self._reach(place)
        if faults:
            self.report.drop(place.source, place.line, faults)
        frame = self._frame_for(len(identifiers))
        frame.body += google_ads.operation(self._action, identifiers)
        frame.records += 1
        frame.identifiers += len(identifiers)
        if not self._sources or self._sources[-1].source != place.source:
            self._sources.append(part.Source(place.source, len(self._lines)))
        self._lines.append(place.line)

    def reject(self, place: Place, code: RowCode, faults: Sequence[Fault] = ()) -> None:
        """A row that is not sent, and its bad fields where they were looked at."""
        self._reach(place)
        self.report.drop(place.source, place.line, faults)
        self.report.reject(place.source, place.line, code)

    def skip(self, place: Place, code: SkipCode) -> None:
        """A good row that is not sent on purpose."""
        self._reach(place)
        self.report.skip(place.source, place.line, code)

    def close(self) -> CutPart:
        """The part, of at least one row."""
        if self._first is None or self._last is None:
            raise ValueError("a part is closed after it has a row")
        frames = tuple(
            part.Frame(frame.body, frame.records, frame.identifiers, frame.first_record)
            for frame in self._frames
            if frame.records
        )
        return CutPart(
            number=self._number,
            body=part.encode(part.Part(frames, tuple(self._lines), tuple(self._sources))),
            records=len(self._lines),
            identifiers=sum(frame.identifiers for frame in frames),
            frames=len(frames),
            first=self._first,
            last=self._last,
            rejected=self.report.rejected,
            skipped=self.report.skipped,
            fields_dropped=self.report.fields_dropped,
            rejects_csv=self.report.text(),
            unlisted=self.report.unlisted,
        )

    def _reach(self, place: Place) -> None:
        if self._first is None:
            self._first = place
        self._last = place

    def _frame_for(self, identifiers: int) -> _OpenFrame:
        frame = self._frames[-1]
        if frame.identifiers + identifiers <= self._frame_identifiers:
            return frame
        self._frames.append(_OpenFrame(len(self._lines)))
        return self._frames[-1]
