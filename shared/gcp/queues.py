"""Cloud Tasks as the ports' TaskQueues."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from google.api_core.exceptions import AlreadyExists, GoogleAPICallError, NotFound, RetryError
from google.cloud import tasks_v2

from shared.errors import TransientError
from shared.ports import QueueSettings

_TIMEOUT = 30

OVERRIDDEN_URL = "https://uploader.invalid/"
"""The queue's http_target replaces it, and adds the identity: whoever enqueues chooses neither address nor caller."""


@dataclass(frozen=True)
class CloudQueues:
    """`dispatch_deadline` in seconds: how long Cloud Tasks waits for the uploader's answer."""

    client: tasks_v2.CloudTasksClient
    project: str
    region: str
    dispatch_deadline: int

    def create(self, queue: str, name: str, body: bytes, at: datetime | None = None) -> None:
        task = self._task(queue, name, body, at)
        with _transient(f"create in {queue}"), suppress(AlreadyExists):
            self.client.create_task(parent=self._parent(queue), task=task, timeout=_TIMEOUT)

    def names(self, queue: str) -> Iterator[str]:
        """In pages of 1,000, the most that Cloud Tasks gives."""
        request = tasks_v2.ListTasksRequest(parent=self._parent(queue), page_size=1000)
        with _transient(f"list of {queue}"):
            for task in self.client.list_tasks(request, timeout=_TIMEOUT):
                yield task.name.rpartition("/")[2]

    def hold(self, queue: str) -> None:
        with _transient(f"pause {queue}"):
            self.client.pause_queue(name=self._parent(queue), timeout=_TIMEOUT)

    def release(self, queue: str) -> None:
        with _transient(f"resume {queue}"):
            self.client.resume_queue(name=self._parent(queue), timeout=_TIMEOUT)

    def is_held(self, queue: str) -> bool:
        with _transient(f"state of {queue}"):
            found = self.client.get_queue(name=self._parent(queue), timeout=_TIMEOUT)
        return bool(found.state == tasks_v2.Queue.State.PAUSED)

    def settings(self, queue: str) -> QueueSettings | None:
        try:
            found = self.client.get_queue(name=self._parent(queue), timeout=_TIMEOUT)
        except NotFound:
            return None
        except (GoogleAPICallError, RetryError) as error:
            raise _trouble(f"settings of {queue}", error) from error
        retry: Any = found.retry_config  # annotated as protobuf's Duration, a timedelta in fact
        return QueueSettings(
            dispatches=bool(found.state == tasks_v2.Queue.State.RUNNING),
            max_concurrent_dispatches=found.rate_limits.max_concurrent_dispatches,
            max_attempts=retry.max_attempts,
            max_retry_seconds=retry.max_retry_duration.total_seconds(),
        )

    def _parent(self, queue: str) -> str:
        return f"projects/{self.project}/locations/{self.region}/queues/{queue}"

    def _task(self, queue: str, name: str, body: bytes, at: datetime | None) -> tasks_v2.Task:
        return tasks_v2.Task(
            name=f"{self._parent(queue)}/tasks/{name}",
            schedule_time=at,
            dispatch_deadline=timedelta(seconds=self.dispatch_deadline),
            http_request=tasks_v2.HttpRequest(
                url=OVERRIDDEN_URL,
                http_method=tasks_v2.HttpMethod.POST,
                headers={"Content-Type": "application/json"},
                body=body,
            ),
        )


@contextmanager
def _transient(what: str) -> Iterator[None]:
    try:
        yield
    except (GoogleAPICallError, RetryError) as error:
        raise _trouble(what, error) from error


def _trouble(what: str, error: Exception) -> TransientError:
    return TransientError(f"Cloud Tasks {what}: {type(error).__name__}")
