"""Cloud Tasks of the local cloud through Google's own client: a test is a rule of the service."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import jwt
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.cloud.tasks_v2.types import Queue, Task

from shared.errors import TransientError
from shared.gcp.queues import CloudQueues
from shared.ports import QueueSettings
from tests.support.endpoint import PATIENCE, Endpoint, Reply, Seen, always, eventually, in_turn
from tests.support.localcloud import LocalCloud

LOCATION = "projects/sluice-local/locations/europe-west1"
numbers = itertools.count(1)
SOON_AGAIN = {"min_backoff": timedelta(seconds=1), "max_backoff": timedelta(seconds=2)}


@dataclass(frozen=True)
class CloudTasks:
    """The client, and queues that no other test uses."""

    cloud: LocalCloud
    client: CloudTasksClient

    def queue(self, **settings: Any) -> str:
        name = f"{LOCATION}/queues/queue-{next(numbers)}"
        self.client.create_queue(request={"parent": LOCATION, "queue": {"name": name, **settings}})
        return name

    def paused(self, **settings: Any) -> str:
        """A queue that dispatches nothing yet."""
        name = self.queue(**settings)
        self.client.pause_queue(name=name)
        return name

    def create(self, queue: str, url: str, task_id: str = "", **task: Any) -> str:
        """A task's name; of what `task` holds, body, headers, http_method and oidc_token go into the
        request."""
        parts = ("body", "headers", "http_method", "oidc_token")
        request = {"url": url, **{part: task.pop(part) for part in parts if part in task}}
        name = {"name": f"{queue}/tasks/{task_id}"} if task_id else {}
        created = {"parent": queue, "task": {**name, "http_request": request, **task}}
        return self.client.create_task(request=created).name

    def names(self, queue: str) -> list[str]:
        return [task.name.rpartition("/")[2] for task in self.client.list_tasks(parent=queue)]

    def wait_until_empty(self, queue: str) -> None:
        eventually(lambda: self.names(queue), lambda names: not names)

    def now(self) -> float:
        """Epoch seconds of simulated time."""
        return float(self.cloud.ask("/control/clock")["now"])

    def dispatches(self, queue: str) -> list[dict[str, Any]]:
        """The recorded dispatches that have ended."""
        query = f"/control/calls?service=cloudtasks&method=dispatch&account={queue.rpartition('/')[2]}"
        return [call for call in self.cloud.ask(query) if call["ended"]]


@pytest.fixture(scope="module")
def tasks(local_cloud: LocalCloud) -> Iterator[CloudTasks]:
    with grpc.insecure_channel(local_cloud.grpc) as channel:
        yield CloudTasks(local_cloud, CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel)))


@pytest.fixture
def worker() -> Iterator[Endpoint]:
    """A worker that does everything at once."""
    with Endpoint(always(200)) as endpoint:
        yield endpoint


# Queues


def test_an_unset_queue_takes_the_services_defaults(tasks: CloudTasks) -> None:
    queue = tasks.client.get_queue(name=tasks.queue())

    assert queue.state is Queue.State.RUNNING
    assert queue.rate_limits.max_dispatches_per_second == 500
    assert queue.rate_limits.max_concurrent_dispatches == 1000
    assert queue.rate_limits.max_burst_size == 500
    assert queue.retry_config.max_attempts == 100
    assert queue.retry_config.min_backoff == timedelta(seconds=0.1)
    assert queue.retry_config.max_backoff == timedelta(hours=1)
    assert queue.retry_config.max_doublings == 16


def test_a_queue_is_given_back_as_it_was_made(tasks: CloudTasks) -> None:
    settings = {
        "rate_limits": {
            "max_dispatches_per_second": 2.5,
            "max_concurrent_dispatches": 1,
            "max_burst_size": 3,
        },
        "retry_config": {
            "max_attempts": -1,
            "max_retry_duration": timedelta(hours=2),
            "min_backoff": timedelta(seconds=10),
            "max_backoff": timedelta(minutes=5),
            "max_doublings": 4,
        },
        "http_target": {
            "uri_override": {
                "scheme": "HTTP",
                "host": "127.0.0.1",
                "port": 8080,
                "path_override": {"path": "/"},
                "query_override": {"query_params": "a=b"},
                "uri_override_enforce_mode": "IF_NOT_EXISTS",
            },
            "http_method": "PUT",
            "header_overrides": [{"header": {"key": "Content-Type", "value": "application/json"}}],
            "oidc_token": {"service_account_email": "queue@example.com", "audience": "me"},
        },
    }

    made = tasks.client.get_queue(name=tasks.queue(**settings))

    assert made == Queue(name=made.name, state="RUNNING", **settings)


def test_queues_are_listed_in_pages(tasks: CloudTasks) -> None:
    elsewhere = f"{LOCATION}-x"
    for number in range(3):
        queue = {"name": f"{elsewhere}/queues/q{number}"}
        tasks.client.create_queue(request={"parent": elsewhere, "queue": queue})

    pages = list(tasks.client.list_queues(request={"parent": elsewhere, "page_size": 2}).pages)

    assert [[queue.name[-2:] for queue in page.queues] for page in pages] == [["q0", "q1"], ["q2"]]


def test_an_update_changes_what_its_mask_names_and_nothing_else(tasks: CloudTasks) -> None:
    name = tasks.queue(rate_limits={"max_concurrent_dispatches": 1}, retry_config={"max_attempts": 7})
    wanted = {
        "name": name,
        "rate_limits": {"max_dispatches_per_second": 9},
        "retry_config": {"max_attempts": 3},
    }

    tasks.client.update_queue(
        request={"queue": wanted, "update_mask": {"paths": ["rate_limits.max_dispatches_per_second"]}}
    )

    updated = tasks.client.get_queue(name=name)
    assert updated.rate_limits.max_dispatches_per_second == 9
    assert updated.rate_limits.max_concurrent_dispatches == 1
    assert updated.retry_config.max_attempts == 7


def test_an_update_without_a_mask_is_the_whole_queue(tasks: CloudTasks) -> None:
    name = tasks.queue(retry_config={"max_attempts": 7})

    updated = tasks.client.update_queue(request={"queue": {"name": name}})

    assert updated.retry_config.max_attempts == 100


def test_a_deleted_queue_is_gone_and_its_name_is_blocked(tasks: CloudTasks) -> None:
    name = tasks.queue()

    tasks.client.delete_queue(name=name)

    with pytest.raises(exceptions.NotFound):
        tasks.client.get_queue(name=name)
    with pytest.raises(exceptions.FailedPrecondition, match="3 days"):
        tasks.client.create_queue(request={"parent": LOCATION, "queue": {"name": name}})


@pytest.mark.parametrize(
    "settings",
    [
        {"rate_limits": {"max_dispatches_per_second": 501}},
        {"rate_limits": {"max_concurrent_dispatches": 5001}},
        {"retry_config": {"max_attempts": -2}},
        {"http_target": {"uri_override": {"host": ""}}},
    ],
)
def test_settings_outside_the_limits_are_refused(tasks: CloudTasks, settings: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        tasks.queue(**settings)


def test_a_queue_may_begin_500_tasks_a_second_and_5000_at_once(tasks: CloudTasks) -> None:
    limits = {"max_dispatches_per_second": 500, "max_concurrent_dispatches": 5000}

    made = tasks.client.get_queue(name=tasks.queue(rate_limits=limits)).rate_limits

    assert (made.max_dispatches_per_second, made.max_concurrent_dispatches) == (500, 5000)


def test_what_is_not_supported_is_said_so_and_not_ignored(tasks: CloudTasks) -> None:
    queue = tasks.queue()
    app_engine = {"parent": queue, "task": {"app_engine_http_request": {"relative_uri": "/"}}}
    calls: list[Callable[[], object]] = [
        lambda: tasks.queue(stackdriver_logging_config={"sampling_ratio": 1.0}),
        lambda: tasks.create(queue, "http://127.0.0.1:1", retry_config={"max_attempts": 1}),
        lambda: tasks.client.create_task(request=app_engine),
        lambda: tasks.client.batch_create_tasks(request={"parent": queue}),
        lambda: tasks.client.get_iam_policy(resource=queue),
    ]

    for call in calls:
        with pytest.raises(exceptions.MethodNotImplemented, match="not supported by the local cloud"):
            call()


# Tasks


def test_a_name_is_given_to_one_task(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused()
    tasks.create(queue, worker.url, "a")

    with pytest.raises(exceptions.AlreadyExists):
        tasks.create(queue, worker.url, "a")
    assert tasks.names(queue) == ["a"]


def test_an_id_has_up_to_500_letters_digits_hyphens_and_underscores(tasks: CloudTasks) -> None:
    queue, longest = tasks.paused(), "aZ9-_" * 100

    tasks.create(queue, "http://127.0.0.1:1/", longest)
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create(queue, "http://127.0.0.1:1/", f"{longest}x")

    assert tasks.names(queue) == [longest]


def test_a_name_is_taken_also_after_its_task_is_done(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.queue()
    tasks.create(queue, worker.url, "a")
    worker.wait_for(1)
    tasks.wait_until_empty(queue)

    with pytest.raises(exceptions.AlreadyExists):
        tasks.create(queue, worker.url, "a")


def test_a_name_is_taken_also_after_its_task_was_deleted(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused()
    name = tasks.create(queue, worker.url, "a")

    tasks.client.delete_task(name=name)

    with pytest.raises(exceptions.AlreadyExists):
        tasks.create(queue, worker.url, "a")
    with pytest.raises(exceptions.NotFound):
        tasks.client.get_task(name=name)


@pytest.mark.parametrize(
    "task",
    [
        {"task_id": "not.a.name"},
        {"dispatch_deadline": timedelta(seconds=14)},
        {"dispatch_deadline": timedelta(minutes=31)},
        {"body": b"x" * 1_048_570},
        {"http_method": "GET", "body": b"x"},
        {"schedule_time": datetime(2500, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_the_service_refuses_is_not_created(tasks: CloudTasks, task: dict[str, Any]) -> None:
    queue = tasks.paused()

    with pytest.raises(exceptions.InvalidArgument):
        tasks.create(queue, "http://127.0.0.1:1/", **task)
    assert tasks.names(queue) == []


def test_a_task_has_at_most_1048569_bytes(tasks: CloudTasks) -> None:
    queue, url, limit = tasks.paused(), "http://127.0.0.1:1/", 1_048_569
    frame = Task.pb(Task(http_request={"url": url, "body": bytes(limit)})).ByteSize() - limit

    tasks.create(queue, url, body=bytes(limit - frame))
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create(queue, url, body=bytes(limit - frame + 1))


def test_headers_have_less_than_80_kilobytes(tasks: CloudTasks) -> None:
    queue = tasks.paused()

    tasks.create(queue, "http://127.0.0.1:1/", headers={"X-A": "x" * 79_996})
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create(queue, "http://127.0.0.1:1/", headers={"X-A": "x" * 79_997})


@pytest.mark.parametrize("deadline", [timedelta(seconds=15), timedelta(minutes=30)])
def test_a_dispatch_deadline_is_between_15_seconds_and_30_minutes(
    tasks: CloudTasks, deadline: timedelta
) -> None:
    name = tasks.create(tasks.paused(), "http://127.0.0.1:1/", dispatch_deadline=deadline)

    assert tasks.client.get_task(name=name).dispatch_deadline == deadline


def test_a_schedule_is_at_most_30_days_ahead(tasks: CloudTasks) -> None:
    queue = tasks.paused()

    def scheduled(days: float) -> str:
        moment = datetime.fromtimestamp(tasks.now() + days * 86_400, UTC)
        return tasks.create(queue, "http://127.0.0.1:1/", schedule_time=moment)

    scheduled(29.9)
    with pytest.raises(exceptions.InvalidArgument, match="30 days"):
        scheduled(30.1)


def test_a_task_needs_a_url_unless_its_queue_names_the_host(tasks: CloudTasks, worker: Endpoint) -> None:
    override = {
        "scheme": "HTTP",
        "host": "127.0.0.1",
        "port": worker.port,
        "path_override": {"path": "/work"},
    }
    queue = tasks.queue(http_target={"uri_override": override})

    with pytest.raises(exceptions.InvalidArgument):
        tasks.create(tasks.queue(), "")
    tasks.create(queue, "")

    assert worker.wait_for(1)[0].path == "/work"


def test_the_basic_view_leaves_the_body_out(tasks: CloudTasks) -> None:
    queue = tasks.paused()
    name = tasks.create(queue, "http://127.0.0.1:1/", body=b"secret", headers={"X-A": "1"})

    basic = tasks.client.get_task(name=name)
    full = tasks.client.get_task(request={"name": name, "response_view": "FULL"})

    assert (basic.view, basic.http_request.body) == (Task.View.BASIC, b"")
    assert (full.view, full.http_request.body) == (Task.View.FULL, b"secret")
    assert dict(basic.http_request.headers) == {"X-A": "1"}
    assert basic.dispatch_deadline == timedelta(minutes=10)


def test_tasks_are_listed_in_pages(tasks: CloudTasks) -> None:
    queue = tasks.paused()
    for number in range(5):
        tasks.create(queue, "http://127.0.0.1:1/", f"t{number}")

    pages = list(tasks.client.list_tasks(request={"parent": queue, "page_size": 2}).pages)

    assert [len(page.tasks) for page in pages] == [2, 2, 1]
    assert tasks.names(queue) == [f"t{number}" for number in range(5)]


def test_a_purge_leaves_nothing(tasks: CloudTasks) -> None:
    queue = tasks.paused()
    for _ in range(3):
        tasks.create(queue, "http://127.0.0.1:1/")

    purged = tasks.client.purge_queue(name=queue)

    assert tasks.names(queue) == []
    assert abs(purged.purge_time.timestamp() - tasks.now()) < 600  # type: ignore[attr-defined]


# Requests


def test_a_request_carries_the_tasks_words_and_the_services(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.queue()
    headers = {"X-Own": "1", "User-Agent": "me", "X-CloudTasks-QueueName": "forged", "Host": "elsewhere"}
    tasks.create(queue, f"{worker.url}work?a=b", "t-1", body=b"{}", headers=headers)

    seen = worker.wait_for(1)[0]

    assert (seen.method, seen.path, seen.body) == ("POST", "/work?a=b", b"{}")
    assert seen.headers["X-Own"] == "1"
    assert seen.headers["Host"] == f"127.0.0.1:{worker.port}"
    assert seen.headers["User-Agent"] == "Google-Cloud-Tasks"
    assert seen.headers["Content-Type"] is None
    assert seen.headers["X-CloudTasks-QueueName"] == queue.rpartition("/")[2]
    assert seen.headers["X-CloudTasks-TaskName"] == "t-1"
    assert seen.headers["X-CloudTasks-TaskRetryCount"] == "0"
    assert seen.headers["X-CloudTasks-TaskExecutionCount"] == "0"
    assert abs(float(seen.headers["X-CloudTasks-TaskETA"]) - tasks.now()) < 600
    assert seen.headers["X-CloudTasks-TaskRetryReason"] is None
    assert seen.headers["Authorization"] is None


def test_headers_that_only_google_sets_do_not_pass(tasks: CloudTasks, worker: Endpoint) -> None:
    forged = {"X-Google-Own": "1", "X-AppEngine-Own": "1", "X-CloudTasks-Own": "1", "Content-Length": "7"}
    tasks.create(tasks.queue(), worker.url, headers=forged)

    seen = worker.wait_for(1)[0]

    assert [seen.headers[name] for name in forged] == [None, None, None, "0"]


def test_a_queues_target_decides_address_method_headers_and_identity(
    tasks: CloudTasks, worker: Endpoint
) -> None:
    queue = tasks.queue(
        http_target={
            "uri_override": {"scheme": "HTTP", "host": "127.0.0.1", "port": worker.port},
            "http_method": "POST",
            "header_overrides": [{"header": {"key": "content-type", "value": "application/json"}}],
            "oidc_token": {"service_account_email": "queue@example.com"},
        }
    )
    token = {"service_account_email": "task@example.com", "audience": "task"}
    own = {"Content-Type": "text/plain"}
    tasks.create(queue, "https://uploader.example.com/run", http_method="PUT", headers=own, oidc_token=token)

    seen = worker.wait_for(1)[0]

    claims = _claims(seen)
    assert (seen.method, seen.path) == ("POST", "/run")
    assert seen.headers["Content-Type"] == "application/json"
    assert (claims["email"], claims["aud"]) == ("queue@example.com", f"{worker.url}run")


def test_a_target_for_what_is_missing_leaves_the_tasks_url_alone(tasks: CloudTasks, worker: Endpoint) -> None:
    override = {"host": "elsewhere.example.com", "uri_override_enforce_mode": "IF_NOT_EXISTS"}
    queue = tasks.queue(http_target={"uri_override": override})

    tasks.create(queue, f"{worker.url}here")

    assert worker.wait_for(1)[0].path == "/here"


@pytest.mark.parametrize("audience", ["", "https://uploader.example.com"])
def test_a_tasks_token_is_for_its_audience_or_else_its_url(
    tasks: CloudTasks, worker: Endpoint, audience: str
) -> None:
    token = {"service_account_email": "task@example.com", "audience": audience}
    tasks.create(tasks.queue(), worker.url, oidc_token=token)

    claims = _claims(worker.wait_for(1)[0])

    assert (claims["email"], claims["aud"]) == ("task@example.com", audience or worker.url)
    assert claims["iss"] == tasks.cloud.issuer


def test_a_tasks_token_is_signed_by_the_published_key_and_lives_an_hour(
    tasks: CloudTasks, worker: Endpoint
) -> None:
    token = {"service_account_email": "task@example.com"}
    tasks.create(tasks.queue(), worker.url, oidc_token=token)

    bearer = worker.wait_for(1)[0].headers["Authorization"].removeprefix("Bearer ")

    key = jwt.PyJWKClient(tasks.cloud.keys).get_signing_key_from_jwt(bearer)
    simulated = {"verify_iat": False, "verify_exp": False}
    claims = jwt.decode(bearer, key.key, algorithms=["RS256"], audience=worker.url, options=simulated)  # type: ignore[arg-type]
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - tasks.now()) < 600


def _claims(seen: Seen) -> dict[str, Any]:
    bearer = seen.headers["Authorization"].removeprefix("Bearer ")
    return dict(jwt.decode(bearer, options={"verify_signature": False}))


# Attempts


def test_a_task_waits_for_its_schedule(tasks: CloudTasks, worker: Endpoint) -> None:
    moment = datetime.fromtimestamp(tasks.now() + 60, UTC)
    tasks.create(tasks.queue(), worker.url, schedule_time=moment)

    seen = worker.wait_for(1)[0]

    assert tasks.now() >= moment.timestamp()
    assert float(seen.headers["X-CloudTasks-TaskETA"]) == pytest.approx(moment.timestamp(), abs=1e-5)


def test_a_failed_attempt_is_repeated_and_tells_of_the_one_before(tasks: CloudTasks) -> None:
    with Endpoint(in_turn(500, 404)) as endpoint:
        queue = tasks.queue(retry_config=SOON_AGAIN)
        tasks.create(queue, endpoint.url)
        seen = endpoint.wait_for(3)
        tasks.wait_until_empty(queue)

    def told(header: str) -> list[str | None]:
        return [each.headers[f"X-CloudTasks-{header}"] for each in seen]

    assert told("TaskRetryCount") == ["0", "1", "2"]
    assert told("TaskExecutionCount") == ["0", "0", "1"]  # a 5xx is no execution
    assert told("TaskPreviousResponse") == [None, "500", "404"]
    assert told("TaskRetryReason") == [None, "HTTP 500", "HTTP 404"]


def test_a_waiting_task_shows_its_attempts(tasks: CloudTasks) -> None:
    retry = {"min_backoff": timedelta(hours=1), "max_backoff": timedelta(hours=1)}
    with Endpoint(always(500)) as endpoint:
        queue = tasks.queue(retry_config=retry)
        name = tasks.create(queue, endpoint.url)
        endpoint.wait_for(1)
        task = eventually(lambda: tasks.client.get_task(name=name), lambda task: task.response_count == 1)

    assert task.dispatch_count == 1
    assert task.first_attempt.dispatch_time == task.last_attempt.dispatch_time
    assert task.last_attempt.response_status.code == 13
    assert "HTTP 500" in task.last_attempt.response_status.message
    waits = task.schedule_time.timestamp() - task.last_attempt.response_time.timestamp()  # type: ignore[attr-defined]
    assert waits == pytest.approx(3600, abs=1)


def test_the_interval_doubles_as_often_as_it_may_then_grows_evenly_up_to_its_maximum(
    tasks: CloudTasks,
) -> None:
    retry = {
        "min_backoff": timedelta(seconds=600),
        "max_backoff": timedelta(seconds=6000),
        "max_doublings": 2,
    }
    with Endpoint(always(500)) as endpoint:
        name = tasks.create(tasks.paused(retry_config=retry), endpoint.url)
        waits = [_run_until_answered(tasks, name, attempt) for attempt in range(1, 7)]

    assert waits == pytest.approx([600, 1200, 2400, 4800, 6000, 6000], abs=1e-3)


def _run_until_answered(tasks: CloudTasks, name: str, attempt: int) -> float:
    """Seconds from this attempt's dispatch to the next one's schedule: RunTask counts from the dispatch."""
    tasks.client.run_task(name=name)
    task = eventually(lambda: tasks.client.get_task(name=name), lambda task: task.response_count == attempt)
    dispatched: datetime = task.last_attempt.dispatch_time  # type: ignore[assignment]
    next_time: datetime = task.schedule_time  # type: ignore[assignment]
    return (next_time - dispatched).total_seconds()


@pytest.mark.parametrize("max_attempts", [2, -1])
def test_retries_go_on_until_attempts_and_duration_are_both_spent(
    tasks: CloudTasks, max_attempts: int
) -> None:
    retry = {"max_attempts": max_attempts, "max_retry_duration": timedelta(seconds=30), **SOON_AGAIN}
    with Endpoint(always(500)) as endpoint:
        queue = tasks.queue(retry_config=retry)
        tasks.create(queue, endpoint.url)
        endpoint.wait_for(1)
        tasks.wait_until_empty(queue)

    dispatches = tasks.dispatches(queue)
    assert dispatches[-1]["ended"] - dispatches[0]["started"] >= 29  # it is recorded after it began


def test_a_worker_that_needs_time_enqueues_again_and_nothing_counts(tasks: CloudTasks) -> None:
    def snooze(seen: Seen) -> Reply:
        if seen.headers["X-CloudTasks-TaskName"] == "a":
            later = datetime.fromtimestamp(tasks.now() + 60, UTC)
            tasks.create(queue, endpoint.url, "a-1", schedule_time=later)
        return Reply(200)

    with Endpoint(snooze) as endpoint:
        queue = tasks.queue()
        tasks.create(queue, endpoint.url, "a")
        _, again = endpoint.wait_for(2)
        tasks.wait_until_empty(queue)

    assert again.headers["X-CloudTasks-TaskName"] == "a-1"
    assert again.headers["X-CloudTasks-TaskRetryCount"] == "0"


def test_a_task_that_has_used_up_its_attempts_is_deleted(tasks: CloudTasks) -> None:
    with Endpoint(always(500)) as endpoint:
        queue = tasks.queue(retry_config={"max_attempts": 2, **SOON_AGAIN})
        tasks.create(queue, endpoint.url)
        endpoint.wait_for(2)
        tasks.wait_until_empty(queue)

    assert len(endpoint.seen) == 2


def test_a_worker_that_is_not_there_is_tried_again(tasks: CloudTasks) -> None:
    with Endpoint(always(200)) as gone:
        pass
    queue = tasks.queue(retry_config=SOON_AGAIN)
    tasks.create(queue, gone.url)
    failed = eventually(lambda: tasks.dispatches(queue), bool)[0]

    with Endpoint(always(200), port=gone.port) as endpoint:
        seen = endpoint.wait_for(1)[0]

    assert failed["status"] == "UNAVAILABLE"
    assert seen.headers["X-CloudTasks-TaskRetryReason"] == "UNAVAILABLE"
    assert seen.headers["X-CloudTasks-TaskExecutionCount"] == "0"


def test_a_second_attempt_begins_while_the_first_worker_goes_on(tasks: CloudTasks) -> None:
    ended, still_working = threading.Event(), threading.Event()

    def slow_once(seen: Seen) -> Reply:
        if seen.headers["X-CloudTasks-TaskRetryCount"] == "0":
            still_working.set()
            ended.wait(PATIENCE)
            still_working.clear()
        return Reply(200)

    with Endpoint(slow_once) as endpoint:
        limits = {"max_concurrent_dispatches": 1}
        queue = tasks.queue(rate_limits=limits, retry_config=SOON_AGAIN)
        tasks.create(queue, endpoint.url, dispatch_deadline=timedelta(seconds=15))
        second = endpoint.wait_for(2)[1]
        assert still_working.is_set()
        ended.set()

    assert second.headers["X-CloudTasks-TaskRetryReason"] == "DEADLINE_EXCEEDED"
    assert tasks.dispatches(queue)[0]["status"] == "DEADLINE_EXCEEDED"


def test_an_overloaded_worker_is_given_the_time_it_asks_for(tasks: CloudTasks) -> None:
    replies = itertools.chain([Reply(503, {"Retry-After": "120"})], itertools.repeat(Reply(200)))
    with Endpoint(lambda _: next(replies)) as endpoint:
        queue = tasks.queue(retry_config=SOON_AGAIN)
        tasks.create(queue, endpoint.url)
        endpoint.wait_for(2)
        tasks.wait_until_empty(queue)

    first, second = tasks.dispatches(queue)
    assert second["started"] - first["ended"] >= 119


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_worker_slows_its_whole_queue_and_no_other(tasks: CloudTasks, status: int) -> None:
    replies = itertools.chain([Reply(status, {"Retry-After": "3600"})], itertools.repeat(Reply(200)))
    with Endpoint(lambda _: next(replies)) as endpoint:
        limits = {"max_concurrent_dispatches": 1}
        queue, other = tasks.paused(rate_limits=limits, retry_config=SOON_AGAIN), tasks.queue()
        for name in ("first", "second"):
            tasks.create(queue, endpoint.url, name)
        tasks.client.resume_queue(name=queue)
        overloaded = eventually(lambda: tasks.dispatches(queue), bool)[0]
        tasks.create(other, endpoint.url)
        tasks.wait_until_empty(other)
        eventually(tasks.now, lambda now: now > overloaded["ended"] + 60)

    assert len(tasks.dispatches(queue)) == 1
    assert tasks.names(queue) == ["first", "second"]


def test_many_failures_slow_the_queue_too(tasks: CloudTasks) -> None:
    patient = {"min_backoff": timedelta(hours=1), "max_backoff": timedelta(hours=1)}
    with Endpoint(always(500)) as endpoint:
        queue = tasks.paused(rate_limits={"max_concurrent_dispatches": 1}, retry_config=patient)
        for _ in range(24):
            tasks.create(queue, endpoint.url)
        tasks.client.resume_queue(name=queue)
        dispatches = eventually(lambda: tasks.dispatches(queue), lambda ended: len(ended) == 24)

    pauses = [after["started"] - before["ended"] for before, after in itertools.pairwise(dispatches[19:])]
    assert min(pauses) >= 0.99


# Limits, pause, run


class Crowd:
    """A worker that lets nobody go before `width` are there, and counts how many there were at most."""

    def __init__(self, width: int) -> None:
        self.most = self._there = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(width, timeout=PATIENCE)

    def __call__(self, _: Seen) -> Reply:
        with self._lock:
            self._there += 1
            self.most = max(self.most, self._there)
        self._together.wait()
        with self._lock:
            self._there -= 1
        return Reply(200)


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_tasks_run_at_once_than_are_allowed(tasks: CloudTasks, limit: int) -> None:
    crowd = Crowd(limit)
    with Endpoint(crowd) as endpoint:
        queue = tasks.queue(rate_limits={"max_concurrent_dispatches": limit})
        for _ in range(12):
            tasks.create(queue, endpoint.url)
        endpoint.wait_for(12)
        tasks.wait_until_empty(queue)

    assert crowd.most == limit


def test_no_more_tasks_begin_than_the_rate_allows(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused(rate_limits={"max_dispatches_per_second": 0.1})
    for _ in range(4):
        tasks.create(queue, worker.url)

    tasks.client.resume_queue(name=queue)
    worker.wait_for(4)
    tasks.wait_until_empty(queue)

    started = [call["started"] for call in tasks.dispatches(queue)]
    assert started[-1] - started[0] >= 29


def test_a_paused_queue_keeps_its_tasks_until_it_is_resumed(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused()
    tasks.create(queue, worker.url, "a")
    assert tasks.client.get_queue(name=queue).state is Queue.State.PAUSED
    assert tasks.names(queue) == ["a"]

    tasks.client.resume_queue(name=queue)

    worker.wait_for(1)
    tasks.wait_until_empty(queue)


def test_run_dispatches_a_task_of_a_paused_queue(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused()
    name = tasks.create(queue, worker.url)

    begun = tasks.client.run_task(name=name)

    assert begun.dispatch_count == 1
    worker.wait_for(1)
    tasks.wait_until_empty(queue)
    with pytest.raises(exceptions.NotFound):
        tasks.client.run_task(name=name)


def test_run_begins_a_second_attempt_beside_the_running_one(tasks: CloudTasks) -> None:
    ended = threading.Event()

    def slow(_: Seen) -> Reply:
        ended.wait(PATIENCE)
        return Reply(200)

    with Endpoint(slow) as endpoint:
        queue = tasks.queue(rate_limits={"max_concurrent_dispatches": 1})
        name = tasks.create(queue, endpoint.url, "a")
        endpoint.wait_for(1)
        assert tasks.names(queue) == ["a"]
        tasks.client.run_task(name=name)
        first, second = endpoint.wait_for(2)
        ended.set()
        tasks.wait_until_empty(queue)

    assert first.headers["X-CloudTasks-TaskName"] == second.headers["X-CloudTasks-TaskName"] == "a"


# The client


def test_the_client_knows_no_emulator_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CLOUD_TASKS_EMULATOR_HOST", "CLOUDTASKS_EMULATOR_HOST"):
        monkeypatch.setenv(variable, "127.0.0.1:1")

    client = CloudTasksClient(credentials=AnonymousCredentials())

    assert client.transport.host == "cloudtasks.googleapis.com:443"
    client.transport.close()


# The gate


def test_calls_are_recorded_under_queue_and_task(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.queue()
    tasks.create(queue, worker.url, "t-1")
    worker.wait_for(1)
    tasks.wait_until_empty(queue)

    account = queue.rpartition("/")[2]
    created = tasks.cloud.ask(f"/control/calls?service=cloudtasks&method=CreateTask&account={account}")
    assert [(call["resource"], call["status"]) for call in created] == [("t-1", "OK")]
    assert [call["resource"] for call in tasks.dispatches(queue)] == ["t-1"]


def test_after_a_lost_answer_the_task_exists(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused()
    aimed = {"service": "cloudtasks", "method": "CreateTask", "account": queue.rpartition("/")[2]}
    tasks.cloud.fault(**aimed, action="lose_answer", code="UNAVAILABLE")

    with pytest.raises(exceptions.ServiceUnavailable):
        tasks.create(queue, worker.url, "a")
    with pytest.raises(exceptions.AlreadyExists):
        tasks.create(queue, worker.url, "a")


def test_a_duplicate_fault_dispatches_one_attempt_twice(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused()
    tasks.cloud.fault(
        service="cloudtasks", method="dispatch", account=queue.rpartition("/")[2], action="duplicate"
    )
    tasks.create(queue, worker.url)

    tasks.client.resume_queue(name=queue)
    copies = worker.wait_for(2)

    assert [copy.headers["X-CloudTasks-TaskRetryCount"] for copy in copies] == ["0", "0"]


def test_a_lost_answer_of_a_worker_counts_as_a_failed_attempt(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused(retry_config=SOON_AGAIN)
    tasks.cloud.fault(
        service="cloudtasks", method="dispatch", account=queue.rpartition("/")[2], action="lose_answer"
    )
    tasks.create(queue, worker.url)

    tasks.client.resume_queue(name=queue)
    retries = [seen.headers["X-CloudTasks-TaskRetryCount"] for seen in worker.wait_for(2)]

    assert retries == ["0", "1"]


def test_an_injected_error_keeps_a_request_from_being_made(tasks: CloudTasks, worker: Endpoint) -> None:
    queue = tasks.paused(retry_config=SOON_AGAIN)
    tasks.cloud.fault(
        service="cloudtasks", method="dispatch", account=queue.rpartition("/")[2], action="error"
    )
    tasks.create(queue, worker.url)

    tasks.client.resume_queue(name=queue)

    assert worker.wait_for(1)[0].headers["X-CloudTasks-TaskRetryCount"] == "1"


def test_the_product_holds_a_queue_lets_it_go_and_sees_which(tasks: CloudTasks) -> None:
    name = tasks.queue()
    _, project, _, region, _, queue = name.split("/")
    queues = CloudQueues(tasks.client, project, region, 600)

    seen = [queues.is_held(queue)]
    for change in (queues.hold, queues.hold, queues.release, queues.release):
        change(queue)
        seen.append(queues.is_held(queue))

    assert seen == [False, True, True, False, False]


def test_the_product_calls_a_queue_that_is_not_there_out_of_reach(tasks: CloudTasks) -> None:
    _, project, _, region, _, _ = tasks.queue().split("/")

    with pytest.raises(TransientError, match="Cloud Tasks pause account-0: NotFound"):
        CloudQueues(tasks.client, project, region, 600).hold("account-0")


def test_the_product_reads_how_a_queue_works(tasks: CloudTasks) -> None:
    name = tasks.queue(
        rate_limits={"max_concurrent_dispatches": 3},
        retry_config={"max_attempts": 7, "max_retry_duration": timedelta(hours=1)},
    )
    _, project, _, region, _, queue = name.split("/")
    queues = CloudQueues(tasks.client, project, region, 600)

    seen = queues.settings(queue)
    queues.hold(queue)

    assert seen == QueueSettings(True, 3, 7, 3600)
    assert queues.settings(queue) == QueueSettings(False, 3, 7, 3600)
    assert queues.settings("account-0") is None
