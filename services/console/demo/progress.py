"""How far each segment and each account is, told from the events and from what the local cloud recorded. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.demo.pauses import Pause
from services.console.demo.segments import Segment
from shared.model.events import OUTCOMES, Event

_ACTIVITIES = {
    "CreateOfflineUserDataJob": "creating a job",
    "AddOfflineUserDataJobOperations": "adding people",
    "RunOfflineUserDataJob": "starting a job",
}


@dataclass(frozen=True)
class SegmentProgress:
    """`parts` is an estimate until the segment is chunked. `stored` parts are cut, `done` ones are uploaded."""

    segment: Segment
    state: str
    parts: int
    stored: int
    done: int
    rejected: int


@dataclass(frozen=True)
class AccountProgress:
    """What one account is doing, and what it has done so far. `paused`: why it rests, with the cure; "" for one that works."""

    account: str
    activity: str
    requests: int
    busy_ratio: float
    max_in_flight: int
    paused: str = ""


def segment_progress(
    segment: Segment, events: Sequence[Event], landed: bool, part_records: int, stored: Mapping[str, int]
) -> SegmentProgress:
    """`stored` counts the part files by segment id."""
    done = sum(event.type.startswith("part.") for event in events)
    estimate = -(-segment.rows // part_records)
    last = _furthest(events)
    if last is None:
        return SegmentProgress(segment, "landed" if landed else "landing", estimate, 0, 0, 0)
    if last.type == "segment.received":
        cut = min(estimate, stored.get(last.segment, 0))
        return SegmentProgress(segment, "chunking", estimate, cut, done, 0)
    state = _state(last, done)
    return SegmentProgress(segment, state, last.parts, last.parts, done, last.records_rejected)


def _furthest(events: Iterable[Event]) -> Event | None:
    """The outcome, else segment.chunked, else segment.received: Pub/Sub keeps no order."""
    of_segment = [event for event in events if event.type.startswith("segment.")]
    return max(of_segment, key=_rank, default=None)


def _rank(event: Event) -> int:
    order = ("segment.received", "segment.chunked")
    return order.index(event.type) if event.type in order else len(order)


def _state(last: Event, done: int) -> str:
    if last.type in OUTCOMES:
        return last.type.removeprefix("segment.")
    if done == 0:
        return "queued"
    return f"uploading {done}/{last.parts}" if done < last.parts else "job running"


def account_progress(
    traffic: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], pauses: Iterable[Pause]
) -> AccountProgress:
    """`calls` are the account's requests to Google Ads in the order of their starts; `pauses` those of all accounts."""
    account = traffic["account"]
    paused = next((each.reason for each in pauses if each.account == account and each.until is None), "")
    activity = _activity(calls[-1]) if calls else "waiting for a part"
    return AccountProgress(
        account,
        "paused" if paused else activity,
        traffic["requests"],
        traffic["busy_ratio"],
        traffic["max_in_flight"],
        paused,
    )


def _activity(call: Mapping[str, Any]) -> str:
    if call["ended"] is not None:
        return "waiting"
    return _ACTIVITIES.get(call["method"], "asking for a job")


def stored_parts(calls: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many different part files were stored, by segment id, of the recorded writes into the parts bucket."""
    names = {call["resource"] for call in calls if call["status"] == "OK" and call["ended"] is not None}
    segments = [name.partition("/")[0] for name in names]
    return {segment: segments.count(segment) for segment in set(segments)}
