"""The events of a run, as pure functions of what the ledger holds. shared/model/events.py describes the fields."""

from dataclasses import replace
from datetime import datetime

from shared import names
from shared.ledger import Entry
from shared.model.dead_letter import DeadLetter
from shared.model.events import Counts, Event, EventType
from shared.model.manifest import Manifest, Part
from shared.model.run import Run
from shared.model.segment import Segment
from shared.reasons import words


def refused(entry: Entry[Segment]) -> Event:
    """segment.rejected by ingest: the name or the configuration does not fit; nothing was read."""
    segment = entry.value
    return Event(
        event_id=names.event_id(segment.segment, 1, "outcome"),
        type="segment.rejected",
        occurred_at=entry.created,
        segment=segment.segment,
        run=1,
        account=segment.account,
        destination=segment.destination,
        audience=segment.audience,
        mode=segment.mode,
        source=segment.source,
        reason_code=segment.reason_code,
        reason=segment.reason,
        labels=segment.labels,
        trace_id=names.trace_id(segment.segment, 1),
    )


def received(entry: Entry[Run]) -> Event:
    return _event(entry.value, "segment.received", "received", entry.created)


def chunked(run: Run, entry: Entry[Manifest]) -> Event:
    """Intake numbers: nothing has been sent yet, so that nothing is accepted."""
    manifest = entry.value
    event = _event(run, "segment.chunked", "chunked", entry.created)
    return replace(
        event,
        parts=len(manifest.parts),
        records_received=manifest.received,
        records_rejected=manifest.rejected,
        records_skipped=manifest.skipped,
        fields_dropped=manifest.fields_dropped,
    )


def part_ended(
    run: Run,
    stage: int,
    part: Part,
    parts: int,
    at: datetime,
    *,
    accepted: int,
    refused: int,
    reason_code: str,
    attempt: int,
    job: str,
    seconds: int,
) -> Event:
    """`accepted` and `refused` are the destination's answers; what is neither has failed."""
    failed = part.records - accepted - refused
    received = part.records + part.rejected + part.skipped
    counts = Counts(received, accepted, part.rejected + refused, part.skipped, failed)
    kind: EventType = "part.failed" if failed else "part.completed"
    event = _event(run, kind, str(part.number), at)
    return replace(
        _counted(event, counts),
        stage=stage,
        part=part.number,
        parts=parts,
        fields_dropped=part.fields_dropped,
        attempt=attempt,
        job=job,
        duration_seconds=seconds,
        reason_code=reason_code,
        reason=words(reason_code) if reason_code else "",
    )


def letter_of(failed: Event) -> DeadLetter:
    """What a part's failed receipt leaves for an operator."""
    return DeadLetter(
        "tasks",
        failed.reason_code,
        failed.reason,
        failed.occurred_at,
        segment=failed.segment,
        run=failed.run,
        part=failed.part,
        attempt=failed.attempt,
        trace_id=failed.trace_id,
    )


PARTS_TOLD = frozenset({"parts_failed", "all_parts_failed", "replace_incomplete"})
"""Whose parts have a dead letter each."""


def letter_of_outcome(outcome: Event, *, again: bool) -> DeadLetter | None:
    """What a segment that came to nothing leaves for an operator. `again`: a next run starts by itself."""
    if (
        outcome.type not in ("segment.rejected", "segment.failed")
        or again
        or outcome.reason_code in PARTS_TOLD
    ):
        return None
    return DeadLetter(
        "segments",
        outcome.reason_code,
        outcome.reason,
        outcome.occurred_at,
        segment=outcome.segment,
        run=outcome.run,
        trace_id=outcome.trace_id,
    )


def ended(
    run: Run,
    kind: EventType,
    at: datetime,
    counts: Counts,
    *,
    manifest: Manifest | None,
    reason_code: str = "",
    job: str = "",
    match_rate: str = "",
    failure: str = "",
    list_size_before: int = 0,
    list_size_after: int = 0,
    seconds: int = 0,
) -> Event:
    """One of the six outcomes. `manifest` is None for a run that ended before it was chunked. `failure`: Google's own word for why a job
    failed."""
    return replace(
        _counted(_event(run, kind, "outcome", at), counts),
        parts=len(manifest.parts) if manifest else 0,
        fields_dropped=manifest.fields_dropped if manifest else 0,
        job=job,
        match_rate=match_rate,
        list_size_before=list_size_before,
        list_size_after=list_size_after,
        duration_seconds=seconds,
        reason_code=reason_code,
        reason=_reason(reason_code, manifest, failure),
    )


def _reason(code: str, manifest: Manifest | None, failure: str) -> str:
    place = f"Line {manifest.line}: " if manifest and manifest.line else ""
    said = f" Google Ads says: {failure}." if failure else ""
    return place + words(code) + said if code else ""


def _event(run: Run, kind: EventType, step: str, at: datetime) -> Event:
    return Event(
        event_id=names.event_id(run.segment, run.run, step),
        type=kind,
        occurred_at=at,
        segment=run.segment,
        run=run.run,
        account=run.target.account,
        destination=run.target.destination,
        audience=run.target.audience,
        mode=run.mode,
        source=run.source,
        labels=run.labels,
        trace_id=names.trace_id(run.segment, run.run),
    )


def _counted(event: Event, counts: Counts) -> Event:
    return replace(
        event,
        records_received=counts.received,
        records_accepted=counts.accepted,
        records_rejected=counts.rejected,
        records_skipped=counts.skipped,
        records_failed=counts.failed,
    )
