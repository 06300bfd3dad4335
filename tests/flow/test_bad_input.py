"""What must not be sent: each refused once, with its reason, and never tried again in a loop."""

import base64
import json
from functools import partial

import pytest
from google.cloud.tasks_v2 import HttpRequest, Task

from shared.model.account import Account
from shared.names import queue_id
from tests.support.crowd import packed, table, unusable, written
from tests.support.flow import Call, Flow, Landed
from tests.support.promises import Sent, counts, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

NAMES = {
    "people.csv": "name_unrecognised",
    "4000000000/buyers/append/people.csv": "account_unknown",
    "{account}/sellers/append/people.csv": "audience_unknown",
    "{account}/buyers/merge/people.csv": "mode_unknown",
    "{account}/buyers/append/people.txt": "extension_unknown",
    "{account}/buyers/append/people.parquet": "extension_unknown",
    "{account}/buyers/append/people.shards/_SUCCESS": "shards_missing",
}
IGNORED = ("", ".people.csv", "_temporary/0/people.csv", "people.csv.tmp", "people.shards/part-0.csv")
CONTENTS = (
    "empty_file",
    "header_only",
    "no_usable_column",
    "duplicate_columns",
    "malformed_header",
    "not_utf8",
    "gzip_truncated",
    "gzip_damaged",
    "unclosed_quote",
    "record_too_long",
    "too_many_rejects",
    "nothing_to_send",
)
GARBAGE = {
    "no document": b"\x00 nothing that anybody would write",
    "of another version": b'{"schema_version": 2, "segment": "s", "run": 1}',
    "with an unknown field": b'{"schema_version": 1, "segment": "s", "run": 1, "shoe_size": 44}',
    "about an unknown segment": b'{"schema_version": 1, "segment": "4000000000-buyers-append-0", "run": 1}',
}
HOLD = 300.0
"""Seconds that a push is held back: five real ones, half of what the chunker may take for it."""


@pytest.fixture(scope="module")
def changed(flow: Flow) -> dict[str, Sent]:
    """By reason: objects that change between landing and chunking, as the push of the request is held back."""
    account = flow.account("buyers")
    flow.fault(service="pubsub", method="push", account="chunker", action="delay", seconds=HOLD, times=2)
    sent = {
        reason: send(flow, account, "buyers", f"{reason}.csv", written(flow.people.take(10)))
        for reason in ("source_overwritten", "source_gone")
    }
    for each in sent.values():
        flow.until(partial(held_back, flow, each.landed), "a push held back")
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.landing)
    bucket.blob(sent["source_gone"].landed.name).delete()
    return sent


def held_back(flow: Flow, landed: Landed) -> list[Call]:
    pushes = flow.calls("pubsub", "push", "chunker", flow.request(landed).id)
    return [push for push in pushes if push["ended"] is None]


@pytest.fixture(scope="module")
def newer(flow: Flow, changed: dict[str, Sent]) -> Sent:
    """What the object was overwritten with, under the same name."""
    account = changed["source_overwritten"].account
    return send(flow, account, "buyers", "source_overwritten.csv", written(flow.people.take(10)))


@pytest.fixture(scope="module")
def account(flow: Flow) -> Account:
    return flow.account("buyers")


@pytest.fixture(scope="module")
def misnamed(flow: Flow, account: Account) -> dict[str, Landed]:
    """By reason."""
    content = table(written(flow.people.take(10)))
    return {reason: flow.land(name.format(account=account.id), content) for name, reason in NAMES.items()}


@pytest.fixture(scope="module")
def unreadable(flow: Flow, account: Account) -> dict[str, Landed]:
    """By reason."""
    people = flow.people.take(100)
    good, bad = table(written(people[:50])), table(unusable(people[50:]))
    header, rows = good.split(b"\n", 1)
    contents = {
        "empty_file": b"",
        "header_only": header,
        "no_usable_column": rows,
        "duplicate_columns": b"E-Mail," + good,
        "malformed_header": b'"email" address,phone\n' + rows,
        "not_utf8": good + "Håkon,,,,,,".encode("latin-1"),
        "gzip_truncated": packed(good)[:-100],
        "gzip_damaged": packed(good)[:100] + packed(bad)[100:],
        "unclosed_quote": good + b'"' + rows.replace(b'"', b""),
        "record_too_long": good + b'"' + b"x" * 1_100_000,
        "too_many_rejects": good + bad.split(b"\n", 1)[1],
        "nothing_to_send": bad,
    }
    folder = f"{account.id}/buyers/append"
    return {reason: flow.land(f"{folder}/{reason}.csv", content) for reason, content in contents.items()}


@pytest.fixture(scope="module", autouse=True)
def _all_on_their_way(newer: Sent, misnamed: dict[str, Landed], unreadable: dict[str, Landed]) -> None:
    """What has to be held back comes first, when nothing else could be held in its place."""


@pytest.mark.parametrize("reason", NAMES.values())
def test_a_name_that_fits_nothing_is_refused_unread(
    flow: Flow, misnamed: dict[str, Landed], reason: str
) -> None:
    outcome = flow.outcome(misnamed[reason])

    assert (outcome.type, outcome.reason_code) == ("segment.rejected", reason)
    assert [event.type for event in flow.events(misnamed[reason])] == ["segment.rejected"]
    assert counts(outcome) == (0, 0, 0, 0, 0)
    assert not_refused(flow.pushed("ingest", flow.notification(misnamed[reason]).id))


@pytest.mark.parametrize("reason", CONTENTS)
def test_content_that_cannot_be_used_is_refused_whole(
    flow: Flow, account: Account, unreadable: dict[str, Landed], reason: str
) -> None:
    landed = unreadable[reason]

    outcome = flow.outcome(landed)

    assert (outcome.type, outcome.reason_code) == ("segment.rejected", reason)
    assert {event.type for event in flow.events(landed)} == {"segment.received", "segment.rejected"}
    assert outcome.records_received == outcome.records_rejected
    assert not_refused(flow.pushed("ingest", flow.notification(landed).id))
    assert not_refused(flow.pushed("chunker", flow.request(landed).id))


@pytest.mark.parametrize("reason", ["source_overwritten", "source_gone"])
def test_an_object_that_is_no_longer_the_one_that_landed_is_refused(
    flow: Flow, changed: dict[str, Sent], reason: str
) -> None:
    outcome = flow.outcome(changed[reason].landed)

    assert (outcome.type, outcome.reason_code) == ("segment.rejected", reason)
    assert not_refused(flow.pushed("chunker", flow.request(changed[reason].landed).id))


def test_what_an_object_was_overwritten_with_is_a_segment_of_its_own(flow: Flow, newer: Sent) -> None:
    delivered(flow, newer)

    holds(flow, newer.account, "buyers", newer.rows)


def test_refused_segments_leave_nothing_behind(
    flow: Flow, account: Account, misnamed: dict[str, Landed], unreadable: dict[str, Landed]
) -> None:
    for landed in (*misnamed.values(), *unreadable.values()):
        flow.outcome(landed)

    flow.settled(account)

    assert flow.calls("google_ads", account=account.id) == []
    assert flow.members(account, "buyers") == set()


@pytest.mark.parametrize("title", IGNORED)
def test_a_folder_marker_or_a_writers_temporary_object_is_no_segment(
    flow: Flow, account: Account, title: str
) -> None:
    landed = flow.land(f"{account.id}/buyers/append/{title}", table(written(flow.people.take(1))))

    pushes = flow.pushed("ingest", flow.notification(landed).id)

    assert not_refused(pushes)
    assert flow.events(landed) == []
    assert not [name for name in flow.ledger("segments/") if landed.mark in name]


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_a_request_that_nobody_can_carry_out_becomes_a_dead_letter(flow: Flow, content: bytes) -> None:
    message = flow.publish("segment-requests", content)

    assert not_refused(flow.pushed("chunker", message))
    letter = flow.letter(lambda payload: message in payload.decode())
    assert letter.origin == "segment-requests"
    assert base64.b64decode(json.loads(base64.b64decode(letter.payload))["message"]["data"]) == content


def test_a_notification_that_is_none_becomes_a_dead_letter(flow: Flow) -> None:
    message = flow.publish("landing-notifications", b"nothing that Cloud Storage would write")

    assert not_refused(flow.pushed("ingest", message))
    letter = flow.letter(lambda payload: message in payload.decode())
    assert (letter.origin, letter.reason_code) == ("landing-notifications", "message_unusable")


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_a_task_that_nobody_can_carry_out_becomes_a_dead_letter(flow: Flow, content: bytes) -> None:
    account = flow.account("buyers")
    task = Task(http_request=HttpRequest(url="https://uploader.invalid/", body=content))

    flow.deployment.admin.tasks.create_task(parent=flow.deployment.site.queue(account.id), task=task)

    flow.settled(account)
    letter = flow.letter(lambda payload: payload == content)
    assert (letter.origin, base64.b64decode(letter.payload)) == ("tasks", content)
    assert not_refused(flow.calls("cloudtasks", "dispatch", queue_id(account.id)))


def not_refused(deliveries: list[Call]) -> bool:
    """Delivered and acknowledged. On a busy machine a delivery may outlast its time; that is no refusal."""
    return {call["status"] for call in deliveries} <= {"OK", "DEADLINE_EXCEEDED"}
