"""Sending a part's frames one after the other, each as one request, from where an earlier dispatch had to stop."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from services.uploader.destination import Refused
from services.uploader.errand import Errand, Sent
from services.uploader.refusals import on_lines
from services.uploader.sending import OutOfTime, PauseChanged, Refusal, Sending
from shared.errors import TransientError
from shared.log import get_logger
from shared.model.receipt import Refusals, joined
from shared.model.state import Job, Progress
from shared.ops.leasing import LeaseLost
from shared.verdict import FailPart, FailRecord, Failure, Split, judge
from shared.wire.google_ads import end_of
from shared.wire.part import Part

HALVINGS = 4
"""How often a frame that is too large is halved. The chunker keeps a tenth of the limit: sixteenths that are too large are a defect,
and cutting down to single records would cost requests without end."""
_Lasting = FailPart | FailRecord | Split


@dataclass(frozen=True)
class _Piece:
    """A frame or what was cut from it. `first`: the record of the part that it begins with; `cuts`: how often it may still be halved."""

    body: bytes | bytearray | memoryview
    first: int
    records: int
    cuts: int = HALVINGS

    def halves(self) -> "tuple[_Piece, _Piece]":
        half, cuts = self.records // 2, self.cuts - 1
        end = end_of(self.body, half)
        return (
            _Piece(self.body[:end], self.first, half, cuts),
            _Piece(self.body[end:], self.first + half, self.records - half, cuts),
        )


def fill(sending: Sending, errand: Errand, job: Job, part: Part) -> Sent:
    """What is now in the job. Whenever it stops in between, the frames that went in are kept for the next dispatch."""
    sent = so_far(sending, errand, job)
    for frame in part.frames[sent.frames :]:
        taken, whole = sent, _Piece(frame.body, frame.first_record, frame.records)
        try:
            for piece, refused in _sent(sending, errand, job, whole):
                taken = _with(taken, piece.records, on_lines(part, piece.first, refused))
        except Refusal as refusal:
            if isinstance(refusal.verdict, _Lasting):
                return replace(taken, reason_code=refusal.verdict.reason_code)
            _keep(sending, errand, job, sent)
            raise
        except (OutOfTime, PauseChanged, LeaseLost, TransientError):
            _keep(sending, errand, job, sent)
            raise
        sent = replace(taken, frames=sent.frames + 1)
    return sent


def _with(sent: Sent, records: int, refused: tuple[Refusals, ...]) -> Sent:
    refusals = joined(sent.refused, refused) if refused else sent.refused
    return replace(sent, records=sent.records + records, refused=refusals)


def _sent(
    sending: Sending, errand: Errand, job: Job, frame: _Piece
) -> Iterator[tuple[_Piece, tuple[Refused, ...]]]:
    """Sends the frame, in one piece if it can be; tells of each piece which of its operations were refused."""
    waiting = [frame]
    while waiting:
        piece = waiting.pop(0)
        try:
            refused = sending.call(partial(_add, sending, errand, job, piece))
        except Refusal as refusal:
            if not isinstance(refusal.verdict, Split) or piece.cuts == 0 or piece.records < 2:
                raise
            waiting[:0] = piece.halves()
        else:
            _log_refused(refused)
            yield piece, refused


def _add(
    sending: Sending, errand: Errand, job: Job, piece: _Piece, seconds: float
) -> tuple[Refused, ...] | Failure:
    answer = sending.destination.add(errand.run.target, job.resource, piece.body, seconds)
    return answer if isinstance(answer, Failure) else unless_passing(answer)


def unless_passing(refused: tuple[Refused, ...]) -> tuple[Refused, ...] | Failure:
    """An operation that was refused for a passing reason is no bad record: the frame is sent again, whoever is in it twice is in once.
    One that is too large by itself does not get smaller by halving the frame."""
    failures = (Failure("", (one.code,)) for one in refused)
    return next((each for each in failures if not isinstance(judge(each), _Lasting)), refused)


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
