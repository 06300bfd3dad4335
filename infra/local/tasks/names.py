"""Resource names of Cloud Tasks: `projects/P/locations/L/queues/Q` and `.../queues/Q/tasks/T`."""

import re

from infra.local.refused import invalid

QUEUE = re.compile(r"projects/[A-Za-z0-9:.-]+/locations/[A-Za-z0-9-]+/queues/[A-Za-z0-9-]{1,100}")
TASK = re.compile(rf"({QUEUE.pattern})/tasks/([A-Za-z0-9_-]{{1,500}})")


def checked_queue(name: str) -> str:
    if not QUEUE.fullmatch(name):
        raise invalid(
            f"{name!r} is not of the form projects/P/locations/L/queues/Q, Q of letters, digits and -"
        )
    return name


def split_task(name: str) -> tuple[str, str]:
    """The queue's name and the task's id."""
    match = TASK.fullmatch(name)
    if match is None:
        raise invalid(f"{name!r} is not of the form QUEUE/tasks/T, T of 1 to 500 letters, digits, - and _")
    return match[1], match[2]


def short_id(name: str) -> str:
    return name.rpartition("/")[2]


def subject(name: str) -> tuple[str, str]:
    """What a call about this name is recorded under: (queue id, task id), each "" where the name has none."""
    parts = name.split("/")
    return (parts[5], "/".join(parts[7:])) if len(parts) > 5 else ("", name)
