"""S-FINISH: when every part of a stage has its receipt, take the audience's `running` place, seal the job and run it.

Sealing is one swap against abandoning: a job that was given up is never run, a job that was sealed is never given up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.uploader.job import (
    expired,
    job_status,
    lose,
    result_of_abandoned,
    settle_abandoned,
    swap,
)
from services.uploader.sending import Desk, Refusal, Sending, under_lease
from shared import names
from shared.edge.answer import Ack, Answer, Nack, Snooze
from shared.errors import TransientError
from shared.ledger import Entry
from shared.line import Go, Take, start_running
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.state import SEALED, Claim, Job, Result
from shared.model.task import Task
from shared.ops import runs
from shared.ops.begin import SECONDS_PER_PART
from shared.ops.close import close
from shared.ops.enqueue import enqueue, first_task, patience
from shared.ops.jobs import job_name, swap_job
from shared.ops.outcome import settle_result
from shared.verdict import FailPart, FailRecord, JobGone, JobStarted, Split
from shared.world import Ports

_LONGEST_GUARD_WAIT = 600.0


@dataclass(frozen=True)
class Finishing:
    """A stage that may be complete. `spent`: its task is to be given up, as long as nothing is sealed."""

    entry: Entry[Run]
    manifest: Manifest
    task: Task
    spent: bool

    @property
    def run(self) -> Run:
        return self.entry.value

    @property
    def claim(self) -> Claim:
        return Claim(self.run.segment, self.run.run, self.task.stage)

    @property
    def last(self) -> bool:
        return self.task.stage == len(self.manifest.stages)


def finish(desk: Desk, finishing: Finishing) -> Answer:
    ports, run, stage = desk.ports, finishing.run, finishing.task.stage
    if result := ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage)):
        settle_result(ports, finishing.entry, stage, result.value, finishing.task.epoch)
        return Ack("the stage has ended")
    found = ports.ledger.read(Job, job_name(run, stage))
    if found and found.value.state == "running":
        return _then(ports, finishing)
    sealed = found is not None and found.value.state in SEALED
    if not sealed and (answer := _before_sealing(ports, finishing, found)):
        return answer
    return _take_place(ports, finishing) or _seal_and_run(desk, finishing)


def _before_sealing(ports: Ports, finishing: Finishing, found: Entry[Job] | None) -> Answer | None:
    run, stage = finishing.run, finishing.task.stage
    if found and found.value.state == "abandoned":
        return _end(ports, finishing, found.value)
    receipts = [
        blob.metadata for blob in ports.ledger.list(names.receipts_prefix(run.segment, run.run, stage))
    ]
    if run.mode == "replace" and any(receipt.get("status") == "failed" for receipt in receipts):
        return _abandon(ports, finishing, found, "replace_incomplete")
    missing = missing_parts(len(finishing.manifest.stage(stage).parts), receipts, found)
    if missing and not finishing.spent:
        return Snooze("parts_missing", min(_LONGEST_GUARD_WAIT, missing * float(SECONDS_PER_PART)))
    if missing or not any(int(receipt.get("accepted", 0)) for receipt in receipts):
        return _abandon(ports, finishing, found, "attempts_exhausted" if missing else "all_parts_failed")
    return None


def missing_parts(parts: int, receipts: list[Mapping[str, str]], found: Entry[Job] | None) -> int:
    """Parts without a receipt that counts: one that failed, or one that was taken by this very job."""
    k = str(found.value.k if found else 0)
    return parts - sum(1 for each in receipts if each.get("status") == "failed" or each.get("k") == k)


def _abandon(ports: Ports, finishing: Finishing, found: Entry[Job] | None, reason_code: str) -> Answer:
    run, stage = finishing.run, finishing.task.stage
    before = found.value if found else Job("creating", 0, 0)
    after = replace(before, state="abandoned", why="FAILED", reason_code=reason_code)
    if swap_job(ports, run, stage, after, found.generation if found else 0) is None:
        return Nack("contended")
    return _end(ports, finishing, after)


def _end(ports: Ports, finishing: Finishing, job: Job) -> Answer:
    stage, result = finishing.task.stage, result_of_abandoned(job)
    settle_result(ports, finishing.entry, stage, result, finishing.task.epoch)
    return Ack("the stage was abandoned")


def _take_place(ports: Ports, finishing: Finishing) -> Answer | None:
    """One job at a time runs on an audience; the place is given back only when the destination has said how the job ended."""
    run = finishing.run
    while True:
        line, generation = runs.read_line(ports, run)
        decision = start_running(line, finishing.claim, finishing.last)
        match decision:
            case Go():
                return None
            case Take(taken):
                if runs.swap_line(ports, run, taken, generation):
                    return None
            case _:
                return _elsewhere(ports, finishing) or Snooze(decision.why, patience(finishing.task.n))


def _elsewhere(ports: Ports, finishing: Finishing) -> Answer | None:
    run, stage = finishing.run, finishing.task.stage
    if runs.read_outcome(ports, run.segment, run.run):
        close(ports, run.segment, run.run)
        return Ack("the run has ended")
    if result := ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage)):
        settle_result(ports, finishing.entry, stage, result.value, finishing.task.epoch)
        return Ack("the stage has ended")
    return None


def _seal_and_run(desk: Desk, finishing: Finishing) -> Answer:
    answer = under_lease(desk, finishing.run, lambda sending: _run_job(sending, finishing))
    return answer or _then(desk.ports, finishing)


def _run_job(sending: Sending, finishing: Finishing) -> Answer | None:
    run, stage = finishing.run, finishing.task.stage
    found = sending.ports.ledger.read(Job, job_name(run, stage))
    if found is None:
        raise TransientError("the job's document is not readable yet")
    if found.value.state == "abandoned":
        settle_abandoned(sending, finishing.entry, stage, found.value, finishing.task.epoch)
        return Ack("the stage was abandoned")
    if found.value.state == "running":
        sending.held.free()
        return None
    if expired(sending, found.value):
        lose(sending, finishing.entry, stage, found, finishing.task.epoch, "job_expired")
        return Ack("the job expired before it was run")
    maybe_run = found.value.state == "sealed"
    sealed = swap(sending, run, stage, found, replace(found.value, state="sealed", fence=sending.held.token))
    return _start(sending, finishing, sealed, maybe_run)


def _start(sending: Sending, finishing: Finishing, sealed: Entry[Job], maybe_run: bool) -> Answer | None:
    """After an earlier run whose answer was lost, the destination is asked first."""
    run, job = finishing.run, sealed.value
    if not maybe_run or _pending(sending, run, job):
        try:
            sending.call(lambda seconds: sending.destination.run_job(run.target, job.resource, seconds))
        except Refusal as refusal:
            if answer := _refused(sending, finishing, job, refusal):
                return answer
    swap(sending, run, finishing.task.stage, sealed, replace(job, state="running"))
    sending.held.free()
    return None


def _pending(sending: Sending, run: Run, job: Job) -> bool:
    """Anything but PENDING, unknown included, is the follower's to judge."""
    status = job_status(sending, run, job)
    return status is not None and status.phase == "PENDING"


def _refused(sending: Sending, finishing: Finishing, job: Job, refusal: Refusal) -> Answer | None:
    """None when the job runs after all."""
    match refusal.verdict:
        case JobStarted():
            return None
        case JobGone():
            result = Result("LOST", job.resource, reason_code="job_lost")
        case FailPart(reason_code) | FailRecord(reason_code) | Split(reason_code):
            result = Result("FAILED", job.resource, reason_code=reason_code)
        case _:
            raise refusal
    sending.held.free()
    settle_result(sending.ports, finishing.entry, finishing.task.stage, result, finishing.task.epoch)
    return Ack("the destination refuses to run the job")


def _then(ports: Ports, finishing: Finishing) -> Answer:
    run, task = finishing.run, finishing.task
    follow = ports.topology.destinations[run.target.destination].follow
    enqueue(
        ports,
        run.target.account,
        first_task(ports, run, "follow", task.stage, task.epoch),
        follow.first_seconds,
    )
    if not finishing.last:
        enqueue(ports, run.target.account, first_task(ports, run, "begin", task.stage + 1, task.epoch))
    return Ack("the job runs")
