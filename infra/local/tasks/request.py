"""The HTTP request of a dispatch: the task's own, under its queue's target, with the service's headers. Pure.

Cloud Tasks, "Create HTTP target tasks": X-CloudTasks-QueueName, -TaskName, -TaskRetryCount,
-TaskExecutionCount (5xx excluded) and -TaskETA always, -TaskPreviousResponse and -TaskRetryReason on a retry.
"""

from infra.local.delivery import Outgoing, Sign
from infra.local.tasks import names
from infra.local.tasks.address import resolved
from infra.local.tasks.headers import USER_AGENT, combined
from infra.local.tasks.queue import Dispatch
from infra.local.tasks.task import METHODS_WITH_BODY, Attempt


def outgoing(dispatch: Dispatch, sign: Sign) -> Outgoing:
    request, target = dispatch.task.request, dispatch.target
    url, method = resolved(request.url, target.uri), target.method or request.method
    headers = {**combined(request.headers, target.headers), "User-Agent": USER_AGENT, **_facts(dispatch)}
    if identity := target.identity or request.identity:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {sign(identity.audience or url, identity.email)}"
    body = request.body if method in METHODS_WITH_BODY else b""
    return Outgoing(method, url, headers, body, dispatch.task.deadline)


def _facts(dispatch: Dispatch) -> dict[str, str]:
    """What the service says about queue, task and attempt."""
    task = dispatch.task
    return {
        "X-CloudTasks-QueueName": names.short_id(dispatch.queue),
        "X-CloudTasks-TaskName": task.id,
        "X-CloudTasks-TaskRetryCount": str(task.dispatches - 1),
        "X-CloudTasks-TaskExecutionCount": str(task.executions),
        "X-CloudTasks-TaskETA": f"{dispatch.attempt.scheduled:.6f}",
        **_about_previous(dispatch.previous),
    }


def _about_previous(attempt: Attempt | None) -> dict[str, str]:
    """Empty for a first attempt, and while the one before is still running."""
    if attempt is None or attempt.answer is None:
        return {}
    reason = {"X-CloudTasks-TaskRetryReason": attempt.answer.words}
    if attempt.answer.status is None:
        return reason
    return {"X-CloudTasks-TaskPreviousResponse": str(attempt.answer.status), **reason}
