"""When accounts rested, as their events tell it, and whether they kept still. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.model.events import Event


@dataclass(frozen=True)
class Pause:
    """`cause` is a reason code, `reason` its words with the cure. `until`: None for an account that still rests."""

    account: str
    cause: str
    reason: str
    since: datetime
    until: datetime | None

    @property
    def seconds(self) -> int:
        """Simulated; 0 as long as the account rests."""
        return round((self.until - self.since).total_seconds()) if self.until else 0


def pauses(events: Iterable[Event]) -> tuple[Pause, ...]:
    """In the order of their beginnings, of events in any order. A pause and its end have one id but for the verb."""
    of_accounts = {each.event_id: each for each in events if each.type.startswith("account.")}
    begun = (each for each in of_accounts.values() if each.type == "account.paused")
    return tuple(_pause(each, of_accounts.get(_end_id(each))) for each in sorted(begun, key=_moment))


def requests_within(pause: Pause, calls: Iterable[Mapping[str, Any]]) -> int:
    """How many of the account's requests to Google Ads, as the local cloud recorded them, began while it rested."""
    since, until = pause.since.timestamp(), pause.until.timestamp() if pause.until else float("inf")
    return sum(since <= call["started"] < until for call in calls)


def _pause(begun: Event, ended: Event | None) -> Pause:
    until = ended.occurred_at if ended else None
    return Pause(begun.account, begun.reason_code, begun.reason, begun.occurred_at, until)


def _end_id(begun: Event) -> str:
    return f"{begun.event_id.removesuffix('paused')}resumed"


def _moment(event: Event) -> datetime:
    return event.occurred_at
