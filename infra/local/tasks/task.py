"""A task and its attempts, as frozen values; each step of its life gives a new value. Pure.

Also what Cloud Tasks refuses to create (CreateTask, Task, HttpRequest: their comments, and "Quotas and
limits").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import floor

from infra.local.delivery import Answer
from infra.local.refused import invalid
from infra.local.tasks import headers
from infra.local.tasks.address import is_complete
from infra.local.tasks.settings import HttpTarget, Identity

DAY = 86_400.0
LIFE = 31 * DAY
FURTHEST_SCHEDULE = 30 * DAY
MAX_TASK_BYTES = 1_048_569
MAX_URL_CHARACTERS = 2083
SHORTEST_DEADLINE, LONGEST_DEADLINE = 15.0, 1800.0
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is to be sent. `url` "": the queue's target says where."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class NewTask:
    """What a caller wants done. `scheduled` None: now; `deadline`: seconds; `size`: bytes of it all."""

    request: HttpRequest
    scheduled: float | None = None
    deadline: float = 600.0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One dispatch. `answer` None: it is running."""

    scheduled: float
    dispatched: float
    answered: float | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """`waiting`: to be dispatched at `scheduled`. `executions`: answers other than 5xx. `sequence` orders
    tasks by creation. Times in epoch seconds; `first_dispatched` 0: never."""

    id: str
    sequence: int
    request: HttpRequest
    deadline: float
    created: float
    scheduled: float
    waiting: bool = True
    dispatches: int = 0
    responses: int = 0
    executions: int = 0
    first_dispatched: float = 0.0
    last: Attempt | None = None

    def dispatched(self, now: float) -> "Task":
        return replace(
            self,
            waiting=False,
            dispatches=self.dispatches + 1,
            first_dispatched=self.first_dispatched or now,
            last=Attempt(self.scheduled, now),
        )

    def failed(self, attempt: Attempt, answer: Answer, now: float) -> "Task":
        """`attempt` has ended so; another attempt of the same task may still be running."""
        answered = answer.status is not None
        executed = answered and not 500 <= (answer.status or 0) <= 599
        return replace(
            self,
            responses=self.responses + answered,
            executions=self.executions + executed,
            last=replace(attempt, answered=now, answer=answer),
        )

    def rescheduled(self, moment: float) -> "Task":
        return replace(self, waiting=True, scheduled=truncated(moment))


def truncated(moment: float) -> float:
    """As schedule times are: whole microseconds."""
    return floor(moment * 1e6) / 1e6


def check(task: NewTask, target: HttpTarget, now: float) -> None:
    """Raises Refused for what cannot be created in a queue with this target."""
    for complaint in _complaints(task, target, now):
        raise invalid(complaint)


def _complaints(task: NewTask, target: HttpTarget, now: float) -> Iterator[str]:
    request = task.request
    if not request.url and not target.uri.host:
        yield "http_request.url is required, as the queue's http_target names no host"
    if request.url and not is_complete(request.url):
        yield f"http_request.url is an http:// or https:// URL, not {request.url!r}"
    if len(request.url) > MAX_URL_CHARACTERS:
        yield f"http_request.url has at most {MAX_URL_CHARACTERS} characters"
    if request.body and request.method not in METHODS_WITH_BODY:
        yield f"a request with method {request.method} has no body"
    if task.size > MAX_TASK_BYTES:
        yield f"a task has at most {MAX_TASK_BYTES:,} bytes, not {task.size:,}"
    if task.scheduled is not None and task.scheduled > now + FURTHEST_SCHEDULE:
        yield "schedule_time is at most 30 days in the future"
    if not SHORTEST_DEADLINE <= task.deadline <= LONGEST_DEADLINE:
        yield f"dispatch_deadline is between 15 s and 30 min, not {task.deadline:g} s"
    yield from headers.complaints(request.headers.items())
