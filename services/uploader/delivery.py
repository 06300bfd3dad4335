"""A dispatch as Cloud Tasks sends it: the task in the body, how often it was tried in a header.

Rule: Cloud Tasks, "Write a task request handler": X-CloudTasks-TaskRetryCount counts the earlier dispatches of the same name.
"""

import re
from collections.abc import Mapping

from shared.errors import UnusableMessage
from shared.model.codec import DocumentError, decode
from shared.model.task import Task
from shared.names import MOST, is_segment_id
from shared.trace import is_traceparent

RETRY_COUNT = "X-CloudTasks-TaskRetryCount"
_COUNT = re.compile(r"\d{1,6}", re.ASCII)


def read_delivery(body: bytes, headers: Mapping[str, str]) -> tuple[Task, int]:
    """The task and its earlier dispatches; UnusableMessage for what is no task of a version known here."""
    try:
        task = decode(Task, body)
    except DocumentError as error:
        raise UnusableMessage("message_unusable", str(error)) from error
    if not _is_ours(task):
        raise UnusableMessage("message_unusable", "the task's ids and numbers are none that Sluice gives")
    return task, _retries(headers)


def _is_ours(task: Task) -> bool:
    """Ids and numbers become parts of names, the rest of the successor: nothing in them is larger than what we write."""
    counted = 1 <= task.run <= MOST and 1 <= task.stage <= MOST
    others = (task.part, task.epoch, task.n, task.tried)
    texts = is_segment_id(task.segment) and (not task.traceparent or is_traceparent(task.traceparent))
    return texts and counted and all(0 <= number <= MOST for number in others)


def _retries(headers: Mapping[str, str]) -> int:
    # Servers know headers without their capitals: WSGI hands on X-Cloudtasks-Taskretrycount.
    spelled = {name.lower(): value for name, value in headers.items()}
    count = spelled.get(RETRY_COUNT.lower(), "0")
    if not _COUNT.fullmatch(count):
        raise UnusableMessage("message_unusable", "the dispatch is not one of Cloud Tasks")
    return int(count)
