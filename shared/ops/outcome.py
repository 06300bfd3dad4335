"""S-RESULT and S-OUTCOME: a stage's end is recorded, the line moves on, and with the last stage the run ends."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import names
from shared.ledger import Entry
from shared.line import without_stage
from shared.model.events import Counts, Event, EventType
from shared.model.manifest import Manifest, Stage
from shared.model.run import Run
from shared.model.state import Claim, Result
from shared.ops import runs
from shared.ops.close import NEXT_PARTS, close
from shared.ops.enqueue import enqueue, first_task
from shared.ops.run_events import ended
from shared.part_ranges import to_text
from shared.world import Ports

CANCELLED = "cancelled"


@dataclass(frozen=True)
class Tally:
    """What became of one stage's records. `skipped`: somebody cancelled it. `undelivered`: its parts, when its job did not succeed."""

    status: str
    accepted: int
    refused: int
    failed: int
    undelivered: tuple[int, ...]
    skipped: int = 0


@dataclass(frozen=True)
class Ending:
    """How a run ends. `next_parts`: parts for an automatic next run, () for none."""

    type: EventType
    reason_code: str
    counts: Counts
    next_parts: tuple[int, ...]


def settle_result(ports: Ports, entry: Entry[Run], stage: int, result: Result, epoch: int) -> None:
    """S-RESULT. Which stages have ended is read back after the line was freed, so that no twin's end is missed."""
    run = entry.value
    settle_stage(ports, run, stage, result)
    _free_stage(ports, run, stage)
    manifest = _manifest(ports, run)
    if results := _all_results(ports, run, len(manifest.stages)):
        _end_run(ports, entry, manifest, results)
    elif stage < len(manifest.stages) and _read_result(ports, run, stage + 1) is None:
        enqueue(ports, run.target.account, first_task(ports, run, "begin", stage + 1, epoch))


def settle_stage(ports: Ports, run: Run, stage: int, result: Result) -> None:
    """The first result that is stored is the stage's. Its metadata shows it by a list alone."""
    shown = {"status": result.status, "reason_code": result.reason_code}
    ports.ledger.settle(names.result_json(run.segment, run.run, stage), result, shown)


def settle_outcome(ports: Ports, run: Run, event: Event, next_parts: str = "") -> None:
    """S-OUTCOME: the first outcome stored is the outcome; then announce it and leave the line."""
    metadata = {"type": event.type, **({NEXT_PARTS: next_parts} if next_parts else {})}
    ports.ledger.settle(names.outcome_json(run.segment, run.run), event, metadata)
    close(ports, run.segment, run.run)


_UNSENT: dict[str, EventType] = {
    "rejected": "segment.rejected",
    "gave_up": "segment.failed",
    "validated": "segment.completed",
    "cancelled": "segment.cancelled",
}


def end_by_verdict(ports: Ports, run: Run, manifest: Manifest) -> None:
    """The stored verdict is not ok: the run ends without having been begun."""
    end_unsent(ports, run, _UNSENT[manifest.verdict], manifest.reason_code, manifest)


def end_unsent(ports: Ports, run: Run, kind: EventType, reason_code: str, manifest: Manifest) -> None:
    """A run that reaches no destination: every record that was good is rejected (content), skipped, or failed."""
    good = manifest.received - manifest.rejected - manifest.skipped
    counts = {
        "segment.rejected": Counts(
            manifest.received, 0, manifest.received - manifest.skipped, manifest.skipped, 0
        ),
        "segment.failed": Counts(manifest.received, 0, manifest.rejected, manifest.skipped, good),
    }.get(kind, Counts(manifest.received, 0, manifest.rejected, manifest.skipped + good, 0))
    event = ended(run, kind, ports.clock.now(), counts, manifest=manifest, reason_code=reason_code)
    settle_outcome(ports, run, event)


def tally(stage: Stage, result: Result, receipts: Mapping[int, Mapping[str, str]]) -> Tally:
    """`receipts`: each part's receipt metadata. Only what a job took that then succeeded is accepted; part events hold intake numbers.
    What is neither accepted nor refused has failed: all of a part that was refused record by record, too."""
    delivered = result.status == "SUCCESS"
    taken = {part.number: receipts.get(part.number, {}) for part in stage.parts} if delivered else {}
    accepted = sum(int(receipt.get("accepted", 0)) for receipt in taken.values())
    refused = sum(int(receipt.get("rejected", 0)) for receipt in taken.values())
    rest = sum(part.records for part in stage.parts) - accepted - refused
    undelivered = () if delivered else tuple(part.number for part in stage.parts)
    if result.reason_code == CANCELLED:
        return Tally(result.status, 0, 0, 0, undelivered, skipped=rest)
    return Tally(result.status, accepted, refused, rest, undelivered)


def conclude(
    manifest: Manifest, tallies: tuple[Tally, ...], results: tuple[Result, ...], may_repeat: bool
) -> Ending:
    """`may_repeat`: this run is not itself the automatic repeat of one whose job came to nothing."""
    accepted, refused, failed, skipped = (
        sum(getattr(each, name) for each in tallies) for name in ("accepted", "refused", "failed", "skipped")
    )
    counts = Counts(
        manifest.received, accepted, manifest.rejected + refused, manifest.skipped + skipped, failed
    )
    if any(each.reason_code == CANCELLED for each in results):
        return Ending("segment.cancelled", CANCELLED, counts, ())
    broken = _broken(results)
    again = tuple(part for each in tallies for part in each.undelivered) if broken and may_repeat else ()
    if not failed:
        return Ending("segment.completed", "", counts, again)
    kind: EventType = "segment.partial" if accepted else "segment.failed"
    return Ending(kind, _reason(results, broken, may_repeat), counts, again)


def _broken(results: tuple[Result, ...]) -> str:
    """Why a job came to nothing although all that we had to do was done: lost, expired, or failed at the destination."""
    broken = (each for each in results if each.status == "LOST" or each.reason_code == "job_failed")
    return next((each.reason_code or "job_lost" for each in broken), "")


def _reason(results: tuple[Result, ...], broken: str, may_repeat: bool) -> str:
    if broken:
        return broken if may_repeat else f"{broken}_again"
    return next((each.reason_code for each in results if each.reason_code), "parts_failed")


def _end_run(ports: Ports, entry: Entry[Run], manifest: Manifest, results: list[Result]) -> None:
    run = entry.value
    pairs = zip(manifest.stages, results, strict=True)
    tallies = tuple(tally(stage, result, _receipts(ports, run, stage)) for stage, result in pairs)
    ending = conclude(manifest, tallies, tuple(results), _may_repeat(ports, run))
    now = ports.clock.now()
    event = ended(
        run,
        ending.type,
        now,
        ending.counts,
        manifest=manifest,
        reason_code=ending.reason_code,
        job=results[-1].job,
        match_rate=results[-1].match_rate,
        failure=_failure(results, ending.reason_code),
        list_size_before=results[0].list_size_before,
        list_size_after=results[-1].list_size_after,
        seconds=int((now - entry.created).total_seconds()),
    )
    settle_outcome(ports, run, event, _next_text(run, manifest, ending.next_parts))


def _failure(results: list[Result], reason_code: str) -> str:
    """The destination's own word for what the run ends with."""
    said = (each.failure for each in results if each.failure and each.reason_code == reason_code)
    return next(said, "")


def _next_text(run: Run, manifest: Manifest, parts: tuple[int, ...]) -> str:
    if len(parts) == len(manifest.parts) and not run.parts:
        return "all"
    return to_text(parts)


def _may_repeat(ports: Ports, run: Run) -> bool:
    """A run whose job came to nothing is repeated once, not for ever."""
    before = runs.read_outcome(ports, run.segment, run.run - 1) if run.run > 1 else None
    return not (before and before.metadata.get(NEXT_PARTS))


def _receipts(ports: Ports, run: Run, stage: Stage) -> dict[int, Mapping[str, str]]:
    """One list: the counts ride in the receipts' metadata."""
    blobs = ports.ledger.list(names.receipts_prefix(run.segment, run.run, stage.number))
    numbered = ((names.parse_receipt(blob.name), blob.metadata) for blob in blobs)
    return {number: metadata for number, metadata in numbered if number is not None}


def _free_stage(ports: Ports, run: Run, stage: int) -> None:
    claim = Claim(run.segment, run.run, stage)
    while True:
        line, generation = runs.read_line(ports, run)
        freed = without_stage(line, claim)
        if freed == line or runs.swap_line(ports, run, freed, generation):
            return


def _all_results(ports: Ports, run: Run, stages: int) -> list[Result]:
    """Empty as long as one is missing. From the last one on, which is the last to come: a run of many stages reads them all but once."""
    results: list[Result] = []
    for number in range(stages, 0, -1):
        found = _read_result(ports, run, number)
        if found is None:
            return []
        results.insert(0, found.value)
    return results


def _read_result(ports: Ports, run: Run, stage: int) -> Entry[Result] | None:
    return ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage))


def _manifest(ports: Ports, run: Run) -> Manifest:
    entry = runs.read_manifest(ports, run)
    if entry is None:
        raise LookupError("a stage has ended before the manifest was written")
    return entry.value
