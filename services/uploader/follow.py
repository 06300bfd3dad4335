"""S-FOLLOW: ask the destination how a running job fares, by scheduled tasks that wait longer and longer, until it has ended.

There is no giving up by time: the audience's `running` place is freed only by what the destination says.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.uploader.destination import JobStatus
from services.uploader.job import job_status, swap
from services.uploader.list_size import last_list_size
from services.uploader.sending import Desk, Refusal, Sending, under_lease
from shared import names
from shared.edge.answer import Ack, Answer, Snooze
from shared.errors import TransientError
from shared.ledger import Entry
from shared.log import get_logger
from shared.model.run import Run
from shared.model.state import Job, Result
from shared.model.task import Task
from shared.model.topology import Follow
from shared.ops.jobs import job_name
from shared.ops.outcome import settle_result
from shared.verdict import FailPart, FailRecord, JobGone, JobStarted, Split
from shared.world import Ports

STUCK = timedelta(hours=72)
"""Google Ads says that a job takes up to 24 hours; after three days a person should look."""
_MISSING_TIMES, _MISSING_FOR = 5, timedelta(hours=1)


def follow(desk: Desk, entry: Entry[Run], task: Task) -> Answer:
    ports, run = desk.ports, entry.value
    known = ports.ledger.fact(Result, names.result_json(run.segment, run.run, task.stage))
    if known is None:
        answer = under_lease(desk, run, lambda sending: _ask(sending, entry, task))
        return answer or Ack("the stage has ended")
    settle_result(ports, entry, task.stage, known.value, task.epoch)
    return Ack("the stage has ended")


def result_of(status: JobStatus) -> Result | None:
    """Pure; None while the job has not ended."""
    match status.phase:
        case "SUCCESS":
            return Result("SUCCESS", status.resource, status.match_rate)
        case "FAILED":
            return Result("FAILED", status.resource, reason_code="job_failed", failure=status.failure)
        case _:
            return None


def next_look(n: int, pace: Follow) -> float:
    """Seconds until the job is asked about again: half as long again each time, up to the longest."""
    return min(float(pace.longest_seconds), pace.first_seconds * 1.5 ** min(n, 20))


def noted_missing(job: Job, now: datetime) -> Job:
    return replace(job, missing=job.missing + 1, missing_since=job.missing_since or now)


def is_lost(job: Job, now: datetime) -> bool:
    """Not found several times over an hour: one empty answer may be a replica that is behind."""
    return (
        job.missing >= _MISSING_TIMES
        and job.missing_since is not None
        and now - job.missing_since >= _MISSING_FOR
    )


def _ask(sending: Sending, entry: Entry[Run], task: Task) -> Answer | None:
    found = sending.ports.ledger.read(Job, job_name(entry.value, task.stage))
    if found is None:
        raise TransientError("the job's document is not readable yet")
    status = job_status(sending, entry.value, found.value)
    result = (
        _found(sending, entry.value, task, found, status)
        if status
        else _missing(sending, entry.value, task, found)
    )
    sending.held.free()
    if result is None:
        return _later(sending.ports, entry.value, task)
    settle_result(sending.ports, entry, task.stage, result, task.epoch)
    return None


def _found(sending: Sending, run: Run, task: Task, found: Entry[Job], status: JobStatus) -> Result | None:
    """Answers that missed it before prove nothing any more. A job that is still PENDING may never have heard the run whose answer
    was lost: it is told again, and one that has heard it says so."""
    if found.value.missing:
        swap(sending, run, task.stage, found, replace(found.value, missing=0, missing_since=None))
    if status.phase == "FAILED":
        get_logger().error("job_failed", job=status.resource, failure=status.failure)
    refused = _run_again(sending, run, found.value) if status.phase == "PENDING" else None
    result = refused or result_of(status)
    return result and _sized(sending, run, found.value, status, result)


def _sized(sending: Sending, run: Run, job: Job, status: JobStatus, result: Result) -> Result:
    """The destination itself says which list the job was for."""
    after = last_list_size(sending, replace(run.target, list_id=status.list_id))
    return replace(result, list_size_before=job.list_size, list_size_after=after)


def _run_again(sending: Sending, run: Run, job: Job) -> Result | None:
    """The end of a job that is refused for good: it would stay PENDING, and its place in the line with it."""
    try:
        sending.call(lambda seconds: sending.destination.run_job(run.target, job.resource, seconds))
    except Refusal as refusal:
        match refusal.verdict:
            case JobStarted() | JobGone():
                return None
            case FailPart(reason_code) | FailRecord(reason_code) | Split(reason_code):
                return Result("FAILED", job.resource, reason_code=reason_code)
            case _:
                raise
    return None


def _missing(sending: Sending, run: Run, task: Task, found: Entry[Job]) -> Result | None:
    now = sending.ports.clock.now()
    job = noted_missing(found.value, now)
    swap(sending, run, task.stage, found, job)
    return Result("LOST", job.resource, reason_code="job_lost") if is_lost(job, now) else None


def _later(ports: Ports, run: Run, task: Task) -> Answer:
    if ports.clock.now() - task.first_at > STUCK:
        get_logger().error("job_stuck", cure="look for the job in Google Ads; Sluice keeps asking")
    return Snooze(
        "job_not_ended", next_look(task.n + 1, ports.topology.destinations[run.target.destination].follow)
    )
