"""S-TASK: what a task goes through whatever its kind. It is acknowledged only when its obligation is fulfilled in the ledger,
or when a successor's name is known to the queue."""

from dataclasses import dataclass

from services.uploader.destination import Destination
from services.uploader.errand import Errand
from services.uploader.finish import Finishing, finish
from services.uploader.follow import follow
from services.uploader.sending import PAUSED_WAIT, Desk
from services.uploader.upload import announce_part, upload
from shared.edge.answer import Ack, Answer, Nack, Snooze
from shared.errors import UnusableMessage
from shared.ledger import Entry
from shared.log import bind_account, get_logger
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.state import Pause
from shared.model.task import Task
from shared.model.topology import Tasks
from shared.ops import runs
from shared.ops.begin import begin
from shared.ops.close import close
from shared.ops.enqueue import succeed
from shared.ops.pausing import Found, carry_out, read_pause, set_queue
from shared.world import Ports

STUCK_WAIT = 1800.0
"""Seconds between two looks at an obligation that cannot be given up: what is true is at the destination or in the ledger."""


@dataclass(frozen=True)
class Passing:
    """One dispatch of a task. `attempts` counts those before it, under all its names."""

    entry: Entry[Run]
    manifest: Manifest
    task: Task
    attempts: int
    spent: bool


def handle(ports: Ports, destination: Destination, task: Task, retries: int) -> Ack | Nack:
    """`retries`: how often Cloud Tasks has dispatched this very name before."""
    started = ports.clock.readings()
    entry = runs.read_run(ports, task.segment, task.run)
    pause = read_pause(ports, entry.value.target.account)
    passing = _passing(ports, entry, task, task.tried + retries, pause.pause)
    desk = Desk(ports, destination, started, ports.topology.services.uploader.budget_seconds, pause)
    answer = _ended(ports, passing) or _rest(ports, pause) or _carry_out(desk, passing)
    return _answer(ports, passing, answer)


def is_spent(attempts: int, age: float, limits: Tasks) -> bool:
    """Cloud Tasks' own meaning: both must be used up, so that neither a broken deploy nor an outage of hours fails anything."""
    return attempts >= limits.max_attempts and age >= limits.max_retry_duration_seconds


def _passing(ports: Ports, entry: Entry[Run], task: Task, attempts: int, pause: Pause) -> Passing:
    """Age counts from the account's last resumption on: nobody could try while it rested."""
    bind_account(entry.value.target.account, entry.value.labels)
    manifest = runs.read_manifest(ports, entry.value)
    if manifest is None or not _fits(manifest.value, task):
        raise UnusableMessage("message_unusable", "the task names a stage or part that the run does not have")
    age = (ports.clock.now() - max(task.first_at, pause.at)).total_seconds()
    return Passing(entry, manifest.value, task, attempts, is_spent(attempts, age, ports.topology.tasks))


def _fits(manifest: Manifest, task: Task) -> bool:
    if not 1 <= task.stage <= len(manifest.stages):
        return False
    numbers = [part.number for part in manifest.stage(task.stage).parts]
    return task.part in numbers if task.kind == "upload" else task.part == 0


def _ended(ports: Ports, passing: Passing) -> Answer | None:
    task = passing.task
    if runs.read_outcome(ports, task.segment, task.run) is None:
        return None
    if task.kind == "upload" and ports.ledger.stat(_errand(passing).receipt):
        announce_part(ports, _errand(passing))
    close(ports, task.segment, task.run)
    return Ack("the run has ended")


def _rest(ports: Ports, pause: Found) -> Answer | None:
    """A task of a paused account comes when its queue was let go behind our back, or was never held."""
    if not pause.pause.paused:
        return None
    if carry_out(ports, pause) == pause:
        set_queue(ports, pause)
    return Snooze("account_paused", PAUSED_WAIT)


def _carry_out(desk: Desk, passing: Passing) -> Answer:
    match passing.task.kind:
        case "begin":
            return begin(desk.ports, passing.entry, passing.task)
        case "upload":
            return upload(desk, _errand(passing))
        case "finish" | "finishnow":
            return finish(desk, Finishing(passing.entry, passing.manifest, passing.task, passing.spent))
        case "follow":
            return follow(desk, passing.entry, passing.task)


def _errand(passing: Passing) -> Errand:
    part = passing.manifest.part(passing.task.part)
    return Errand(passing.entry, passing.task, part, passing.attempts, passing.spent)


def _answer(ports: Ports, passing: Passing, answer: Answer) -> Ack | Nack:
    """A snooze becomes the successor; so does a failure of what is spent and cannot be given up."""
    if isinstance(answer, Nack) and passing.spent:
        get_logger().error("task_stuck", reason_code=answer.reason_code, attempts=passing.attempts)
        answer = Snooze("stuck", STUCK_WAIT)
    get_logger().info("task_answered", answer=type(answer).__name__.lower(), why=_why(answer))
    if isinstance(answer, Snooze):
        succeed(ports, passing.entry.value.target.account, passing.task, passing.attempts, answer.seconds)
        return Ack(f"snoozed: {answer.reason_code}")
    return answer


def _why(answer: Answer) -> str:
    return answer.note if isinstance(answer, Ack) else answer.reason_code
