"""Whatever lies in a bucket under a document's name is that document, or refused in words: nothing else comes of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.errors import ConfigurationError
from shared.model.account import Account
from shared.model.codec import DocumentError, decode, encode
from shared.model.dead_letter import DeadLetter
from shared.model.events import Event
from shared.model.manifest import Manifest
from shared.model.receipt import Receipt
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest
from shared.model.state import Job, KnownList, Lease, Line, Marker, Progress, Result
from shared.model.task import Task
from shared.model.topology import Topology
from shared.names import account_json, is_account_id, is_audience_key, is_credential, is_list_id, is_list_name
from shared.ops.accounts import read_account
from tests.support.documents import ACCOUNT
from tests.support.garbage import ANYTHING, DEEP, HUGE, TEXTS, changed
from tests.support.recording import Recording

GOLDEN = Path(__file__).parent / "golden"
CLASSES: dict[str, type[Any]] = {
    "account": Account,
    "dead_letter": DeadLetter,
    "event_outcome": Event,
    "job": Job,
    "known_list": KnownList,
    "lease_quiet": Lease,
    "line": Line,
    "manifest": Manifest,
    "marker": Marker,
    "progress": Progress,
    "receipt": Receipt,
    "result": Result,
    "run": Run,
    "segment": Segment,
    "segment_request": SegmentRequest,
    "task": Task,
    "topology": Topology,
}
DOCUMENTS = {name: json.loads((GOLDEN / f"{name}.json").read_bytes()) for name in CLASSES}
WHERE = st.lists(st.integers(0, 9), max_size=4)


def refused_or_kept(cls: type[Any], document: bytes) -> None:
    """What is read can be written, and read again."""
    try:
        found = decode(cls, document)
    except DocumentError:
        return
    assert decode(cls, encode(found)) == found


def replaced(document: Any, path: list[int], value: Any) -> Any:
    """The document with one place changed; `path` says which, by the order of keys and items."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    keys = sorted(document) if isinstance(document, dict) else range(len(document))
    key = keys[path[0] % len(document)]
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[key] = replaced(copy[key], path[1:], value)
    return copy


@pytest.mark.parametrize("name", CLASSES)
@settings(max_examples=40)
@given(WHERE, ANYTHING)
@example([], None)
@example([], [])
def test_any_place_may_hold_anything(name: str, path: list[int], value: Any) -> None:
    text = json.dumps(replaced(DOCUMENTS[name], path, value))

    refused_or_kept(CLASSES[name], text.encode())


@pytest.mark.parametrize("version", [0, 2, -1, "1", 1.0, True, None, [], {}, int(HUGE)])
@pytest.mark.parametrize("name", CLASSES)
def test_a_document_of_another_version_is_refused(name: str, version: Any) -> None:
    document = json.dumps({**DOCUMENTS[name], "schema_version": version}).encode()

    with pytest.raises(DocumentError, match="schema_version: expected 1"):
        decode(CLASSES[name], document)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("text", [DEEP, HUGE * 20, "NaN", "", "\x00", '{"a":1,"a":2}'], ids=range(6))
def test_what_is_no_document_is_refused(name: str, text: str) -> None:
    with pytest.raises(DocumentError):
        decode(CLASSES[name], text.encode())


# An account's document is written by the deployment: services say what is wrong with it, and nothing of it gets into a name.


def configured(document: Any) -> Account | None:
    ports = Recording()
    ports.work.put(account_json(ACCOUNT.id), json.dumps(document).encode())
    return read_account(ports, ACCOUNT.id)


@example({"destinations": []})
@example({"id": "9876543210"})
@example({"max_rejected_ratio": "many"})
@example({"login_customer_id": "123-456-7890"})
@example({"credential": "../other"})
@example({"audiences": {"../../config": {"list_id": "1", "upload_key_type": "CRM_ID"}}})
@example({"audiences": {"a": {"list_id": "1' OR '", "upload_key_type": "CRM_ID"}}})
@example({"audiences": {"a": {"name": "two\nlines", "upload_key_type": "CRM_ID"}}})
@example({"audiences": {"a": {"list_id": "1", "name": "one", "upload_key_type": "CRM_ID"}}})
@example({"audiences": {"a": {"name": "a", "create": {"membership_days": 541}, "upload_key_type": "CRM_ID"}}})
@settings(max_examples=100)
@given(changed(json.loads(encode(ACCOUNT))))
def test_an_account_that_was_deployed_wrongly_is_the_operators_to_mend(changes: dict[str, Any]) -> None:
    try:
        account = configured({**json.loads(encode(ACCOUNT)), **changes})
    except ConfigurationError:
        return
    assert account
    assert account.id == ACCOUNT.id
    assert account.destinations
    assert is_credential(account.credential or "none")
    assert all(map(is_audience_key, account.audiences))
    assert all(is_list_id(each.list_id) or is_list_name(each.name) for each in account.audiences.values())


@given(TEXTS)
def test_only_ten_digits_are_looked_up(account: str) -> None:
    ports = Recording()

    assert read_account(ports, account) is None
    assert is_account_id(account) or ports.calls == []
