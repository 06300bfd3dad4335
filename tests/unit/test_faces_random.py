"""Whatever an admitted caller brings: the work is done, refused for good and kept once, or passed over. It is never a crash and never
an answer that brings the same thing again."""

import io
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.uploader.delivery import RETRY_COUNT
from shared.edge.face import BODY_LIMIT
from shared.log import configure
from shared.model.codec import encode
from shared.model.events import Event
from shared.names import MOST, account_json, event_id, manifest_json, outcome_json, run_json, segment_json
from tests.support.documents import ACCOUNT, RUN, SEGMENT, manifest, part
from tests.support.garbage import ANYTHING, DEEP, HUGE, TEXTS, changed, push
from tests.support.recording import NOW, Recording, Served

NOTIFIED = {"eventType": "OBJECT_FINALIZE", "payloadFormat": "JSON_API_V1"}
RESOURCE = {
    "bucket": "landing",
    "name": "1234567890/high-value/append/a.csv",
    "generation": "7",
    "size": "100",
    "timeCreated": "2026-11-23T12:00:00.000000Z",
    "metadata": {"validate-only": "true"},
}
REQUEST = {
    "schema_version": 1,
    "segment": SEGMENT.segment,
    "run": 1,
    "parts": [1],
    "validate_only": False,
    "reason": "",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
TASK = {
    "schema_version": 1,
    "segment": SEGMENT.segment,
    "run": 1,
    "kind": "upload",
    "stage": 1,
    "part": 1,
    "epoch": 0,
    "n": 0,
    "tried": 0,
    "first_at": "2026-11-23T12:00:00.000000Z",
    "traceparent": "",
}
ENDED: dict[str, object] = {
    run_json(RUN.segment, 1): RUN,
    manifest_json(RUN.segment, 1): manifest((part(1, 10), part(2, 10))),
    outcome_json(RUN.segment, 1): Event(
        event_id(RUN.segment, 1, "outcome"), "segment.completed", NOW, RUN.segment, 1
    ),
}
GARBAGE = [
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b"NaN",
    DEEP.encode(),
    HUGE.encode() * 20,
    b'{"a":1,"a":2}',
]
# A header has no more than Latin-1, and no line ends.
COUNTS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=6) | st.sampled_from(
    ["0", "-1", "+1", "1_0", "\xb2", " 1", "1" * 40]
)


@pytest.fixture(autouse=True, scope="module")
def _silent() -> None:
    configure("json", "test", io.StringIO())


def deployed() -> Recording:
    """One account, and one segment that ingest has accepted; its object is gone."""
    ports = Recording()
    ports.work.put(account_json(ACCOUNT.id), encode(ACCOUNT))
    ports.work.put(segment_json(SEGMENT.segment), encode(SEGMENT))
    return ports


def ended() -> Recording:
    """The same, with its first run cut, delivered and told of."""
    ports = deployed()
    for name, document in ENDED.items():
        ports.work.put(name, encode(document))
    return ports


def settles(
    service: str,
    body: bytes,
    ports: Recording | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Recording:
    """The answer is final, and what is left behind is one dead letter or work that was wanted."""
    ports = ports or deployed()
    answer = Served(service, ports).post(body, headers=headers)
    assert answer.status_code == 204, answer.text
    assert len(ports.letters) <= 1
    return ports


def buried(service: str, body: bytes) -> None:
    """Kept once, and nothing else was done for it."""
    ports = settles(service, body)
    assert (len(ports.letters), ports.calls) == (1, ["publish"])


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("service", ["ingest", "chunker", "uploader"])
def test_what_is_no_message_is_kept_once_before_any_work(service: str, body: bytes) -> None:
    buried(service, body)


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("service", ["ingest", "chunker"])
def test_a_message_that_holds_nothing_of_ours_is_kept_once_before_any_work(service: str, data: bytes) -> None:
    buried(service, push(data, NOTIFIED))


@given(st.sampled_from(["ingest", "chunker", "uploader"]), st.binary(max_size=100))
def test_no_bytes_come_again(service: str, body: bytes) -> None:
    buried(service, body)


@given(st.sampled_from(["ingest", "chunker"]), st.binary(max_size=100))
def test_no_data_in_an_envelope_comes_again(service: str, data: bytes) -> None:
    buried(service, push(data, NOTIFIED))


@given(st.sampled_from(["ingest", "chunker", "uploader"]), ANYTHING)
def test_no_document_comes_again(service: str, document: Any) -> None:
    buried(service, json.dumps(document).encode())


@given(st.sampled_from(["ingest", "chunker"]), ANYTHING, ANYTHING)
def test_no_envelope_comes_again(service: str, message: Any, attempt: Any) -> None:
    settles(service, json.dumps({"message": message, "deliveryAttempt": attempt}).encode())


@example({**RESOURCE, "name": "\ud800"})
@example({**RESOURCE, "name": "a\r\nb.shards/_SUCCESS"})
@example({**RESOURCE, "timeCreated": "0001-01-01T00:00:00+14:00"})
@settings(max_examples=200)
@given(changed(RESOURCE))
def test_no_notification_comes_again(resource: dict[str, Any]) -> None:
    settles("ingest", push(json.dumps(resource).encode(), NOTIFIED))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "\ud800"},
        {"name": "a\nb"},
        {"name": "é" * 513},
        {"generation": 7},
        {"generation": 1.5},
        {"generation": True},
        {"generation": "١"},
        {"generation": "-7"},
        {"generation": "0"},
        {"generation": "9223372036854775808"},
        {"generation": "9" * 20},
        {"size": " 1_0 "},
        {"timeCreated": "0999-12-31T00:00:00Z"},
    ],
)
def test_what_cloud_storage_never_writes_is_kept_once_before_any_work(changes: dict[str, Any]) -> None:
    buried("ingest", push(json.dumps({**RESOURCE, **changes}).encode(), NOTIFIED))


@pytest.mark.parametrize("bucket", ["elsewhere", "", "landing/../work", "LANDING", "work"])
def test_an_object_of_a_foreign_bucket_is_passed_over_before_any_work(bucket: str) -> None:
    ports = settles("ingest", push(json.dumps({**RESOURCE, "bucket": bucket}).encode(), NOTIFIED))

    assert ports.calls == []


@example({**REQUEST, "run": 10**40})
@example({**REQUEST, "run": int(HUGE) ** 3})
@example({**REQUEST, "segment": "a" * 1024})
@example({**REQUEST, "segment": "a\r\nb"})
@settings(max_examples=200)
@given(changed(REQUEST))
def test_no_request_comes_again(request: dict[str, Any]) -> None:
    settles("chunker", push(json.dumps(request).encode()))


@example({**TASK, "segment": "a" * 1024})
@example({**TASK, "stage": int(HUGE) ** 3})
@settings(max_examples=200)
@given(changed(TASK))
def test_no_task_comes_again(task: dict[str, Any]) -> None:
    settles("uploader", json.dumps(task).encode())


FOREIGN_IDS = [
    "",
    ".",
    "..",
    "a/../../config",
    "../1",
    "a/b",
    "a_b",
    "A",
    "a--b",
    "-a",
    "a-",
    "a\n",
    "é",
    "a" * 121,
]


@settings(max_examples=100)
@given(changed(TASK))
def test_no_task_of_a_run_that_has_ended_comes_again(task: dict[str, Any]) -> None:
    """It is told again at most, and enqueues nothing."""
    ports = settles("uploader", json.dumps(task).encode(), ended())

    assert (ports.enqueued, ports.work.written) == ([], [])


@settings(max_examples=100)
@given(changed(REQUEST))
def test_no_request_for_a_segment_that_has_ended_comes_again(request: dict[str, Any]) -> None:
    """It is told again, or a second run finds the object gone."""
    ports = settles("chunker", push(json.dumps(request).encode()), ended())

    assert all(name.startswith(("segments/", "open/1234567890/high-value/")) for name in ports.work.written)


@pytest.mark.parametrize("segment", FOREIGN_IDS)
def test_an_id_that_could_leave_its_place_is_kept_once_before_any_work(segment: str) -> None:
    buried("chunker", push(json.dumps({**REQUEST, "segment": segment}).encode()))
    buried("uploader", json.dumps({**TASK, "segment": segment}).encode())


@given(TEXTS)
def test_nothing_outside_of_segments_is_asked_for(segment: str) -> None:
    """Whatever a request or task calls its segment."""
    asked = [
        *settles("chunker", push(json.dumps({**REQUEST, "segment": segment}).encode())).work.asked,
        *settles("uploader", json.dumps({**TASK, "segment": segment}).encode()).work.asked,
    ]

    assert all(name.startswith("segments/") and ".." not in name for name in asked)


def test_the_largest_body_is_kept_in_a_message_that_pubsub_takes() -> None:
    ports = settles("uploader", bytes(BODY_LIMIT))

    assert len(ports.published[0].data) < 10_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"run": 0},
        {"run": MOST + 1},
        {"stage": 0},
        {"stage": -1},
        {"part": -1},
        {"part": MOST + 1},
        {"epoch": -1},
        {"n": MOST + 1},
        {"tried": -1},
        {"tried": 10**40},
        {"traceparent": "quillan@example.com"},
        {"traceparent": "0" * 1_000_000},
    ],
)
def test_what_sluice_never_writes_is_kept_once_before_any_work(changes: dict[str, Any]) -> None:
    buried("uploader", json.dumps({**TASK, **changes}).encode())


@example("1" * 5000)
@example("\xb2")
@given(COUNTS)
def test_no_count_of_earlier_dispatches_comes_again(count: str) -> None:
    ports = settles("uploader", json.dumps(TASK).encode(), headers={RETRY_COUNT: count})

    assert len(ports.letters) == 1  # there is no such run, whatever the count
