"""S-BEGIN: take the audience's line for a stage, then fan its parts out into the account's queue. No destination call, no lease.

The chunker carries it out for a run's first stage, the uploader for waiting and for later ones.
"""

from datetime import timedelta

from shared import names
from shared.edge.answer import Ack, Answer, Snooze
from shared.ledger import Entry
from shared.line import GiveWay, Go, Take, Wait, Waiting, decide_first, decide_next
from shared.model.events import EventType
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.state import SEALED, Claim, Job, Line, Result
from shared.model.task import Task
from shared.ops import runs
from shared.ops.close import close
from shared.ops.enqueue import enqueue, first_task, patience
from shared.ops.outcome import end_unsent, settle_result
from shared.world import Ports

SECONDS_PER_PART = 300
"""When the guard looks whether a stage is complete: twelve requests of half a minute a part, by Google's recommended sizes."""


def begin(ports: Ports, entry: Entry[Run], task: Task) -> Answer:
    """What else is read is read after the line: a claim can only win over what was true then."""
    while True:
        line, generation = runs.read_line(ports, entry.value)
        waiting = tuple(runs.open_runs(ports, entry.value))
        if answer := _already(ports, entry, task, line):
            return answer
        decision = _decide(ports, entry, task.stage, line, waiting)
        if isinstance(decision, Wait):
            return Snooze(decision.why, patience(task.n))
        if isinstance(decision, Go):
            return _fan_out(ports, entry.value, task)
        if runs.swap_line(ports, entry.value, decision.line, generation):
            return (
                _fan_out(ports, entry.value, task)
                if isinstance(decision, Take)
                else _give_way(ports, entry.value, decision.why)
            )


def _already(ports: Ports, entry: Entry[Run], task: Task, line: Line) -> Answer | None:
    run, stage = entry.value, task.stage
    if runs.read_outcome(ports, run.segment, run.run):
        close(ports, run.segment, run.run)
        return Ack("the run has ended")
    if result := _result(ports, run, stage):
        settle_result(ports, entry, stage, result.value, task.epoch)
        return Ack("the stage has ended")
    if line.running == Claim(run.segment, run.run, stage) or _sealed(ports, run, stage):
        return Ack("the stage's job runs")
    return None if stage == 1 else _after_previous(ports, run, task, line)


def _after_previous(ports: Ports, run: Run, task: Task, line: Line) -> Answer | None:
    before = task.stage - 1
    if line.running == Claim(run.segment, run.run, before) or _result(ports, run, before):
        return None
    return Snooze("the stage before is not running yet", patience(task.n))


def _decide(
    ports: Ports, entry: Entry[Run], stage: int, line: Line, waiting: tuple[Waiting, ...]
) -> Go | Take | GiveWay | Wait:
    me = runs.runner(entry)
    if stage > 1:
        return decide_next(line, me, stage)
    grace = timedelta(seconds=ports.topology.chunking.grace_seconds)
    return decide_first(line, waiting, me, ports.clock.now(), grace)


def _fan_out(ports: Ports, run: Run, task: Task) -> Answer:
    """A repeat finds every name taken. The guard finish comes even if every other message about the stage is lost."""
    stage = _manifest(ports, run).stage(task.stage)
    account = run.target.account
    for part in stage.parts:
        enqueue(ports, account, first_task(ports, run, "upload", stage.number, task.epoch, part.number))
    guard = first_task(ports, run, "finish", stage.number, task.epoch)
    enqueue(ports, account, guard, SECONDS_PER_PART * len(stage.parts))
    return Ack(f"{len(stage.parts)} parts enqueued")


def _give_way(ports: Ports, run: Run, why: str) -> Answer:
    kind: EventType = "segment.superseded" if why == "superseded" else "segment.failed"
    end_unsent(ports, run, kind, why, _manifest(ports, run))
    return Ack(why)


def _manifest(ports: Ports, run: Run) -> Manifest:
    entry = runs.read_manifest(ports, run)
    if entry is None:
        raise LookupError("a run begins only after its manifest was written")
    return entry.value


def _result(ports: Ports, run: Run, stage: int) -> Entry[Result] | None:
    return ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage))


def _sealed(ports: Ports, run: Run, stage: int) -> bool:
    job = ports.ledger.read(Job, names.job_json(run.segment, run.run, stage))
    return job is not None and job.value.state in SEALED
