"""All that the ledger knows of one segment, as the document that `sluice show --json` prints: docs/schemas/show.json.

One list of the segment's objects, and for each run that is told its own three documents: run, manifest and outcome.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.console.standing import Standing, before_run, standing_of
from services.console.tables import moment
from shared import names
from shared.ledger import Entry
from shared.model.events import Event
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.segment import Segment
from shared.ops import runs
from shared.ops.history import History, Receipted, RunHistory, StageHistory, read_history
from shared.ops.pausing import read_pause
from shared.world import Ports


@dataclass(frozen=True)
class Documents:
    """Of one run; those that are not there yet are None."""

    run: Run | None
    manifest: Manifest | None
    outcome: Event | None


def story(ports: Ports, segment: str, only: int = 0) -> dict[str, Any] | None:
    """None: the ledger knows no such segment. `only`: this run, 0 for all."""
    known = ports.ledger.fact(Segment, names.segment_json(segment))
    if known is None:
        return None
    history = read_history(ports, segment)
    resting = _resting(ports, known.value, history)
    told = [each for each in history.runs if only in (0, each.number)]
    return {
        **_about(known),
        "runs": [_run(ports, segment, each, resting) for each in told],
        **({} if history.runs else {"state": _unopened(history, known.value)}),
    }


def _about(known: Entry[Segment]) -> dict[str, Any]:
    segment = known.value
    return {
        "segment": segment.segment,
        "account": segment.account,
        "audience": segment.audience,
        "mode": segment.mode,
        "destination": segment.destination,
        "source": segment.source,
        "sources": [
            {
                "object": f"gs://{each.bucket}/{each.name}",
                "generation": each.generation,
                "bytes": each.size,
                "landed": moment(each.created),
            }
            for each in segment.sources
        ],
        "labels": dict(segment.labels),
        "reason_code": segment.reason_code,
        "reason": segment.reason,
    }


def _unopened(history: History, segment: Segment) -> str:
    refusal = segment.reason_code if segment.verdict == "rejected" else ""
    return before_run(history, refusal).state


def _resting(ports: Ports, segment: Segment, history: History) -> str:
    """Asked only where a run is open."""
    if all(run.outcome for run in history.runs):
        return ""
    pause = read_pause(ports, segment.account).pause
    return pause.cause if pause.paused else ""


def _run(ports: Ports, segment: str, run: RunHistory, resting: str) -> dict[str, Any]:
    seen = standing_of(run, resting, ports.clock.now())
    return {
        **run_document(run, seen, _documents(ports, segment, run)),
        "rejects": [f"gs://{ports.ledger.bucket}/{name}" for name in run.rejects],
    }


def _documents(ports: Ports, segment: str, run: RunHistory) -> Documents:
    pinned = ports.ledger.fact(Run, names.run_json(segment, run.number)) if run.opened else None
    manifest = ports.ledger.fact(Manifest, names.manifest_json(segment, run.number)) if run.verdict else None
    outcome = runs.read_outcome(ports, segment, run.number) if run.outcome else None
    return Documents(
        pinned.value if pinned else None,
        manifest.value if manifest else None,
        outcome.value if outcome else None,
    )


def run_document(run: RunHistory, seen: Standing, known: Documents) -> dict[str, Any]:
    """Pure. While a run is open its counts are those of the receipts so far."""
    manifest, outcome = known.manifest, known.outcome
    return {
        "run": run.number,
        "state": seen.state,
        "done": seen.done,
        "parts": seen.parts or run.parts,
        "cause": seen.cause,
        "asked_parts": list(known.run.parts) if known.run else [],
        "trace_id": names.trace_id(known.run.segment, run.number) if known.run else "",
        "counts": _counts(run, manifest, outcome),
        "fields_dropped": manifest.fields_dropped if manifest else 0,
        "reasons": dict(manifest.reasons) if manifest else {},
        "columns": list(manifest.columns) if manifest else [],
        "ignored_columns": list(manifest.ignored_columns) if manifest else [],
        "warnings": [{"code": each.code, "column": each.column} for each in manifest.warnings]
        if manifest
        else [],
        "reason_code": outcome.reason_code if outcome else "",
        "reason": outcome.reason if outcome else "",
        "match_rate": outcome.match_rate if outcome else "",
        "list_size_before": outcome.list_size_before if outcome else 0,
        "list_size_after": outcome.list_size_after if outcome else 0,
        "duration_seconds": outcome.duration_seconds if outcome else 0,
        "operations": sum(each.accepted + each.refused for each in run.receipts.values()),
        "attempts": _attempts(run),
        "stages": [_stage(each, manifest) for _, each in sorted(run.stages.items())],
        "failed_parts": [
            _failed(each) for _, each in sorted(run.receipts.items()) if each.status == "failed"
        ],
        "timeline": [{"at": moment(at), "what": what} for at, what in timeline(run)],
    }


def _counts(run: RunHistory, manifest: Manifest | None, outcome: Event | None) -> dict[str, int]:
    if outcome:
        return {
            "received": outcome.records_received,
            "accepted": outcome.records_accepted,
            "rejected": outcome.records_rejected,
            "skipped": outcome.records_skipped,
            "failed": outcome.records_failed,
        }
    receipts = run.receipts.values()
    refused = sum(each.refused for each in receipts)
    return {
        "received": manifest.received if manifest else 0,
        "accepted": sum(each.accepted for each in receipts),
        "rejected": (manifest.rejected if manifest else 0) + refused,
        "skipped": manifest.skipped if manifest else 0,
        "failed": 0,
    }


def _attempts(run: RunHistory) -> dict[str, int]:
    """How many parts needed how many attempts."""
    return {
        str(attempts): parts
        for attempts, parts in sorted(Counter(each.attempt for each in run.receipts.values()).items())
    }


def _stage(stage: StageHistory, manifest: Manifest | None) -> dict[str, Any]:
    parts = manifest.stage(stage.number).parts if manifest and manifest.stages else ()
    return {
        "stage": stage.number,
        "parts": len(parts),
        "received": len(stage.receipts),
        "job": stage.resource,
        "job_state": stage.job,
        "result": stage.result,
        "reason_code": stage.reason_code,
    }


def _failed(receipt: Receipted) -> dict[str, Any]:
    return {"part": receipt.part, "reason_code": receipt.reason_code, "attempt": receipt.attempt}


def timeline(run: RunHistory) -> list[tuple[datetime, str]]:
    """Pure. What was written when, by Cloud Storage's own clock; of the parts the first and the last."""
    found: list[tuple[datetime | None, str]] = [
        (run.opened, "opened"),
        (run.chunked, f"chunked: {run.parts} parts" if run.verdict == "ok" else f"read: {run.verdict}"),
    ]
    for number, stage in run.stages.items():
        found += [(at, f"stage {number}: {what}") for at, what in _moments(stage)]
    found.append((run.ended, run.outcome.removeprefix("segment.")))
    return sorted((at, what) for at, what in found if at)


def _moments(stage: StageHistory) -> list[tuple[datetime | None, str]]:
    received = sorted(each.at for each in stage.receipts.values())
    told = [(received[0], "first part sent"), (received[-1], "last part sent")] if received else []
    started = [(stage.job_at, "job runs")] if stage.job == "running" else []
    return [
        *told,
        *started,
        (stage.result_at, f"job ended: {stage.result}" if stage.resource else stage.result),
    ]
