"""Reading what a sweep decides on: an open run as the ledger has it, with no more reads than its state asks for."""

from datetime import datetime

from shared import names
from shared.ledger import Entry
from shared.line import fills, placed
from shared.model.manifest import Manifest, Stage
from shared.model.run import Run
from shared.model.state import Claim, Job, Line, Marker, Result
from shared.ops import runs
from shared.sweeping import RunView, StageView
from shared.world import Ports


def view_of(ports: Ports, entry: Entry[Run], marker: Entry[Marker]) -> RunView:
    run, now = entry.value, ports.clock.now()
    outcome = runs.read_outcome(ports, run.segment, run.run) is not None
    manifest = None if outcome else runs.read_manifest(ports, run)
    line = runs.read_line(ports, run)[0] if manifest else Line()
    return RunView(
        run.segment,
        run.run,
        outcome,
        manifest.value.verdict if manifest else None,
        marker.metadata.get("ready") == "1",
        now - (marker.created if manifest or outcome else _last_touch(ports, run, marker)),
        now - entry.created,
        line,
        _stages(ports, run, manifest, line),
    )


def _last_touch(ports: Ports, run: Run, marker: Entry[Marker]) -> datetime:
    """A chunker that gets on leaves the marker alone, and moves what it saves."""
    saved = ports.ledger.stat(names.chunking_json(run.segment, run.run))
    return max(marker.created, saved.created) if saved else marker.created


def _stages(ports: Ports, run: Run, manifest: Entry[Manifest] | None, line: Line) -> tuple[StageView, ...]:
    """Up to the first that is neither over nor in the line: those behind it have not been begun."""
    found: list[StageView] = []
    for stage in manifest.value.stages if manifest else ():
        found.append(_stage(ports, run, stage, line))
        if not found[-1].ended and not placed(line, Claim(run.segment, run.run, stage.number)):
            break
    return tuple(found)


def _stage(ports: Ports, run: Run, stage: Stage, line: Line) -> StageView:
    """Of a stage that has ended, or is not in the line, only that is told: nothing else is asked of it."""
    ended = ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage.number)) is not None
    claim = Claim(run.segment, run.run, stage.number)
    job = "" if ended else _job(ports, run, stage)
    received = _received(ports, run, stage) if not ended and fills(line, claim) else frozenset()
    return StageView(stage.number, tuple(part.number for part in stage.parts), ended, job, received)


def _job(ports: Ports, run: Run, stage: Stage) -> str:
    job = ports.ledger.read(Job, names.job_json(run.segment, run.run, stage.number))
    return job.value.state if job else ""


def _received(ports: Ports, run: Run, stage: Stage) -> frozenset[int]:
    blobs = ports.ledger.list(names.receipts_prefix(run.segment, run.run, stage.number))
    return frozenset(filter(None, (names.parse_receipt(blob.name) for blob in blobs)))
