"""What somebody who watches sees: open runs with how far they are, what each account is doing, what went wrong. Pure.

The ledger says where each run stands, events tell what happens in between: a board is made of both.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.console.narrate import event_words
from services.console.segments.rows import Row
from shared.model.events import OUTCOMES, Event

_LATELY = timedelta(minutes=10)
_BAD = ("part.failed", "account.paused", "account.resumed")
"""What is no end of a run, and should be seen."""
_SHOWN_ENDED = 8
_SHOWN_TROUBLE = 6


@dataclass(frozen=True)
class Note:
    at: datetime
    type: str
    place: str
    words: str


@dataclass(frozen=True)
class Activity:
    """One account: the runs of it that are being sent, how many wait, and whether it rests."""

    account: str
    sending: tuple[str, ...]
    waiting: int
    resting: str

    @property
    def words(self) -> str:
        if self.resting:
            return f"rests: {self.resting}"
        told = ", ".join(self.sending) or "idle"
        return f"{told}; {self.waiting} waiting" if self.waiting else told


@dataclass(frozen=True)
class Board:
    """`rows` are the runs that are open, `ended` those that have come to an end while somebody watched, newest last. `sent`: records that
    parts took, with when. `rejected` since the beginning."""

    rows: tuple[Row, ...] = ()
    ended: tuple[Note, ...] = ()
    troubles: tuple[Note, ...] = ()
    sent: tuple[tuple[datetime, int], ...] = ()
    rejected: int = 0
    events: int = 0

    def heard(self, event: Event) -> "Board":
        note = Note(event.occurred_at, event.type, event.segment or event.account, event_words(event))
        board = replace(self, events=self.events + 1)
        if event.type in OUTCOMES:
            board = replace(board, ended=(*board.ended, note)[-_SHOWN_ENDED:])
        if event.type in _BAD:
            board = replace(board, troubles=(*board.troubles, note)[-_SHOWN_TROUBLE:])
        if event.type == "part.completed":
            board = replace(board, sent=(*board.sent, (event.occurred_at, event.records_accepted)))
        if event.type == "segment.chunked":
            board = replace(board, rejected=board.rejected + event.records_rejected)
        return board

    def looked(self, rows: Iterable[Row], now: datetime) -> "Board":
        """At the ledger."""
        sent = tuple((at, records) for at, records in self.sent if now - at <= _LATELY)
        return replace(self, rows=tuple(sorted(rows, key=_place)), sent=sent)

    def throughput(self, now: datetime) -> float:
        """Records a minute that parts took in the last ten, or since the first of them."""
        lately = [(at, records) for at, records in self.sent if now - at <= _LATELY]
        if not lately:
            return 0.0
        minutes = max((now - min(at for at, _ in lately)).total_seconds() / 60, 1.0)
        return sum(records for _, records in lately) / minutes

    @property
    def accounts(self) -> tuple[Activity, ...]:
        found: dict[str, _Tally] = {}
        for row in self.rows:
            found.setdefault(row.account, _Tally()).add(row)
        return tuple(tally.activity(account) for account, tally in sorted(found.items()))


@dataclass
class _Tally:
    sending: list[str] = field(default_factory=list)
    waiting: int = 0
    resting: str = ""

    def add(self, row: Row) -> None:
        state = row.standing.state
        if state == "paused":
            self.resting = row.standing.cause
        elif state in ("sending", "following", "stuck", "closing"):
            self.sending.append(f"{state} {row.audience}")
        else:
            self.waiting += 1

    def activity(self, account: str) -> Activity:
        return Activity(account, tuple(self.sending), self.waiting, self.resting)


def _place(row: Row) -> tuple[str, str, datetime]:
    return row.account, row.audience, row.at
