"""S-JOB: the stage's job at the destination, opened once under the lease, and ended once.

The intent is written before the call: a crash after it finds the job again by its external id.
"""

from dataclasses import replace
from datetime import timedelta

from services.uploader.audience import forget, resolve
from services.uploader.destination import JobStatus
from services.uploader.list_size import list_size
from services.uploader.sending import Refusal, Sending
from shared import names
from shared.errors import TransientError
from shared.ledger import Entry
from shared.log import get_logger
from shared.model.run import Run, Target
from shared.model.state import Job, JobState, Result
from shared.ops.jobs import create_job_document, job_name, swap_job
from shared.ops.leasing import LeaseLost
from shared.ops.outcome import settle_result
from shared.verdict import FailPart, JobExists, JobGone, JobStarted
from shared.wire.google_ads import remove_all

EXPIRY = timedelta(days=4, hours=12)
"""Google Ads runs a job only within five days of its creation; half a day is kept for the way to the run."""


def open_job(
    sending: Sending, entry: Entry[Run], stage: int, epoch: int, *, first: bool
) -> Entry[Job] | None:
    """The job, filling and fenced with our token; None when it has been abandoned and its stage's result is settled.
    `first`: nobody has tried yet. Only then is the list's size asked for, so that no answer to that can hold the stage up twice."""
    run = entry.value
    while True:
        found = _fenced(sending, run, stage)
        job = found.value
        match job.state:
            case "abandoned":
                settle_abandoned(sending, entry, stage, job, epoch)
                return None
            case "creating":
                _create(sending, run, stage, found, first=first and job.k == 0)
            case "opening":
                swap(sending, run, stage, found, _another(sending, run, stage, job))
            case _:
                break
    if expired(sending, job):
        lose(sending, entry, stage, found, epoch, "job_expired")
        return None
    return found


def lose(
    sending: Sending,
    entry: Entry[Run],
    stage: int,
    found: Entry[Job],
    epoch: int,
    reason_code: str = "job_lost",
) -> None:
    """The destination will never run this job: one swap decides against sealing it."""
    lost = replace(found.value, state="abandoned", why="LOST", reason_code=reason_code)
    swap(sending, entry.value, stage, found, lost)
    settle_abandoned(sending, entry, stage, lost, epoch)


def settle_abandoned(sending: Sending, entry: Entry[Run], stage: int, job: Job, epoch: int) -> None:
    sending.held.free()
    settle_result(sending.ports, entry, stage, result_of_abandoned(job), epoch)


def result_of_abandoned(job: Job) -> Result:
    return Result("LOST" if job.why == "LOST" else "FAILED", job.resource, reason_code=job.reason_code)


def swap(sending: Sending, run: Run, stage: int, found: Entry[Job], job: Job) -> Entry[Job]:
    """LeaseLost when another holder wrote in between: it has fenced us out."""
    entry = swap_job(sending.ports, run, stage, job, found.generation)
    if entry is None:
        sending.held.free()
        raise LeaseLost
    return entry


def job_status(sending: Sending, run: Run, job: Job) -> JobStatus | None:
    """None: the destination does not know the job."""
    try:
        return sending.call(lambda seconds: sending.destination.job_status(run.target, job.resource, seconds))
    except Refusal as refusal:
        if isinstance(refusal.verdict, JobGone):
            return None
        raise


def _fenced(sending: Sending, run: Run, stage: int) -> Entry[Job]:
    """First act under a new lease: write the token, so that a predecessor that wakes up cannot change the job."""
    ledger, token = sending.ports.ledger, sending.held.token
    entry = ledger.read(Job, job_name(run, stage))
    if entry is None:
        intent = _intent(ledger.bucket, run, stage, 0, token)
        entry = create_job_document(sending.ports, run, stage, intent)
    if entry.value.fence == token or entry.value.state == "abandoned":
        return entry
    return swap(sending, run, stage, entry, replace(entry.value, fence=token))


def _intent(bucket: str, run: Run, stage: int, k: int, token: str) -> Job:
    external = names.external_id(bucket, run.target.account, run.segment, run.run, stage, k)
    return Job("creating", k, external, token)


def _create(sending: Sending, run: Run, stage: int, found: Entry[Job], *, first: bool) -> None:
    """A list that was remembered and is gone is forgotten: the next round looks its name up, and what that finds is final."""
    job, audience = found.value, resolve(sending, run.target)
    size = list_size(sending, audience.target) if first else job.list_size
    try:
        resource: str | None = sending.call(
            lambda seconds: sending.destination.create_job(audience.target, job.external_id, seconds)
        )
    except Refusal as refusal:
        match refusal.verdict:
            case JobExists():
                resource = _adopt(sending, audience.target, job)
            case JobGone() | FailPart("audience_gone") if audience.remembered:
                forget(sending, run.target)
                return
            case _:
                raise
    after = replace(_opened(sending, run, stage, job, resource), list_size=size)
    opened = swap(sending, run, stage, found, after)
    if opened.value.state == "opening":
        _clear(sending, run, stage, opened)


def _opened(sending: Sending, run: Run, stage: int, job: Job, resource: str | None) -> Job:
    """A new job is empty, so that it may be filled at once; a replace's has to begin with taking everybody out."""
    if resource is None:
        return _another(sending, run, stage, job)
    state: JobState = "opening" if run.mode == "replace" else "filling"
    return replace(job, state=state, resource=resource, created=sending.ports.clock.now())


def _another(sending: Sending, run: Run, stage: int, job: Job) -> Job:
    intent = _intent(sending.ports.ledger.bucket, run, stage, job.k + 1, job.fence)
    return replace(intent, list_size=job.list_size)


def _clear(sending: Sending, run: Run, stage: int, found: Entry[Job]) -> None:
    """Only a definite yes makes the job one to be filled. After anything else it stays `opening`, and whoever comes next takes
    another job: this one may have the operation twice, or not as its first, and is never run."""
    job = found.value
    try:
        refused = sending.call(
            lambda seconds: sending.destination.add(run.target, job.resource, remove_all(), seconds)
        )
    except Refusal as refusal:
        if isinstance(refusal.verdict, JobGone | JobStarted):
            raise TransientError("the job is not there to be cleared") from refusal
        raise
    if refused:
        get_logger().error("remove_all_refused", code=refused[0].code)
        raise TransientError("the job does not take its first operation")
    swap(sending, run, stage, found, replace(job, state="filling"))


def _adopt(sending: Sending, target: Target, job: Job) -> str | None:
    """The job of an earlier create whose answer was lost; None when it is not one that we can fill."""
    status = sending.call(lambda seconds: sending.destination.find_job(target, job.external_id, seconds))
    if status is None or status.phase != "PENDING" or status.list_id != target.list_id:
        return None
    return status.resource


def expired(sending: Sending, job: Job) -> bool:
    """A filled job that has become too old to be run."""
    return (
        job.state == "filling"
        and job.created is not None
        and sending.ports.clock.now() - job.created > EXPIRY
    )
