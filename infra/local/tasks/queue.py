"""One queue: its tasks, its schedule, and what may be dispatched when. A state machine that is told the time.

Cloud Tasks, Queue, RateLimits, CreateTask: dispatched is by schedule time, as far as rate, concurrency,
throttling and pause allow. These limits say what the queue begins, not what runs: an execution whose time is
up counts no longer, though the worker may go on.
"""

from collections import OrderedDict
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice
from math import inf

from infra.local.delivery import Answer
from infra.local.tasks.bucket import TokenBucket
from infra.local.tasks.retry import retry_delay, spent
from infra.local.tasks.settings import HttpTarget, QueueSettings
from infra.local.tasks.task import LIFE, Attempt, Task
from infra.local.tasks.throttle import Throttle, succeeded, throttled

# Documented is "up to 24 hours"; the longest is what a caller has to be able to live with.
NAME_BLOCKED = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One request to be made. `task` as it is with this attempt begun; `previous`: the attempt before, if
    any; `forced`: by RunTask."""

    queue: str
    target: HttpTarget
    task: Task
    attempt: Attempt
    previous: Attempt | None
    forced: bool


class Queue:
    def __init__(self, name: str, settings: QueueSettings, now: float) -> None:
        self.name = name
        self.settings = settings
        self.paused = False
        self.purged: float | None = None
        self._tasks: OrderedDict[str, Task] = OrderedDict()  # in order of creation
        self._blocked: OrderedDict[str, float] = OrderedDict()  # ids of gone tasks, and until when
        self._schedule: list[tuple[float, int, str]] = []
        self._running = 0
        self._bucket = TokenBucket.full(settings.limits.rate, settings.limits.burst, now)
        self._throttle = Throttle()

    def configure(self, settings: QueueSettings, now: float) -> None:
        self.settings = settings
        self._bucket = self._bucket.reset(settings.limits.rate, settings.limits.burst, now)

    def is_blocked(self, task_id: str, now: float) -> bool:
        """Whether a task with this id is gone, but too recently for another one."""
        while self._blocked and next(iter(self._blocked.values())) <= now:
            self._blocked.popitem(last=False)
        return task_id in self._blocked

    def get(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def page(self, after: int, size: int) -> list[Task]:
        """The next tasks by order of creation, running ones among them."""
        return list(islice((each for each in self._tasks.values() if each.sequence > after), size))

    def add(self, task: Task) -> None:
        self._tasks[task.id] = task
        heappush(self._schedule, (task.scheduled, task.sequence, task.id))

    def remove(self, task_id: str, now: float) -> None:
        """Running attempts of the task go on; their answers no longer matter."""
        del self._tasks[task_id]
        self._blocked[task_id] = now + NAME_BLOCKED

    def purge(self, now: float) -> None:
        for task_id in list(self._tasks):
            self.remove(task_id, now)
        self.purged = now

    def forget(self, now: float) -> None:
        """Deletes tasks that have lived their 31 days."""
        while self._tasks and (oldest := next(iter(self._tasks.values()))).created + LIFE <= now:
            self.remove(oldest.id, now)

    def take(self, now: float) -> list[Dispatch]:
        """Begins every attempt that is due and allowed."""
        self.forget(now)
        taken = []
        while self.next_at() <= now and (task := self._first()):
            taken.append(self.dispatch(task, now))
            self._bucket = self._bucket.taken(now)
        return taken

    def next_at(self) -> float:
        """When the next attempt may begin, if nothing else happens; inf: not before something does."""
        task = self._first()
        if task is None or self.paused or self._running >= self.settings.limits.concurrent:
            return inf
        return max(task.scheduled, self._bucket.next_at(), self._throttle.held_until)

    def dispatch(self, task: Task, now: float, *, forced: bool = False) -> Dispatch:
        """Begins an attempt, allowed or not."""
        self._running += 1
        begun = task.dispatched(now)
        self._tasks[task.id] = begun
        attempt = Attempt(task.scheduled, now)
        return Dispatch(self.name, self.settings.target, begun, attempt, task.last, forced)

    def finish(self, dispatch: Dispatch, answer: Answer, now: float) -> None:
        """An attempt has ended: the task is done, waits for its next attempt, or is given up."""
        self._running -= 1
        self._throttle = throttled(self._throttle, answer, now)
        task = self._tasks.get(dispatch.task.id)
        if task is None:  # deleted, purged, or done by another attempt
            return
        retry, age = self.settings.retry, now - task.first_dispatched
        if succeeded(answer) or spent(retry, task.dispatches, age):
            self.remove(task.id, now)
        else:
            failed = task.failed(dispatch.attempt, answer, now)
            since = dispatch.attempt.dispatched if dispatch.forced else now
            self.add(failed.rescheduled(since + retry_delay(retry, failed.dispatches)))

    def _first(self) -> Task | None:
        """The waiting task with the earliest schedule; entries of tasks that moved on are dropped."""
        while self._schedule:
            scheduled, _, task_id = self._schedule[0]
            task = self._tasks.get(task_id)
            if task and task.waiting and task.scheduled == scheduled:
                return task
            heappop(self._schedule)
        return None
