"""What every message must keep: an event is what the ledger holds, and an acknowledgement means that nothing is owed any more."""

from collections.abc import Callable, Mapping

from shared import names
from shared.line import fills
from shared.model.codec import decode
from shared.model.dead_letter import DeadLetter
from shared.model.events import OUTCOMES, Event
from shared.model.segment import SegmentRequest
from shared.model.state import SEALED, Claim
from shared.model.task import Task
from tests.support.watch.mirror import Mirror, RunId, require

Known = Callable[[str, str], bool]
"""Account and a task's name: is it known to the queue, waiting, running or gone?"""


class Messages:
    """`decided`: the events about accounts that the ledger has had. `told`: the bytes that each event id was
    published with. `buried`: the parts that a dead letter was published for."""

    def __init__(self, mirror: Mirror, known: Known, decided: Mapping[str, bytes]) -> None:
        self._mirror = mirror
        self._decided = decided
        self._known = known
        self.told: dict[str, bytes] = {}
        self.buried: set[tuple[str, int, int]] = set()

    def letter(self, data: bytes) -> None:
        letter = decode(DeadLetter, data)
        self.buried.add((letter.segment, letter.run, letter.part))

    def published(self, data: bytes) -> None:
        event = decode(Event, data)
        require(
            self.told.setdefault(event.event_id, data) == data, "I5", f"{event.event_id} was told in two ways"
        )
        require(self._recorded(event, data), "I5", f"{event.event_id} was told before it was recorded")

    def _recorded(self, event: Event, data: bytes) -> bool:
        run = (event.segment, event.run)
        if event.type in ("account.paused", "account.resumed"):
            return self._decided.get(event.event_id) == data
        if event.type in OUTCOMES:
            return self._holds(names.outcome_json(*run), data) or self._refused(event)
        if event.type in ("part.completed", "part.failed"):
            receipt = self._mirror.get(names.receipt_json(*run, event.stage, event.part))
            return receipt is not None and receipt.content == data
        needed = {"segment.received": names.run_json(*run), "segment.chunked": names.manifest_json(*run)}
        return self._mirror.has(needed[event.type])

    def _holds(self, name: str, data: bytes) -> bool:
        return self._mirror.has(name) and self._mirror.blobs[name].content == data

    def _refused(self, event: Event) -> bool:
        segment = self._mirror.get(names.segment_json(event.segment))
        return bool(segment and segment.verdict == "rejected")

    def ingest_acknowledged(self, mark: str) -> None:
        """What ingest has read and accepted, the sweep must know of from then on."""
        for segment in self._mirror.segments(mark):
            opened = (segment.segment, 1) in self._mirror.opened
            require(
                segment.verdict == "rejected" or opened,
                "I10",
                f"{segment.segment} was acknowledged and not opened",
            )

    def chunker_acknowledged(self, request: SegmentRequest) -> None:
        run = (request.segment, request.run)
        if self._mirror.outcome(run):
            return
        manifest = self._mirror.manifest(run)
        require(
            manifest and manifest.verdict == "ok",
            "I10",
            f"the request for {run} was acknowledged before its manifest",
        )
        require(
            self._mirror.ready(run), "I10", f"{run} was acknowledged and is not ready for those behind it"
        )
        waiting = names.task_name(*run, "begin", 1, 0, 0, 1)
        account = self._mirror.run(run).target.account
        require(
            self._begun(run, 1, 0) or self._known(account, waiting),
            "I10",
            f"{run} was acknowledged and not begun",
        )

    def task_acknowledged(self, task: Task) -> None:
        run = (task.segment, task.run)
        account = self._mirror.run(run).target.account
        n = task.n + 1
        successor = names.task_name(*run, task.kind, task.stage, task.part, task.epoch, n)
        fulfilled = (
            self._mirror.outcome(run) or self._mirror.result(run, task.stage) or self._fulfilled(run, task)
        )
        owed = f"{task.kind} {task.stage}-{task.part} of {run} was acknowledged and is owed"
        require(fulfilled or self._known(account, successor), "I10", owed)

    def _fulfilled(self, run: RunId, task: Task) -> bool:
        if task.kind == "begin":
            return self._begun(run, task.stage, task.epoch)
        if task.kind == "upload":
            told = names.event_id(*run, str(task.part)) in self.told
            return told and self._mirror.receipt(run, task.stage, task.part) is not None
        return task.kind in ("finish", "finishnow") and self._runs(run, task.stage)

    def _begun(self, run: RunId, stage: int, epoch: int) -> bool:
        """The stage was filled; or it is being filled, its parts have receipts or tasks that are known, and it has a guard."""
        if self._runs(run, stage) or self._mirror.result(run, stage):
            return True
        return fills(self._mirror.line(run), Claim(*run, stage)) and self._fanned_out(run, stage, epoch)

    def _fanned_out(self, run: RunId, stage: int, epoch: int) -> bool:
        manifest = self._mirror.manifest(run)
        parts = [part.number for part in manifest.stage(stage).parts] if manifest else []
        sent = all(
            self._mirror.receipt(run, stage, part) or self._task(run, "upload", stage, part, epoch)
            for part in parts
        )
        return sent and self._task(run, "finish", stage, 0, epoch)

    def _task(self, run: RunId, kind: str, stage: int, part: int, epoch: int) -> bool:
        account = self._mirror.run(run).target.account
        return self._known(account, names.task_name(*run, kind, stage, part, epoch, 0))

    def _runs(self, run: RunId, stage: int) -> bool:
        job = self._mirror.job(run, stage)
        return self._mirror.line(run).running == Claim(*run, stage) or bool(job and job.state in SEALED)
