"""What all flow tests together have left behind: nobody's data where it does not belong, one truth for each event.

Files run in the order of their names, so that this one runs last.
"""

import re

import pytest

from shared.model.codec import decode
from shared.model.events import OUTCOMES, Event
from tests.support.crowd import FIRST, LAST, unusable, written
from tests.support.flow import Flow
from tests.support.promises import Sent, counts, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

PLAIN = re.compile(rf"{FIRST}|{LAST}|(?<!\d)(?:\+?47)?406 ?\d\d ?\d{{3}}(?!\d)", re.IGNORECASE)
HASH = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def sent(flow: Flow) -> Sent:
    """Good and bad rows, so that this file alone has something to look for."""
    people = flow.people.take(60)
    rows = [*written(people[:50]), *unusable(people[50:])]
    sent = send(flow, flow.account("buyers"), "buyers", "people.csv", rows)
    flow.until(lambda: "part.completed" in {event.type for event in flow.events(sent.landed)}, "the part")
    return sent


@pytest.fixture(scope="module")
def hashes(flow: Flow, sent: Sent) -> frozenset[str]:
    """Of everything about everybody who was in any file."""
    return frozenset(digest for person in flow.people.known() for digest in person.hashes)


def test_the_search_finds_people_and_hashes_where_they_are(
    flow: Flow, sent: Sent, hashes: frozenset[str]
) -> None:
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.landing)
    landed = bucket.blob(sent.landed.name).download_as_bytes().decode()

    assert {FIRST, FIRST.lower(), LAST.upper()} <= traces(landed, hashes)
    assert hashes & traces(landed, hashes)


def test_no_log_line_tells_who_is_in_a_file(flow: Flow, hashes: frozenset[str]) -> None:
    logs = {log.stem: log.read_text(errors="replace") for log in (flow.folder / "logs").glob("*.log")}

    assert set(logs) == {"cloud", "ingest", "chunker", "uploader"}
    assert {name: traces(log, hashes) for name, log in logs.items()} == {name: set() for name in logs}


def test_no_event_and_no_dead_letter_tells_who_is_in_a_file(flow: Flow, hashes: frozenset[str]) -> None:
    taps = (flow.taps.completions, flow.taps.requests, flow.taps.dead_letters)
    messages = [repr(message) for tap in taps for message in tap.messages]

    assert messages
    assert traces("\n".join(messages), hashes) == set()


def test_no_name_of_an_object_or_task_tells_who_is_in_a_file(flow: Flow, hashes: frozenset[str]) -> None:
    site, storage = flow.deployment.site, flow.deployment.admin.storage
    objects = [blob.name for bucket in (site.work, site.parts) for blob in storage.list_blobs(bucket)]
    tasks = [call["resource"] for call in flow.calls("cloudtasks", "CreateTask")]

    assert objects
    assert tasks
    assert traces("\n".join((*objects, *tasks)), hashes) == set()


def test_no_document_of_the_ledger_tells_who_is_in_a_file(flow: Flow, hashes: frozenset[str]) -> None:
    documents = {name: flow.document(name).decode() for name in flow.ledger("")}

    assert documents
    assert not [name for name, text in documents.items() if traces(text, hashes)]


def test_an_event_that_is_told_twice_is_told_in_the_same_bytes(flow: Flow, sent: Sent) -> None:
    bodies = {message.data for message in flow.taps.completions.messages}

    events = [decode(Event, body) for body in bodies]

    assert events
    assert len(events) == len({event.event_id for event in events})


def test_every_outcome_accounts_for_every_record(flow: Flow, sent: Sent) -> None:
    flow.outcome(sent.landed)
    heard = [decode(Event, message.data) for message in flow.taps.completions.messages]

    outcomes = {event.event_id: counts(event) for event in heard if event.type in OUTCOMES}

    assert outcomes
    assert not [name for name, (received, *became) in outcomes.items() if received != sum(became)]


def traces(text: str, hashes: frozenset[str]) -> set[str]:
    """Whatever in the text tells of somebody."""
    return set(PLAIN.findall(text)) | {
        found for found in map(str.lower, HASH.findall(text)) if found in hashes
    }
