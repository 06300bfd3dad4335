"""Follows the demo's segments to their outcomes, keeps the services alive, and shows what happens meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.console import memory
from services.console.demo.display import Display
from services.console.demo.journal import Journal
from services.console.demo.landing import Landing
from services.console.demo.operator import Operator
from services.console.demo.pauses import Pause, pauses
from services.console.demo.progress import (
    AccountProgress,
    SegmentProgress,
    account_progress,
    segment_progress,
    stored_parts,
)
from services.console.demo.screen import Board, Heading
from services.console.demo.segments import Segment
from services.console.deployment import Deployment
from services.console.feed import Feed
from services.console.narrate import STYLES, event_words
from services.console.processes import Supervisor
from shared.model.events import Event

_LOOK_EVERY = 0.5
_QUIET = 2.0
"""Real seconds without a further event after the last outcome: repeats would have come by now."""
_PATIENCE = 4 * 3600.0
"""Simulated seconds after which a segment without outcome counts as stuck."""


@dataclass
class Watch:
    """`elapsed` gives real seconds since the first upload. `peaks` are the largest resident sizes seen, by process."""

    deployment: Deployment
    supervisor: Supervisor
    feed: Feed
    uploads: Landing
    segments: Sequence[Segment]
    speed: float
    display: Display
    elapsed: Callable[[], float]
    operator: Operator
    journal: Journal = field(default_factory=Journal)
    peaks: dict[str, int] = field(default_factory=dict)
    _last_event: float = 0.0
    _seen: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Until every segment has its outcome and all is quiet, or patience is at its end."""
        while not self._over():
            self._listen()
            self._tend()
            rested = pauses(self.journal.of_accounts())
            self.display.draw(self._board(self._faults(), rested))
            self.operator.tend(rested, self.elapsed())

    def source(self, segment: Segment) -> str:
        """As events name it."""
        return f"gs://{self.deployment.site.landing}/{segment.source}"

    def _over(self) -> bool:
        now = self.elapsed()
        ended = all(self.journal.outcomes(self.source(segment)) for segment in self.segments)
        return (ended and now - self._last_event > _QUIET) or now * self.speed > _PATIENCE

    def _listen(self) -> None:
        for published in self.feed.take(_LOOK_EVERY):
            self._last_event = self.elapsed()
            if self.journal.add(published):
                event = published.event
                self.display.note(
                    event.type, STYLES[event.type], f"{self._title(event)}  {event_words(event)}"
                )

    def _title(self, event: Event) -> str:
        titles = (each.title for each in self.segments if self.source(each) == event.source)
        return f"{next(titles, event.segment or event.account):<13}"

    def _tend(self) -> None:
        for name in self.supervisor.tend():
            self.display.note("restarted", "yellow", name)
        for name, sizes in memory.peaks(self.supervisor.pids()).items():
            self.peaks[name] = max(self.peaks.get(name, 0), *sizes)

    def _faults(self) -> list[dict[str, Any]]:
        faults = self.deployment.control.faults()
        for fault in faults:
            if fault["seen"] > self._seen.get(fault["id"], 0):
                self.display.note("fault", "red", fault["id"])
            self._seen[fault["id"]] = fault["seen"]
        return faults

    def _board(self, faults: Sequence[Mapping[str, Any]], rested: Sequence[Pause]) -> Board:
        return Board(
            Heading(sum(segment.rows for segment in self.segments), self.speed, self.elapsed()),
            self._segments(),
            self._accounts(rested),
            (sum(fault["seen"] > 0 for fault in faults), len(faults)),
            self.display.notes,
        )

    def _segments(self) -> list[SegmentProgress]:
        site, control = self.deployment.site, self.deployment.control
        landed, part_records = self.uploads.landed(), self.deployment.topology.chunking.part_records
        stored = stored_parts(control.calls(service="storage", method="objects.insert", account=site.parts))
        return [
            segment_progress(
                each, self.journal.of(self.source(each)), each.title in landed, part_records, stored
            )
            for each in self.segments
        ]

    def _accounts(self, rested: Sequence[Pause]) -> list[AccountProgress]:
        control, accounts = self.deployment.control, {segment.account for segment in self.segments}
        return [
            account_progress(traffic, control.calls(service="google_ads", account=traffic["account"]), rested)
            for traffic in control.traffic()
            if traffic["account"] in accounts
        ]
