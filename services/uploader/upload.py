"""S-PART: send one part, once, under the account's lease; record its receipt; announce it; notice that the stage is complete.

A receipt that exists is not the end: whoever finds it goes on with the step after it, because its writer may have died there.
"""

from dataclasses import replace

from services.uploader.errand import Errand, Sent
from services.uploader.filling import fill, so_far
from services.uploader.job import lose, open_job, settle_abandoned, swap
from services.uploader.receipt import record
from services.uploader.sending import Desk, Refusal, Sending, under_lease
from shared import names
from shared.edge.answer import Ack, Answer, Snooze
from shared.errors import TransientError
from shared.ledger import Entry
from shared.line import fills
from shared.log import get_logger
from shared.model.manifest import Part
from shared.model.receipt import Receipt
from shared.model.state import SEALED, Job, Result
from shared.ops import runs
from shared.ops.close import close
from shared.ops.enqueue import enqueue, first_task, patience
from shared.ops.jobs import job_name
from shared.ops.outcome import settle_result
from shared.ops.telling import tell_part
from shared.verdict import FailPart, FailRecord, JobGone, JobStarted, Split
from shared.wire.part import Part as PartFile
from shared.wire.part import PartUnreadable, decode
from shared.world import Ports


def upload(desk: Desk, errand: Errand) -> Answer:
    """A part whose receipt is there has been sent: only what comes after it is done again."""
    if desk.ports.ledger.stat(errand.receipt) is None:
        if answer := _out_of_turn(desk.ports, errand):
            return answer
        if answer := under_lease(desk, errand.run, lambda sending: _deliver(sending, errand), errand.receipt):
            return answer
    return announce_part(desk.ports, errand)


def _out_of_turn(ports: Ports, errand: Errand) -> Answer | None:
    """A stage that has ended without this part needs it no more; one that is not being filled yet may still."""
    line, _ = runs.read_line(ports, errand.run)
    if fills(line, errand.claim):
        return None
    name = names.result_json(errand.run.segment, errand.run.run, errand.stage)
    if result := ports.ledger.fact(Result, name):
        settle_result(ports, errand.entry, errand.stage, result.value, errand.task.epoch)
        return Ack("the stage has ended")
    return Snooze("out_of_turn", patience(errand.task.n))


def announce_part(ports: Ports, errand: Errand) -> Answer:
    """From the stored receipt: its event, a dead letter when it failed, and the end of the stage when it was the last."""
    receipt = ports.ledger.read(Receipt, errand.receipt)
    if receipt is None:
        raise TransientError("the receipt is not readable yet")
    tell_part(ports, receipt)
    _finish_if_last(ports, errand)
    return Ack("the part has its receipt")


def _file(ports: Ports, part: Part) -> PartFile | FailPart:
    """The part's file, of the very generation that the manifest pins."""
    blob = ports.parts.get(part.name)
    if blob is None or blob.generation != part.generation:
        return FailPart("part_expired")
    try:
        return decode(blob.content)
    except PartUnreadable:
        return FailPart("part_damaged")


def _deliver(sending: Sending, errand: Errand) -> Answer | None:
    """Everything is read again under the lease: a twin may have been here since. None once a receipt exists.
    The part's file is read last: while others have the account, nobody fetches it in vain."""
    ports, run = sending.ports, errand.run
    if ports.ledger.stat(errand.receipt):
        sending.held.free()
        return None
    if runs.read_outcome(ports, run.segment, run.run):
        sending.held.free()
        close(ports, run.segment, run.run)
        return Ack("the run has ended")
    found = ports.ledger.read(Job, job_name(run, errand.stage))
    if found and found.value.state in SEALED:
        return _run_elsewhere(sending, errand, found)
    job = found.value if found else None
    file = FailPart("attempts_exhausted") if errand.spent else _file(ports, errand.part)
    if isinstance(file, FailPart):
        sent = so_far(sending, errand, job)
        record(sending, errand, job, replace(sent, reason_code=file.reason_code))
        return None
    return _send(sending, errand, file, first=job is None)


def _send(sending: Sending, errand: Errand, file: PartFile, *, first: bool) -> Answer | None:
    opened: Entry[Job] | None = None
    try:
        opened = open_job(sending, errand.entry, errand.stage, errand.task.epoch, first=first)
        if opened is None:
            return Ack("the stage was abandoned")
        sent = fill(sending, errand, opened.value, file)
    except Refusal as refusal:
        return _refused(sending, errand, opened, refusal)
    record(sending, errand, opened.value, sent)
    return None


def _refused(sending: Sending, errand: Errand, opened: Entry[Job] | None, refusal: Refusal) -> Answer | None:
    """What a refusal means for the job is settled here; what it means for the task, by whoever gave the lease.
    `opened` is the job as we fenced it: should another holder have written since, our word about it is refused."""
    get_logger().warning("upload_refused", status=refusal.failure.status, codes=refusal.failure.codes)
    match refusal.verdict:
        case FailPart(reason_code) | FailRecord(reason_code) | Split(reason_code) if opened is None:
            record(sending, errand, None, Sent(reason_code=reason_code))
            return None
        case JobGone() if opened is None:  # of a job that is still to be created only its list can be gone
            record(sending, errand, None, Sent(reason_code="audience_gone"))
            return None
        case JobGone() if opened:
            lose(sending, errand.entry, errand.stage, opened, errand.task.epoch)
            return Ack("the job is lost")
        case JobStarted() if opened:
            return _run_elsewhere(sending, errand, opened)
    raise refusal


def _run_elsewhere(sending: Sending, errand: Errand, found: Entry[Job]) -> Answer | None:
    """A job is sealed only when every part has its receipt: with ours, a twin has delivered the part and run the job.
    Without, somebody else has run it, and what is in it we cannot know: the stage fails, loudly."""
    if sending.ports.ledger.stat(errand.receipt):
        sending.held.free()
        return None
    get_logger().error("job_run_elsewhere", job=found.value.resource)
    sending.held.ready()
    ended = replace(found.value, state="abandoned", why="FAILED", reason_code="job_run_elsewhere")
    if found.value.state not in SEALED:
        swap(sending, errand.run, errand.stage, found, ended)
    settle_abandoned(sending, errand.entry, errand.stage, ended, errand.task.epoch)
    return Ack("the job was run elsewhere")


def _finish_if_last(ports: Ports, errand: Errand) -> None:
    """Lists are strongly consistent: of two last parts at least one sees all. The guard's name is taken, hence a kind of its own."""
    run, stage = errand.run, errand.stage
    manifest = runs.read_manifest(ports, run)
    receipts = ports.ledger.list(names.receipts_prefix(run.segment, run.run, stage))
    if manifest and sum(1 for _ in receipts) == len(manifest.value.stage(stage).parts):
        enqueue(ports, run.target.account, first_task(ports, run, "finishnow", stage, errand.task.epoch))
