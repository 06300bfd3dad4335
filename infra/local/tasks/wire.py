"""Cloud Tasks' values to and from Google's own messages (google.cloud.tasks.v2). Translation only."""

from typing import Any

import grpc
from google.cloud.tasks_v2 import types

from infra.local.delivery import Answer
from infra.local.fields import refuse_others, seconds, set_time
from infra.local.tasks.queue import Queue
from infra.local.tasks.settings import (
    HttpTarget,
    Identity,
    QueueSettings,
    RateLimits,
    RetryConfig,
    UriOverride,
)
from infra.local.tasks.task import Attempt, HttpRequest, NewTask, Task

QueueMessage, TaskMessage = types.Queue.pb(), types.Task.pb()
FULL = types.Task.View.FULL

# What only the server sets is ignored in requests.
QUEUE_FIELDS = {"name", "http_target", "rate_limits", "retry_config", "state", "purge_time"}
TARGET_FIELDS = {"uri_override", "http_method", "header_overrides", "oidc_token"}
TASK_FIELDS = {
    "name",
    "http_request",
    "schedule_time",
    "dispatch_deadline",
    "create_time",
    "dispatch_count",
    "response_count",
    "first_attempt",
    "last_attempt",
    "view",
}
REQUEST_FIELDS = {"url", "http_method", "headers", "body", "oidc_token"}

# The code that stands for an HTTP status in Attempt.response_status; 5xx others are INTERNAL, the rest
# UNKNOWN.
CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def queue_settings(queue: Any) -> QueueSettings:
    """Unset fields, and numbers that are 0, take the service's defaults."""
    refuse_others(queue, QUEUE_FIELDS)
    return QueueSettings(_limits(queue.rate_limits), _retry(queue.retry_config), _target(queue.http_target))


def queue_message(queue: Queue) -> Any:
    message = QueueMessage(name=queue.name, state="PAUSED" if queue.paused else "RUNNING")
    limits = queue.settings.limits
    message.rate_limits.max_dispatches_per_second = limits.rate
    message.rate_limits.max_burst_size = limits.burst
    message.rate_limits.max_concurrent_dispatches = limits.concurrent
    _write_retry(message.retry_config, queue.settings.retry)
    if queue.settings.target != HttpTarget():
        _write_target(message.http_target, queue.settings.target)
    if queue.purged is not None:
        set_time(message.purge_time, queue.purged)
    return message


def new_task(task: Any) -> NewTask:
    refuse_others(task, TASK_FIELDS)
    defaults = NewTask(_request(task.http_request))
    return NewTask(
        request=defaults.request,
        scheduled=seconds(task, "schedule_time", 0.0) or None,
        deadline=seconds(task, "dispatch_deadline", defaults.deadline),
        size=task.ByteSize(),
    )


def task_message(queue_name: str, task: Task, view: int) -> Any:
    """The view BASIC leaves the body out."""
    message = TaskMessage(
        name=f"{queue_name}/tasks/{task.id}",
        dispatch_count=task.dispatches,
        response_count=task.responses,
        view="FULL" if view == FULL else "BASIC",
    )
    _write_request(message.http_request, task.request, with_body=view == FULL)
    set_time(message.schedule_time, task.scheduled)
    set_time(message.create_time, int(task.created))
    set_time(message.dispatch_deadline, task.deadline)
    if task.last:
        set_time(message.first_attempt.dispatch_time, task.first_dispatched)
        _write_attempt(message.last_attempt, task.last)
    return message


def _limits(limits: Any) -> RateLimits:
    defaults = RateLimits()
    return RateLimits(
        limits.max_dispatches_per_second or defaults.rate,
        limits.max_concurrent_dispatches or defaults.concurrent,
    )


def _retry(retry: Any) -> RetryConfig:
    defaults = RetryConfig()
    return RetryConfig(
        retry.max_attempts or defaults.max_attempts,
        seconds(retry, "max_retry_duration", defaults.max_duration),
        seconds(retry, "min_backoff", defaults.min_backoff),
        seconds(retry, "max_backoff", defaults.max_backoff),
        retry.max_doublings or defaults.max_doublings,
    )


def _target(target: Any) -> HttpTarget:
    refuse_others(target, TARGET_FIELDS)
    return HttpTarget(
        uri=_override(target.uri_override),
        method=types.HttpMethod(target.http_method).name if target.http_method else "",
        headers=tuple((each.header.key, each.header.value) for each in target.header_overrides),
        identity=_identity(target.oidc_token),
    )


def _override(override: Any) -> UriOverride:
    has = override.HasField
    modes = types.UriOverride.UriOverrideEnforceMode
    return UriOverride(
        scheme=_scheme(override.scheme) if has("scheme") else None,
        host=override.host if has("host") else None,
        port=override.port if has("port") else None,
        path=override.path_override.path if has("path_override") else None,
        query=override.query_override.query_params if has("query_override") else None,
        always=override.uri_override_enforce_mode != modes.IF_NOT_EXISTS,
    )


def _scheme(scheme: int) -> str:
    """Unspecified means https."""
    return "http" if scheme == types.UriOverride.Scheme.HTTP else "https"


def _identity(token: Any) -> Identity | None:
    return Identity(token.service_account_email, token.audience) if token.service_account_email else None


def _request(request: Any) -> HttpRequest:
    refuse_others(request, REQUEST_FIELDS)
    return HttpRequest(
        url=request.url,
        method=types.HttpMethod(request.http_method or types.HttpMethod.POST).name,
        headers=dict(request.headers),
        body=request.body,
        identity=_identity(request.oidc_token),
    )


def _write_retry(message: Any, retry: RetryConfig) -> None:
    message.max_attempts = retry.max_attempts
    message.max_doublings = retry.max_doublings
    set_time(message.min_backoff, retry.min_backoff)
    set_time(message.max_backoff, retry.max_backoff)
    if retry.max_duration:
        set_time(message.max_retry_duration, retry.max_duration)


def _write_target(message: Any, target: HttpTarget) -> None:
    _write_override(message.uri_override, target.uri)
    if target.method:
        message.http_method = types.HttpMethod[target.method]
    for key, value in target.headers:
        message.header_overrides.add(header={"key": key, "value": value})
    if target.identity:
        _write_identity(message.oidc_token, target.identity)


def _write_override(message: Any, uri: UriOverride) -> None:
    message.uri_override_enforce_mode = "ALWAYS" if uri.always else "IF_NOT_EXISTS"
    if uri.scheme is not None:
        message.scheme = uri.scheme.upper()
    if uri.host is not None:
        message.host = uri.host
    if uri.port is not None:
        message.port = uri.port
    if uri.path is not None:
        message.path_override.path = uri.path
    if uri.query is not None:
        message.query_override.query_params = uri.query


def _write_identity(message: Any, identity: Identity) -> None:
    message.service_account_email = identity.email
    message.audience = identity.audience


def _write_request(message: Any, request: HttpRequest, *, with_body: bool) -> None:
    message.url = request.url
    message.http_method = types.HttpMethod[request.method]
    message.headers.update(request.headers)
    if with_body:
        message.body = request.body
    if request.identity:
        _write_identity(message.oidc_token, request.identity)


def _write_attempt(message: Any, attempt: Attempt) -> None:
    set_time(message.schedule_time, attempt.scheduled)
    set_time(message.dispatch_time, attempt.dispatched)
    if attempt.answer and attempt.answered is not None:
        set_time(message.response_time, attempt.answered)
        code = _code(attempt.answer)
        number = grpc.StatusCode[code].value[0]
        message.response_status.code = number
        message.response_status.message = f"{code}({number}): {attempt.answer.words}"


def _code(answer: Answer) -> str:
    if answer.status is None:
        return answer.failure
    return CODES.get(answer.status, "INTERNAL" if answer.status >= 500 else "UNKNOWN")
