"""Events on `completions`: flat, without nulls (absent is "" or 0), fit for Avro-JSON and for BigQuery columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

EventType = Literal[
    "segment.received",
    "segment.chunked",
    "segment.completed",
    "segment.partial",
    "segment.failed",
    "segment.rejected",
    "segment.superseded",
    "segment.cancelled",
    "part.completed",
    "part.failed",
    "account.paused",
    "account.resumed",
]
OUTCOMES: frozenset[str] = frozenset(
    f"segment.{word}" for word in ("completed", "partial", "failed", "rejected", "superseded", "cancelled")
)


@dataclass(frozen=True)
class Counts:
    """Records; received = accepted + rejected + skipped + failed, always."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    failed: int = 0

    def __post_init__(self) -> None:
        if self.received != self.accepted + self.rejected + self.skipped + self.failed:
            raise ValueError(f"counts do not add up: {self}")


@dataclass(frozen=True)
class Event:
    """Consumers drop repeats by `event_id`: one id always carries the same bytes.
    Part events hold intake numbers, outcomes the final ones.

    `list_size_before`, when the first stage's job was opened, and `list_size_after`, when the last stage's had ended, are Google's
    estimates of the audience's people in Search (`user_list.size_for_search`), 0 where unknown. Google rounds them and lags behind:
    the second seldom holds what this run has added."""

    event_id: str
    type: EventType
    occurred_at: datetime
    segment: str
    run: int
    account: str = ""
    destination: str = ""
    audience: str = ""
    mode: str = ""
    source: str = ""
    stage: int = 0
    part: int = 0
    parts: int = 0
    records_received: int = 0
    records_accepted: int = 0
    records_rejected: int = 0
    records_skipped: int = 0
    records_failed: int = 0
    fields_dropped: int = 0
    attempt: int = 0
    job: str = ""
    match_rate: str = ""
    list_size_before: int = 0
    list_size_after: int = 0
    duration_seconds: int = 0
    reason_code: str = ""
    reason: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    trace_id: str = ""
    schema_version: Literal[1] = 1


def attributes(event: Event) -> dict[str, str]:
    """What subscribers can filter by."""
    return {
        "type": event.type,
        "account": event.account,
        "segment": event.segment,
        "run": str(event.run),
        "destination": event.destination,
    }
