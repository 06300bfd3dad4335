"""Making tasks: the first of an obligation, and the successor that a snooze is."""

from dataclasses import replace
from datetime import timedelta

from shared import names
from shared.model.codec import encode
from shared.model.run import Run
from shared.model.task import Task, TaskKind
from shared.trace import traceparent
from shared.world import Ports

LONGEST_DELAY = timedelta(days=29)
"""Cloud Tasks schedules at most 30 days ahead; a task lives 31."""


def first_task(ports: Ports, run: Run, kind: TaskKind, stage: int, epoch: int, part: int = 0) -> Task:
    step = f"{kind}-{stage}-{part}"
    return Task(
        segment=run.segment,
        run=run.run,
        kind=kind,
        stage=stage,
        part=part,
        epoch=epoch,
        n=0,
        tried=0,
        first_at=ports.clock.now(),
        traceparent=traceparent(run.segment, run.run, step),
    )


def enqueue(ports: Ports, account: str, task: Task, delay: float = 0) -> None:
    """The name is known to the queue afterwards, by us or by a twin."""
    name = names.task_name(task.segment, task.run, task.kind, task.stage, task.part, task.epoch, task.n)
    at = ports.clock.now() + min(timedelta(seconds=delay), LONGEST_DELAY) if delay > 0 else None
    ports.queues.create(names.queue_id(account), name, encode(task), at)


def succeed(ports: Ports, account: str, task: Task, attempts: int, delay: float) -> None:
    """A snooze: the same obligation under the next name, its attempts and its age kept."""
    enqueue(ports, account, replace(task, n=task.n + 1, tried=attempts), delay)


def patience(n: int) -> float:
    """Seconds until a waiting task asks again: from 5 s to a minute, and every ten minutes once an hour has passed."""
    return 600.0 if n > 60 else min(60.0, 5.0 * 2 ** min(n, 4))
