"""Sending a part's frames one after the other, each as one request, from where an earlier dispatch had to stop."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from services.uploader.destination import Refused
from services.uploader.errand import Errand, Sent
from services.uploader.sending import OutOfTime, Refusal, Sending
from shared.errors import TransientError
from shared.log import get_logger
from shared.model.state import Job, Progress
from shared.ops.leasing import LeaseLost
from shared.verdict import FailPart, Failure, judge
from shared.wire.part import Frame


def fill(sending: Sending, errand: Errand, job: Job, frames: Sequence[Frame]) -> Sent:
    """What is now in the job. Whenever it stops in between, the frames that went in are kept for the next dispatch."""
    sent = so_far(sending, errand, job)
    for frame in frames[sent.frames :]:
        try:
            refused = sending.call(partial(_add, sending, errand, job, frame))
        except Refusal as refusal:
            if isinstance(refusal.verdict, FailPart):
                return replace(sent, reason_code=refusal.verdict.reason_code)
            _keep(sending, errand, job, sent)
            raise
        except (OutOfTime, LeaseLost, TransientError):
            _keep(sending, errand, job, sent)
            raise
        _log_refused(refused)
        sent = Sent(sent.frames + 1, sent.records + frame.records, sent.refused + len(refused))
    return sent


def _add(
    sending: Sending, errand: Errand, job: Job, frame: Frame, seconds: float
) -> tuple[Refused, ...] | Failure:
    answer = sending.destination.add(errand.run.target, job.resource, frame.body, seconds)
    return answer if isinstance(answer, Failure) else unless_passing(answer)


def unless_passing(refused: tuple[Refused, ...]) -> tuple[Refused, ...] | Failure:
    """An operation that was refused for a passing reason is no bad record: the frame is sent again, whoever is in it twice is in once."""
    failures = (Failure("", (one.code,)) for one in refused)
    return next((each for each in failures if not isinstance(judge(each), FailPart)), refused)


def so_far(sending: Sending, errand: Errand, job: Job | None) -> Sent:
    """What earlier dispatches put into this very job."""
    entry = sending.ports.ledger.read(Progress, errand.progress) if job else None
    if entry is None or job is None or entry.value.k != job.k:
        return Sent()
    return Sent(entry.value.frames, entry.value.records, entry.value.refused)


def _keep(sending: Sending, errand: Errand, job: Job, sent: Sent) -> None:
    """Only spares requests: a lost swap is a twin's progress, and a failure must not hide why the sending stopped."""
    if sent.frames == 0:
        return
    ledger, progress = sending.ports.ledger, Progress(job.k, sent.frames, sent.records, sent.refused)
    try:
        before = ledger.read(Progress, errand.progress)
        ledger.swap(errand.progress, progress, before.generation if before else 0)
    except TransientError:
        get_logger().warning("progress_not_kept", frames=sent.frames)


def _log_refused(refused: tuple[Refused, ...]) -> None:
    if refused:
        get_logger().warning("records_refused", codes=dict(Counter(one.code for one in refused)))
