"""Cloud Tasks as a state machine: queues by name, and which of them have something to dispatch.

Synchronous, no I/O, no threads: it is told the time. `take` hands out what is to be sent, `finish` hears what
came of it; in between, the dispatcher sends. Listeners hear that there may be something to take.
"""

import random
from collections import OrderedDict
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf

from infra.local.delivery import Answer
from infra.local.refused import Refused, not_found
from infra.local.tasks import names
from infra.local.tasks.queue import Dispatch, Queue
from infra.local.tasks.settings import QueueSettings, check
from infra.local.tasks.task import NewTask, Task, truncated
from infra.local.tasks.task import check as check_task

# Documented is "up to 3 days".
QUEUE_NAME_BLOCKED = 3 * 86_400.0


class TasksEngine:
    def __init__(self, now: Callable[[], float], random: random.Random) -> None:
        """`now`: epoch seconds; `random` only chooses the ids of tasks without a name."""
        self._now = now
        self._random = random
        self._sequence = count(1)
        self._queues: dict[str, Queue] = {}
        self._blocked: dict[str, float] = {}
        self._forced: list[Dispatch] = []
        self._touched: OrderedDict[str, None] = OrderedDict()  # queues to look at in the next `take`
        self._wakes: list[tuple[float, str]] = []
        self._next_wakes: dict[str, float] = {}  # the newest entry of each queue, so that none is made twice
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """From now on, `listener` is called when there may be something to take."""
        self._listeners.append(listener)

    # Queues

    def create_queue(self, name: str, settings: QueueSettings) -> Queue:
        if names.checked_queue(name) in self._queues:
            raise Refused("ALREADY_EXISTS", f"{name} exists already")
        if self._now() < self._blocked.get(name, 0.0):
            raise Refused("FAILED_PRECONDITION", f"a queue named {name} was deleted less than 3 days ago")
        check(settings)
        self._queues[name] = Queue(name, settings, self._now())
        return self._queues[name]

    def queue(self, name: str) -> Queue:
        """To be read, not to be changed."""
        if name not in self._queues:
            raise not_found(names.checked_queue(name))
        queue = self._queues[name]
        queue.forget(self._now())
        return queue

    def queues(self, location: str) -> list[str]:
        return sorted(name for name in self._queues if name.startswith(f"{location}/queues/"))

    def update_queue(self, name: str, settings: QueueSettings) -> Queue:
        """Creates the queue, if it does not exist."""
        if name not in self._queues:
            return self.create_queue(name, settings)
        check(settings)
        self._queues[name].configure(settings, self._now())
        return self._touch(name)

    def delete_queue(self, name: str) -> None:
        del self._queues[self.queue(name).name]
        self._blocked[name] = self._now() + QUEUE_NAME_BLOCKED

    def pause_queue(self, name: str) -> Queue:
        """No attempt begins any more; running ones go on, tasks stay."""
        self.queue(name).paused = True
        return self._touch(name)

    def resume_queue(self, name: str) -> Queue:
        self.queue(name).paused = False
        return self._touch(name)

    def purge_queue(self, name: str) -> Queue:
        self.queue(name).purge(self._now())
        return self._touch(name)

    # Tasks

    def create_task(self, queue_name: str, task_name: str, new: NewTask) -> Task:
        """`task_name` "": the task gets a name of its own. Raises Refused, ALREADY_EXISTS also for names of
        tasks that were done or deleted within a day."""
        queue, now = self.queue(queue_name), self._now()
        task_id = self._task_id(queue, task_name) if task_name else f"{self._random.getrandbits(64):020}"
        check_task(new, queue.settings.target, now)
        scheduled = truncated(max(now, new.scheduled or now))
        task = Task(task_id, next(self._sequence), new.request, new.deadline, now, scheduled)
        queue.add(task)
        self._touch(queue_name)
        return task

    def task(self, name: str) -> Task:
        queue_name, task_id = names.split_task(name)
        task = self.queue(queue_name).get(task_id)
        if task is None:
            raise not_found(name)
        return task

    def tasks(self, queue_name: str, after: int, size: int) -> list[Task]:
        """The next `size` tasks after the one with the sequence number `after`."""
        return self.queue(queue_name).page(after, size)

    def delete_task(self, name: str) -> None:
        task, queue = self.task(name), self._queues[names.split_task(name)[0]]
        queue.remove(task.id, self._now())
        self._touch(queue.name)

    def run_task(self, name: str) -> Task:
        """Dispatches at once, whatever pause, rate, concurrency and running attempts say."""
        task, queue = self.task(name), self._queues[names.split_task(name)[0]]
        dispatch = queue.dispatch(task, self._now(), forced=True)
        self._forced.append(dispatch)
        self._touch(queue.name)
        return dispatch.task

    # Dispatching

    def take(self) -> list[Dispatch]:
        """Everything that is to be sent now. Each has to be finished, once."""
        now = self._now()
        while self._wakes and self._wakes[0][0] <= now:
            _, name = heappop(self._wakes)
            self._next_wakes.pop(name, None)
            self._touched[name] = None
        taken, self._forced = self._forced, []
        while self._touched:
            taken += self._take_from(self._touched.popitem(last=False)[0], now)
        return taken

    def finish(self, dispatch: Dispatch, answer: Answer) -> None:
        queue = self._queues.get(dispatch.queue)
        if queue:
            queue.finish(dispatch, answer, self._now())
            self._touch(queue.name)

    def next_due(self) -> float:
        """When `take` has something to hand out, if nothing else happens (epoch seconds); inf: never."""
        return self._wakes[0][0] if self._wakes else inf

    def _take_from(self, name: str, now: float) -> list[Dispatch]:
        queue = self._queues.get(name)
        if queue is None:
            return []
        taken = queue.take(now)
        wake = queue.next_at()
        if wake < inf and wake != self._next_wakes.get(name):
            self._next_wakes[name] = wake
            heappush(self._wakes, (wake, name))
        return taken

    def _task_id(self, queue: Queue, task_name: str) -> str:
        owner, task_id = names.split_task(task_name)
        if owner != queue.name:
            raise Refused("INVALID_ARGUMENT", f"{task_name} is not a name in {queue.name}")
        if queue.get(task_id):
            raise Refused("ALREADY_EXISTS", f"{task_name} exists already")
        if queue.is_blocked(task_id, self._now()):
            raise Refused("ALREADY_EXISTS", f"a task named {task_name} existed too recently")
        return task_id

    def _touch(self, name: str) -> Queue:
        self._touched[name] = None
        for listener in self._listeners:
            listener()
        return self._queues[name]
