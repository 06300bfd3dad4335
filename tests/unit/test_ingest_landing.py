"""Cloud Storage's notifications: read, passed over, or found unusable; nothing else ever comes of them."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.storage.checksums import Checksums
from infra.local.storage.events import EventType, finalized, notification
from infra.local.storage.preconditions import Version
from infra.local.storage.records import Body, NotificationConfig, StoredObject, Target
from services.ingest.landing import read_landing
from shared.edge.push import Message
from shared.errors import UnusableMessage
from shared.model.segment import Source
from tests.support.documents import NOON

CONFIG = NotificationConfig(
    "1", "landing", "projects/p/topics/t", ("OBJECT_FINALIZE",), "JSON_API_V1", "", {}
)
RESOURCE: dict[str, Any] = {
    "bucket": "landing",
    "name": "a.csv",
    "generation": "7",
    "size": "100",
    "timeCreated": "2026-11-23T12:00:00.000000Z",
}


def message(data: bytes, **attributes: str) -> Message:
    return Message(data, {"eventType": "OBJECT_FINALIZE", **attributes}, "1", 0)


def told(**changes: Any) -> Message:
    resource = {name: value for name, value in {**RESOURCE, **changes}.items() if value is not None}
    return message(json.dumps(resource).encode())


def test_a_new_object_is_read_from_what_cloud_storage_sends() -> None:
    at = NOON.timestamp()
    made = StoredObject(
        Target("landing", "a.csv"),
        Version(7, 1),
        Body("1", 100, Checksums()),
        0,
        at,
        at,
        {"storageClass": "STANDARD", "metadata": {"colour": "blue"}},
    )
    (change,) = finalized(made, None)
    sent = notification(CONFIG, change)

    landing = read_landing(Message(sent.data, sent.attributes, "1", 0))

    assert landing
    assert landing.source == Source("landing", "a.csv", 7, 100, NOON)
    assert landing.metadata == {"colour": "blue"}


@pytest.mark.parametrize("event", [each for each in EventType if each is not EventType.FINALIZE])
def test_what_brings_no_content_is_passed_over(event: str) -> None:
    assert read_landing(Message(b"", {"eventType": event}, "1", 0)) is None


def test_a_message_of_somebody_else_is_unusable() -> None:
    with pytest.raises(UnusableMessage):
        read_landing(Message(b"hello", {}, "1", 0))


@pytest.mark.parametrize("field", RESOURCE)
@pytest.mark.parametrize("value", [None, [], {}, float("inf")])
def test_a_field_that_is_missing_or_something_else_is_unusable(field: str, value: Any) -> None:
    with pytest.raises(UnusableMessage):
        read_landing(told(**{field: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"timeCreated": "2026-11-23T12:00:00"},
        {"timeCreated": "today"},
        {"size": "1e9"},
        {"generation": ""},
        {"metadata": "text"},
        {"metadata": {"key": 7}},
        {"name": 7},
    ],
)
def test_other_nonsense_is_unusable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableMessage):
        read_landing(told(**changes))


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from([*RESOURCE, "metadata"]), VALUES))
def test_no_resource_breaks_it(changes: dict[str, Any]) -> None:
    with suppress(UnusableMessage):
        read_landing(told(**changes))


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    with suppress(UnusableMessage):
        read_landing(message(data))
