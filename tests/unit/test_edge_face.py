"""The HTTP face: refused before any work, unusable kept and acknowledged, troubles answered so that the work comes again."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import flask
import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.test import TestResponse

from services.uploader.delivery import RETRY_COUNT, read_delivery
from shared.edge import face as faces
from shared.edge.answer import OK, Ack, Nack, to_http
from shared.edge.face import Face
from shared.edge.token import Expected
from shared.errors import ConfigurationError, TransientError, UnusableMessage
from shared.log import configure
from shared.model.codec import DocumentError, encode
from shared.model.dead_letter import DeadLetter
from shared.model.task import Task
from shared.ports import Readings

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
EXPECTED = Expected("https://issuer.example.com", "https://uploader.example.com", "invoker@example.com")
KEY = rsa.generate_private_key(65537, 2048)


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def readings(self) -> Readings:
        return Readings(0, 0, 0)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    def real(self, seconds: float) -> float:
        return seconds


@dataclass
class Desk:
    """A service with nothing behind its face: it notes what it is given, and does what the test says."""

    answer: Callable[[], Ack | Nack] = Ack
    worked: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)
    buried: list[DeadLetter] = field(default_factory=list)
    bury: Callable[[DeadLetter], None] | None = None

    def work(self, body: bytes, headers: Mapping[str, str]) -> Ack | Nack:
        self.worked.append((body, headers))
        return self.answer()

    def post(self, body: bytes = b"{}", method: str = "POST", **headers: str) -> TestResponse:
        face = Face(
            StandingClock(), EXPECTED, lambda _: KEY.public_key(), "tasks", self.bury or self.buried.append
        )
        app = flask.Flask("service")
        app.add_url_rule(
            "/", view_func=lambda: face.answer(flask.request, self.work), methods=["GET", "POST", "PUT"]
        )
        sent = {"Authorization": token(), **headers}
        return app.test_client().open("/", method=method, data=body, headers=sent)


def token() -> str:
    claims = {
        "iss": EXPECTED.issuer,
        "aud": EXPECTED.audience,
        "email": EXPECTED.email,
        "email_verified": True,
        "iat": NOW.timestamp(),
        "exp": NOW.timestamp() + 3600,
    }
    return f"Bearer {jwt.encode(claims, KEY, 'RS256')}"


@pytest.fixture
def desk() -> Desk:
    configure("json", "test", io.StringIO())
    return Desk()


def raising(error: Exception) -> Callable[[], Ack | Nack]:
    def answer() -> Ack | Nack:
        raise error

    return answer


def test_work_that_is_done_is_acknowledged(desk: Desk) -> None:
    assert desk.post(b"work").status_code == 204
    assert [body for body, _ in desk.worked] == [b"work"]


def test_work_that_has_to_come_again_is_not(desk: Desk) -> None:
    desk.answer = lambda: Nack("transient")

    assert desk.post().status_code == 500


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic eDp5"])
def test_a_stranger_is_refused_before_anything_is_looked_at(desk: Desk, header: str) -> None:
    assert desk.post(Authorization=header).status_code == 401
    assert desk.worked == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_only_post_is_served(desk: Desk, method: str) -> None:
    assert desk.post(method=method).status_code == 405
    assert desk.worked == []


def test_a_body_beyond_every_limit_of_the_senders_is_refused_unread(desk: Desk) -> None:
    assert desk.post(bytes(faces.BODY_LIMIT + 1)).status_code == 413
    assert desk.worked == []


def test_keys_out_of_reach_let_the_work_come_again(desk: Desk) -> None:
    def unreachable(_: str) -> Any:
        raise jwt.PyJWKClientConnectionError("no route")

    face = Face(StandingClock(), EXPECTED, unreachable, "tasks", desk.buried.append)
    with request(b"") as found:
        assert face.answer(found, desk.work)[1] == 503
    assert desk.worked == []


def test_an_unusable_message_is_kept_with_its_reason_and_acknowledged(desk: Desk) -> None:
    desk.answer = raising(UnusableMessage("message_unusable", "run: expected an integer"))

    assert desk.post(b"garbage").status_code == 204

    (letter,) = desk.buried
    assert (letter.origin, letter.reason_code, letter.occurred_at) == ("tasks", "message_unusable", NOW)
    assert letter.payload == "Z2FyYmFnZQ=="
    assert letter.reason.endswith("run: expected an integer")


def test_an_unusable_message_that_cannot_be_kept_comes_again(desk: Desk) -> None:
    def fail(_: DeadLetter) -> None:
        raise TransientError("Pub/Sub is away")

    desk.answer = raising(UnusableMessage("message_unusable", ""))
    desk.bury = fail

    assert desk.post().status_code == 500


@pytest.mark.parametrize(
    "error",
    [TransientError("storage is away"), ConfigurationError("no account"), DocumentError("run", "a text")],
)
def test_what_is_not_the_messages_fault_lets_it_come_again(desk: Desk, error: Exception) -> None:
    desk.answer = raising(error)

    assert desk.post().status_code == 500
    assert desk.buried == []


def test_a_request_forgets_the_work_of_the_one_before(desk: Desk) -> None:
    structlog.contextvars.bind_contextvars(segment="another")

    desk.post()

    assert structlog.contextvars.get_contextvars() == {}


def test_the_count_of_earlier_dispatches_reaches_the_uploader_whatever_the_servers_spelling(
    desk: Desk,
) -> None:
    """WSGI knows headers in capitals only: no server hands them on as they were sent."""
    task = Task("s", 1, "begin", 1, 0, 0, 0, 0, NOW)

    desk.post(encode(task), **{RETRY_COUNT: "7"})

    ((body, headers),) = desk.worked
    assert read_delivery(body, headers) == (task, 7)


@contextmanager
def request(body: bytes) -> Iterator[flask.Request]:
    context = flask.Flask("service").test_request_context(
        "/", method="POST", data=body, headers={"Authorization": token()}
    )
    with context:
        yield flask.request


def test_answers_in_http() -> None:
    assert to_http(Ack("done")) == OK
    assert (to_http(Nack("transient")).status, to_http(Nack("transient")).words) == (500, "transient")
