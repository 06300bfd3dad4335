"""A dispatch as Cloud Tasks sends it: the task in the body, how often it was tried in a header.

Rule: Cloud Tasks, "Write a task request handler": X-CloudTasks-TaskRetryCount counts the earlier dispatches of the same name.
"""

from collections.abc import Mapping

from shared.errors import UnusableMessage
from shared.model.codec import DocumentError, decode
from shared.model.task import Task

RETRY_COUNT = "X-CloudTasks-TaskRetryCount"


def read_delivery(body: bytes, headers: Mapping[str, str]) -> tuple[Task, int]:
    """The task and its earlier dispatches; UnusableMessage for what is no task of a version known here."""
    try:
        task = decode(Task, body)
    except DocumentError as error:
        raise UnusableMessage("message_unusable", str(error)) from error
    # Servers know headers without their capitals: WSGI hands on X-Cloudtasks-Taskretrycount.
    spelled = {name.lower(): value for name, value in headers.items()}
    count = spelled.get(RETRY_COUNT.lower(), "0")
    if not (count.isascii() and count.isdigit()) or "/" in task.segment:
        raise UnusableMessage("message_unusable", "the dispatch is not one of Cloud Tasks")
    return task, int(count)
