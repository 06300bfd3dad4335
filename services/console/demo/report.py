"""What the demo found out: the report, and everything in it that is not as it must be. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.demo.pauses import Pause
from services.console.demo.refused import Refused
from services.console.demo.segments import Segment
from services.console.demo.truth import Counted, Difference
from shared.model.events import OUTCOMES, Event


@dataclass(frozen=True)
class Delivered:
    """One segment, what was said about it, and what its generator knows of its bad rows. `refused`: how many people the receipts of its
    parts name by line."""

    segment: Segment
    events: tuple[Event, ...]
    truth: Counted
    refused: int = 0

    @property
    def wanted(self) -> Counted:
        return Counted(self.truth.received, self.truth.rejected + self.refused)

    @property
    def outcomes(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.type in OUTCOMES)


@dataclass(frozen=True)
class Findings:
    """`traffic` is the accounts' as the local Google Ads saw it, `faults` come with how often each was `seen`,
    `audiences` are compared with the generator, by account and audience, and so is whom receipts name as `refused`, with whom the local
    Google Ads garbled. `pauses` come with the requests that were made meanwhile, `contradicted` are event ids."""

    delivered: tuple[Delivered, ...]
    traffic: Sequence[Mapping[str, Any]]
    faults: Sequence[Mapping[str, Any]]
    audiences: Mapping[tuple[str, str], Difference]
    refused: Mapping[tuple[str, str], Refused]
    pauses: Sequence[tuple[Pause, int]]
    contradicted: frozenset[str]


def report(findings: Findings) -> dict[str, Any]:
    """The document build/demo/report.json. Times are simulated seconds."""
    return {
        "ok": not problems(findings),
        "faults_injected": len(findings.faults),
        "faults_seen": sum(fault["seen"] > 0 for fault in findings.faults),
        "segments": [_segment_row(each) for each in findings.delivered],
        "accounts": [_account_row(each) for each in findings.traffic],
        "pauses": [_pause_row(each) for each, _ in findings.pauses],
    }


def problems(findings: Findings) -> tuple[str, ...]:
    """In words; none: everything was delivered exactly."""
    return (
        *(problem for each in findings.delivered for problem in _of_segment(each)),
        *(problem for name, each in findings.audiences.items() for problem in _of_audience(name, each)),
        *(problem for name, each in findings.refused.items() for problem in _of_refused(name, each)),
        *(problem for each in findings.traffic for problem in _of_account(each)),
        *_of_pauses(findings),
        *(f"event {id}: came with two different bodies" for id in sorted(findings.contradicted)),
    )


def _segment_row(each: Delivered) -> dict[str, Any]:
    last = each.outcomes[-1] if each.outcomes else None
    known = last or (each.events[-1] if each.events else None)
    return {
        "segment": known.segment if known else "",
        "account": each.segment.account,
        "audience": each.segment.audience,
        "state": last.type.removeprefix("segment.") if last else "open",
        "received": last.records_received if last else 0,
        "accepted": last.records_accepted if last else 0,
        "rejected": last.records_rejected if last else 0,
        "skipped": last.records_skipped if last else 0,
        "failed": last.records_failed if last else 0,
        "refused": each.refused,
        "parts": last.parts if last else 0,
        "attempts": sum(event.attempt for event in each.events if event.type.startswith("part.")),
        "seconds": last.duration_seconds if last else 0,
    }


def _account_row(traffic: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("account", "destination", "requests", "max_in_flight", "busy_ratio")
    return {key: traffic[key] for key in keys}


def _pause_row(pause: Pause) -> dict[str, Any]:
    return {
        "account": pause.account,
        "cause": pause.cause,
        "reason": pause.reason,
        "resumed": pause.until is not None,
        "seconds": pause.seconds,
    }


def _of_segment(each: Delivered) -> Iterator[str]:
    title = f"segment {each.segment.title}"
    if len(each.outcomes) != 1:
        yield f"{title}: {len(each.outcomes)} outcomes, not 1"
        return
    outcome = each.outcomes[0]
    if outcome.type != "segment.completed":
        yield f"{title}: {outcome.type}, not segment.completed. {outcome.reason}".rstrip(". ")
    found = (outcome.records_received, outcome.records_accepted, outcome.records_rejected)
    wanted = (each.wanted.received, each.wanted.accepted, each.wanted.rejected)
    for name, is_, should in zip(("received", "accepted", "rejected"), found, wanted, strict=True):
        if is_ != should:
            yield f"{title}: {is_:,} {name}, not {should:,}"


def _of_audience(name: tuple[str, str], difference: Difference) -> Iterator[str]:
    title = f"audience {' / '.join(name)}"
    if difference.missing:
        yield f"{title}: {difference.missing:,} people are missing"
    if difference.foreign:
        yield f"{title}: {difference.foreign:,} people do not belong there"


def _of_refused(name: tuple[str, str], refused: Refused) -> Iterator[str]:
    title = f"audience {' / '.join(name)}"
    if refused.unnamed:
        yield f"{title}: {refused.unnamed:,} people were refused, and no receipt names their lines"
    if refused.unfounded:
        yield f"{title}: receipts name {refused.unfounded:,} lines of people who were not refused"


def _of_pauses(findings: Findings) -> Iterator[str]:
    """An account must have been paused as often as it fell into bad standing, and for nothing else."""
    fallen = [each["account"] for each in findings.faults if each.get("standing") and each["seen"]]
    paused = [each.account for each, _ in findings.pauses]
    for account in sorted({*fallen, *paused}):
        if paused.count(account) != fallen.count(account):
            yield f"account {account}: paused {paused.count(account)} times, not {fallen.count(account)}"
    for each, requests in findings.pauses:
        if each.until is None:
            yield f"account {each.account}: paused ({each.cause}), and nobody resumed it"
        if requests:
            yield f"account {each.account}: {requests} requests while it was paused"


def _of_account(traffic: Mapping[str, Any]) -> Iterator[str]:
    if traffic["max_in_flight"] != 1:
        yield f"account {traffic['account']}: {traffic['max_in_flight']} requests in flight at once, not 1"
