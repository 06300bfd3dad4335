"""The push envelope: read, or found unusable; nothing else ever comes of it."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.pubsub.backlog import Received
from infra.local.pubsub.envelope import envelope
from infra.local.pubsub.message import Message as Published
from shared.edge.push import Message, read_push
from shared.errors import UnusableMessage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {"data", "attributes", "messageId", "publishTime"}


def body(**message: Any) -> bytes:
    return json.dumps({"message": {"messageId": "1", **message}, "subscription": "s"}).encode()


@given(st.binary(max_size=200), st.dictionaries(st.text(st.characters(categories=["L"])), st.text()))
def test_what_was_published_arrives(data: bytes, attributes: dict[str, str]) -> None:
    sent = Published(7, data, attributes, "", 0.0)

    found = read_push(json.dumps(envelope("s", Received("ack", sent, 3))).encode())

    assert found == Message(data, attributes, "7", 3, datetime(1970, 1, 1, tzinfo=UTC))


def test_a_subscription_without_dead_letters_counts_no_attempts() -> None:
    assert read_push(body()).attempt == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"message": null}',
        b'{"message": "text"}',
        pytest.param(b"[" * 100_000, id="deep"),
        body(messageId=7),
        body(data="not base64"),
        body(data=7),
        body(attributes="text"),
        body(attributes=["list"]),
        body(attributes=7),
        body(attributes={"key": 7}),
        body()[:-1] + b', "deliveryAttempt": "3"}',
    ],
)
def test_garbage_is_unusable(garbage: bytes) -> None:
    with pytest.raises(UnusableMessage):
        read_push(garbage)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(garbage: bytes) -> None:
    with suppress(UnusableMessage):
        read_push(garbage)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON), JSON)
def test_no_envelope_breaks_it(message: dict[str, Any], attempt: Any) -> None:
    text = json.dumps({"message": message, "deliveryAttempt": attempt})

    with suppress(UnusableMessage):
        read_push(text.encode())


def test_what_is_unusable_is_not_quoted() -> None:
    data = base64.b64encode(b"person@example.com").decode()

    with pytest.raises(UnusableMessage) as refusal:
        read_push(json.dumps({"message": {"data": data}}).encode())

    assert "person" not in str(refusal.value)
