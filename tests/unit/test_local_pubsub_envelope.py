"""What a push endpoint is sent, and which answers count as an acknowledgement."""

import json
from base64 import b64decode

import pytest

from infra.local.pubsub.backlog import Received
from infra.local.pubsub.engine import Pushed
from infra.local.pubsub.envelope import acknowledges, outgoing
from infra.local.pubsub.message import Message
from infra.local.pubsub.settings import Push

SUBSCRIPTION = "projects/p/subscriptions/ingest"


def pushed(message: Message, attempt: int = 0) -> Pushed:
    return Pushed(SUBSCRIPTION, Push("http://127.0.0.1/push"), 60, Received("1-2-3", message, attempt))


def test_the_body_holds_the_message_in_both_spellings() -> None:
    message = Message(7, b"\x00\xff", {"colour": "red"}, "key", 1_800_000_000.25)

    body = json.loads(outgoing(pushed(message, attempt=3), "").body)

    assert b64decode(body["message"].pop("data")) == b"\x00\xff"
    assert body == {
        "message": {
            "attributes": {"colour": "red"},
            "orderingKey": "key",
            "messageId": "7",
            "message_id": "7",
            "publishTime": "2027-01-15T08:00:00.250000Z",
            "publish_time": "2027-01-15T08:00:00.250000Z",
        },
        "subscription": SUBSCRIPTION,
        "deliveryAttempt": 3,
    }


def test_empty_fields_and_an_uncounted_attempt_are_left_out() -> None:
    body = json.loads(outgoing(pushed(Message(7, b"", {"a": "b"}, "", 0.0)), "").body)

    assert set(body) == {"message", "subscription"}
    assert set(body["message"]) == {"attributes", "messageId", "message_id", "publishTime", "publish_time"}


def test_the_ack_deadline_is_the_limit_of_the_request() -> None:
    request = outgoing(pushed(Message(7, b"x", {}, "", 0.0)), "a.b.c")

    assert (request.method, request.url, request.limit) == ("POST", "http://127.0.0.1/push", 60)
    assert request.headers["Authorization"] == "Bearer a.b.c"
    assert request.headers["Content-Type"] == "application/json"


def test_without_a_token_no_authorization_is_sent() -> None:
    assert "Authorization" not in outgoing(pushed(Message(7, b"x", {}, "", 0.0)), "").headers


@pytest.mark.parametrize("status", [102, 200, 201, 202, 204])
def test_these_answers_acknowledge(status: int) -> None:
    assert acknowledges(status)


@pytest.mark.parametrize("status", [None, 203, 206, 301, 400, 404, 429, 500, 503])
def test_every_other_answer_is_a_nack(status: int | None) -> None:
    assert not acknowledges(status)
