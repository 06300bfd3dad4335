"""The HTTP request of a dispatch: address, headers, identity and body, from task and queue."""

import pytest

from infra.local.delivery import Answer, Outgoing
from infra.local.tasks.address import resolved
from infra.local.tasks.queue import Dispatch
from infra.local.tasks.request import outgoing
from infra.local.tasks.settings import HttpTarget, Identity, UriOverride
from infra.local.tasks.task import Attempt, HttpRequest, Task

QUEUE = "projects/p/locations/l/queues/account-1234567890"


def made(
    request: HttpRequest,
    target: HttpTarget | None = None,
    previous: Attempt | None = None,
    dispatches: int = 1,
    executions: int = 0,
) -> Outgoing:
    """The request of a dispatch, its tokens signed as "audience by email"."""
    task = Task("t-1", 1, request, 30.0, 100.0, 100.5, dispatches=dispatches, executions=executions)
    attempt = Attempt(100.5, 101.0)
    dispatch = Dispatch(QUEUE, target or HttpTarget(), task, attempt, previous, forced=False)
    return outgoing(dispatch, lambda audience, email: f"{audience} by {email}")


def test_a_first_attempt_carries_the_facts_of_queue_and_task() -> None:
    request = made(HttpRequest("http://h/a", headers={"X-Own": "1"}, body=b"{}"))

    assert request == Outgoing(
        "POST",
        "http://h/a",
        {
            "X-Own": "1",
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": "account-1234567890",
            "X-CloudTasks-TaskName": "t-1",
            "X-CloudTasks-TaskRetryCount": "0",
            "X-CloudTasks-TaskExecutionCount": "0",
            "X-CloudTasks-TaskETA": "100.500000",
        },
        b"{}",
        30.0,
    )


def test_a_retry_tells_what_the_attempt_before_came_to() -> None:
    previous = Attempt(90.0, 91.0, 92.0, Answer(503))

    headers = made(HttpRequest("http://h"), previous=previous, dispatches=3, executions=1).headers

    assert headers["X-CloudTasks-TaskRetryCount"] == "2"
    assert headers["X-CloudTasks-TaskExecutionCount"] == "1"
    assert headers["X-CloudTasks-TaskPreviousResponse"] == "503"
    assert headers["X-CloudTasks-TaskRetryReason"] == "HTTP 503"


def test_a_retry_after_silence_names_no_response() -> None:
    previous = Attempt(90.0, 91.0, 92.0, Answer(None, failure="DEADLINE_EXCEEDED"))

    headers = made(HttpRequest("http://h"), previous=previous, dispatches=2).headers

    assert headers["X-CloudTasks-TaskRetryReason"] == "DEADLINE_EXCEEDED"
    assert "X-CloudTasks-TaskPreviousResponse" not in headers


def test_reserved_headers_are_replaced_and_content_type_is_never_added() -> None:
    own = {
        "host": "elsewhere",
        "Content-Length": "99",
        "USER-AGENT": "me",
        "X-Google-Secret": "1",
        "X-AppEngine-QueueName": "1",
        "X-CloudTasks-TaskName": "forged",
        "x-cloudtasks-queuename": "forged",
    }

    headers = made(HttpRequest("http://h", headers=own)).headers

    assert {name.lower() for name in headers} & {"host", "content-length", "content-type"} == set()
    assert headers["User-Agent"] == "Google-Cloud-Tasks"
    assert headers["X-CloudTasks-TaskName"] == "t-1"
    assert "forged" not in headers.values()


def test_the_queues_headers_override_the_tasks_whatever_their_case() -> None:
    target = HttpTarget(headers=(("Content-Type", "application/json"),))

    headers = made(
        HttpRequest("http://h", headers={"content-type": "text/plain", "X-A": "1"}), target
    ).headers

    assert headers["Content-Type"] == "application/json"
    assert "content-type" not in headers
    assert headers["X-A"] == "1"


def test_the_queues_identity_signs_instead_of_the_tasks() -> None:
    request = HttpRequest(
        "http://h/a", identity=Identity("task@example.com", "x"), headers={"authorization": "y"}
    )

    assert made(request).headers["Authorization"] == "Bearer x by task@example.com"
    by_queue = made(request, HttpTarget(identity=Identity("queue@example.com"))).headers
    assert by_queue["Authorization"] == "Bearer http://h/a by queue@example.com"
    assert "authorization" not in by_queue


def test_without_an_identity_the_callers_authorization_is_kept() -> None:
    assert made(HttpRequest("http://h", headers={"Authorization": "mine"})).headers["Authorization"] == "mine"


def test_a_queue_that_overrides_the_method_with_get_drops_the_body() -> None:
    request = made(HttpRequest("http://h", body=b"x"), HttpTarget(method="GET"))

    assert (request.method, request.body) == ("GET", b"")


ALL = UriOverride("https", "h.example.com", 8443, "/new", "q=2")


@pytest.mark.parametrize(
    ("url", "override", "resolution"),
    [
        ("http://h:1/p?q=1", UriOverride(), "http://h:1/p?q=1"),
        ("http://h", UriOverride(), "http://h/"),
        ("http://h:1/p?q=1", ALL, "https://h.example.com:8443/new?q=2"),
        ("http://h:1/p?q=1", UriOverride(scheme="https"), "https://h:1/p?q=1"),
        ("http://h:1/p?q=1", UriOverride(host="other"), "http://other:1/p?q=1"),
        ("http://h:1/p?q=1", UriOverride(port=0), "http://h/p?q=1"),
        ("http://h:1/p?q=1", UriOverride(path="", query=""), "http://h:1/"),
        ("http://h:1/p?q=1", UriOverride(path="x"), "http://h:1/x?q=1"),
        ("http://[::1]:1/p", UriOverride(port=2), "http://[::1]:2/p"),
        ("", ALL, "https://h.example.com:8443/new?q=2"),
        ("", UriOverride(host="h"), "https://h/"),
        ("", UriOverride(host="h", scheme="http", always=False), "http://h/"),
        (
            "http://h/p",
            UriOverride("https", "other", 8443, "/new", "q=2", always=False),
            "http://h:8443/p?q=2",
        ),
    ],
)
def test_a_queues_override_takes_the_place_of_parts_of_the_url(
    url: str, override: UriOverride, resolution: str
) -> None:
    assert resolved(url, override) == resolution
