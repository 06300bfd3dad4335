"""A task: one obligation to fulfil, addressed to the uploader through the account's queue. References only, never records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TaskKind = Literal["begin", "upload", "finish", "finishnow", "follow"]


@dataclass(frozen=True)
class Task:
    """`epoch` is raised by a sweep that makes the task anew, `n` by each snooze. `tried` counts the attempts under earlier names,
    `first_at` is the first of them."""

    segment: str
    run: int
    kind: TaskKind
    stage: int
    part: int
    epoch: int
    n: int
    tried: int
    first_at: datetime
    traceparent: str = ""
    schema_version: Literal[1] = 1
