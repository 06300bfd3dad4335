"""What all flow tests together have left behind: nobody's data where it does not belong, one truth for each event.

This file runs last: conftest.py. By design two things travel as they were given: an object's name,
as `source` of events and documents (users are told to put nobody into it), and the payload of a dead letter that a stranger wrote.
"""

import base64
import json
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from google.cloud.tasks_v2 import HttpRequest, Task

from infra.render import account_documents
from shared import names
from shared.model.account import Account
from shared.model.codec import decode, encode
from shared.model.dead_letter import DeadLetter, KeptLetter
from shared.model.events import OUTCOMES, Event
from shared.model.run import Run
from shared.model.segment import SegmentRequest
from tests.support.crowd import FIRST, LAST, members, packed, table, unusable, written
from tests.support.flow import Flow, Landed
from tests.support.gathered import Gathered, gathered, part_files, waiting
from tests.support.promises import Sent, counts, send
from tests.support.traces import Needles

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

NAMED = "Aurelie.Sandgren@example.com"
"""A person whom somebody put into an object's name; in no file, so that the name alone can tell of her."""
SOURCES = (
    "log lines",
    "notifications",
    "requests",
    "events",
    "dead letters",
    "task names",
    "task bodies",
    "object names",
    "reject reports",
    "documents",
    "access log of the cloud",
    "bundles",
)
NAMELESS = (
    "task names",
    "task bodies",
    "object names",
    "reject reports",
    "requests",
    "dead letters",
    "bundles",
)
"""Where not even an object's name gets."""
LIBRARIES = (
    "google.ads.googleads.client",
    "google.auth",
    "google.cloud.tasks_v2",
    "google.pubsub_v1",
    "urllib3",
)


@pytest.fixture(scope="module")
def account(flow: Flow) -> Account:
    return flow.account("buyers", "readers")


@pytest.fixture(scope="module")
def sent(flow: Flow, account: Account) -> Sent:
    """Good and bad rows, so that this file alone has something to look for."""
    people = flow.people.take(60)
    rows = [*written(people[:50]), *unusable(people[50:])]
    sent = send(flow, account, "buyers", "people.csv", rows)
    flow.until(lambda: "part.completed" in {event.type for event in flow.events(sent.landed)}, "the part")
    return sent


@pytest.fixture(scope="module")
def refused(flow: Flow, account: Account) -> dict[str, Landed]:
    """By reason: files that are read in vain, each full of people."""
    people = flow.people.take(40)
    good, bad = table(written(people[:30])), table(unusable(people[30:]))
    header, rows = good.split(b"\n", 1)
    contents = {
        "no_usable_column": rows,
        "malformed_header": b'"email" of ' + rows + good,
        "duplicate_columns": header.replace(b"street", b"e-mail") + b"\n" + rows,
        "gzip_truncated": packed(good)[:-100],
        "gzip_damaged": packed(good)[:100] + packed(bad)[100:],
        "not_utf8": good + f"{people[0].first} Å,,,,,,".encode("latin-1"),
        "unclosed_quote": good + b'"' + rows.replace(b'"', b""),
        "too_many_rejects": good + bad.split(b"\n", 1)[1] + rows.replace(b",", b'," ') + bad,
    }
    folder = f"{account.id}/readers/append"
    landed = {reason: flow.land(f"{folder}/{reason}.csv", content) for reason, content in contents.items()}
    assert {reason: flow.outcome(each).reason_code for reason, each in landed.items()} == {
        reason: reason for reason in landed
    }
    return landed


@pytest.fixture(scope="module")
def named(flow: Flow, account: Account) -> Landed:
    """Somebody's address is the file's name."""
    rows = [*written(flow.people.take(20)), *unusable(flow.people.take(2))]
    return send(flow, account, "readers", f"{NAMED}.csv", rows).landed


@pytest.fixture(scope="module")
def bodies(flow: Flow) -> dict[str, bytes]:
    """The tasks of a segment whose queue stood still until somebody had looked at them."""
    account = flow.account("buyers")
    queue, tasks = flow.deployment.site.queue(account.id), flow.deployment.admin.tasks
    tasks.pause_queue(name=queue)
    send(flow, account, "buyers", "held.csv", written(flow.people.take(10)))
    flow.until(lambda: len(flow.tasks(account)) > 1, "a part and the end of its stage")
    found = {name: body for name, body in waiting(flow).items() if account.id in name}
    tasks.resume_queue(name=queue)
    return found


@dataclass(frozen=True)
class Troubles:
    """`strangers` are the dead letters' payloads that strangers wrote, `planted` is the document that a test did."""

    strangers: tuple[bytes, ...]
    planted: str


@pytest.fixture(scope="module")
def troubles(flow: Flow, sent: Sent) -> Troubles:
    """Whatever makes services complain, each about a person: a broken account, a defect, foreign messages, a stranger."""
    (person,) = flow.people.take(1)
    told = json.dumps({"note": person.email, "phone": person.phone}).encode()
    _misconfigured(flow, person.email)
    planted = _defect(flow, sent, person.email)
    _stranger(flow, told)
    flow.publish("segment-requests", told)
    flow.publish("landing-notifications", told, {"eventType": "OBJECT_FINALIZE", "objectId": person.email})
    task = Task(http_request=HttpRequest(url="https://uploader.invalid/", body=told))
    flow.deployment.admin.tasks.create_task(parent=flow.deployment.site.queue(sent.account.id), task=task)
    payloads = (told, base64.b64encode(told))
    flow.until(lambda: len(_letters_of(flow, payloads)) == 3, "three dead letters")
    message = flow.publish("segment-requests", encode(SegmentRequest("4000000000-buyers-append-0")))
    flow.letter(lambda payload: message.encode() in payload)
    return Troubles(payloads, planted)


def _misconfigured(flow: Flow, text: str) -> None:
    """An account whose document is broken, until somebody mends it."""
    account = flow.account("buyers")
    ((name, right),) = account_documents([account]).items()
    blob = flow.deployment.admin.storage.bucket(flow.deployment.site.work).blob(name)
    blob.upload_from_string(json.dumps({**json.loads(right), "default_region": text, text: text}))
    landed = send(flow, account, "buyers", "late.csv", written(flow.people.take(3))).landed
    flow.until(lambda: complaints(flow, "ingest", "configuration"), "ingest to complain")
    blob.upload_from_string(right)
    flow.request(landed)


def _defect(flow: Flow, sent: Sent, text: str) -> str:
    """A run whose document holds what Sluice never writes; what Python says about it quotes it. The document's name."""
    outcome = flow.outcome(sent.landed)
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.work)
    run = decode(Run, flow.document(names.run_json(outcome.segment, 1)))
    broken = replace(run, run=2, key="", max_rejected_ratio=text)
    planted = names.run_json(outcome.segment, 2)
    bucket.blob(planted).upload_from_string(encode(broken))
    flow.publish("segment-requests", encode(SegmentRequest(outcome.segment, run=2)))
    flow.until(lambda: complaints(flow, "chunker", "defect"), "the chunker to complain")
    end = replace(outcome, run=2, event_id=names.event_id(outcome.segment, 2, "outcome"))
    bucket.blob(names.outcome_json(outcome.segment, 2)).upload_from_string(encode(end))
    return planted


def _stranger(flow: Flow, body: bytes) -> None:
    for endpoint in flow.deployment.site.endpoints.values():
        connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
        connection.request("POST", "/", body, {"Authorization": f"Bearer {FIRST}.{LAST}.x"})
        assert connection.getresponse().status == 401
        connection.close()


def _letters_of(flow: Flow, payloads: tuple[bytes, ...]) -> list[DeadLetter]:
    letters = [decode(DeadLetter, each.data) for each in flow.taps.dead_letters.messages]
    return [each for each in letters if any(one in base64.b64decode(each.payload) for one in payloads)]


def complaints(flow: Flow, service: str, message: str) -> list[str]:
    lines = (flow.folder / "logs" / f"{service}.log").read_text(errors="replace").splitlines()
    return [line for line in lines if f'"message": "{message}"' in line]


@pytest.fixture(scope="module")
def needles(
    flow: Flow,
    sent: Sent,
    refused: dict[str, Landed],
    named: Landed,
    bodies: dict[str, bytes],
    troubles: Troubles,
) -> Needles:
    """Of everything about everybody who was in any file."""
    flow.outcome(named)
    return Needles.of(flow.people.known())


@pytest.fixture(scope="module")
def everything(flow: Flow, needles: Needles, bodies: dict[str, bytes], troubles: Troubles) -> Gathered:
    """All that there is to look at, but for what strangers and this file wrote themselves."""
    return {
        source: {name: text for name, text in texts.items() if not foreign(source, name, text, troubles)}
        for source, texts in gathered(flow, bodies).items()
    }


def foreign(source: str, name: str, text: bytes, troubles: Troubles) -> bool:
    kept = source == "documents" and name.startswith(names.DEAD_LETTERS)
    if source == "dead letters":
        data, _ = text.split(b"\n", 1)
        text = base64.b64decode(decode(DeadLetter, data).payload)
    elif kept:
        text = base64.b64decode(decode(KeptLetter, text).letter.payload)
    wrote = (kept or source in ("dead letters", "requests", "notifications")) and any(
        each in text for each in troubles.strangers
    )
    return wrote or name == troubles.planted


# The search finds what is there


def test_the_search_finds_people_and_hashes_where_they_belong(
    flow: Flow, sent: Sent, needles: Needles
) -> None:
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.landing)
    landed = bucket.blob(sent.landed.name).download_as_bytes()
    hashes = {digits.encode() for person in flow.people.known() for digits in person.hashes}

    found = needles.traces(landed)

    assert {FIRST.encode(), FIRST.lower().encode()} <= {trace[: len(FIRST)] for trace in found}
    assert LAST.upper().encode() in {trace[: len(LAST)] for trace in found}
    assert hashes & found


def test_the_search_finds_hashes_and_nobodys_name_in_part_files(
    flow: Flow, sent: Sent, needles: Needles
) -> None:
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.parts)
    ours = [name for name in part_files(flow) if sent.landed.mark in name]

    found = {trace for name in ours for trace in needles.traces(bucket.blob(name).download_as_bytes())}

    assert found
    assert all(len(trace) == 64 for trace in found)


def test_the_people_are_in_the_audience(flow: Flow, sent: Sent) -> None:
    flow.outcome(sent.landed)

    assert members(sent.rows) <= flow.members(sent.account, "buyers")


def test_what_strangers_wrote_is_kept_as_it_came(flow: Flow, needles: Needles, troubles: Troubles) -> None:
    letters = _letters_of(flow, troubles.strangers)

    assert {letter.origin for letter in letters} == {"landing-notifications", "segment-requests", "tasks"}
    assert all(needles.traces(encode(letter)) for letter in letters)
    assert not any(needles.traces(encode(replace(letter, payload=""))) for letter in letters)


# What there is to look at


def test_every_source_has_something_to_look_at(everything: Gathered) -> None:
    assert tuple(everything) == SOURCES
    assert not [source for source, texts in everything.items() if not texts]
    assert set(everything["log lines"]) >= {"cloud", "ingest", "chunker", "uploader"}
    assert {name.split("/")[0] for name in everything["bundles"]} == {"ingest", "chunker", "uploader"}


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_libraries_were_heard(everything: Gathered, library: str) -> None:
    assert f'"logger": "{library}'.encode() in b"".join(everything["log lines"].values())


@pytest.mark.parametrize("service", ["ingest", "chunker", "uploader"])
def test_the_servers_said_who_asked_them(everything: Gathered, service: str) -> None:
    """functions-framework keeps no access log; at DEBUG its server tells of every request."""
    assert b"[DEBUG] POST /" in everything["log lines"][service]


def test_services_complained_about_people_without_naming_them(flow: Flow, needles: Needles) -> None:
    heard = [
        *complaints(flow, "ingest", "configuration"),
        *complaints(flow, "chunker", "defect"),
        *complaints(flow, "uploader", "message_unusable"),
        *complaints(flow, "ingest", "caller_refused"),
    ]

    assert len(heard) > 3
    assert not needles.traces("\n".join(heard).encode())


# Nobody is in it


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_tells_who_is_in_a_file(everything: Gathered, needles: Needles, source: str) -> None:
    found = {name: needles.traces(text) for name, text in everything[source].items()}

    assert {name: traces for name, traces in found.items() if traces} == {}


@pytest.mark.parametrize("source", NAMELESS)
def test_an_objects_name_gets_no_further_than_it_must(everything: Gathered, source: str) -> None:
    assert [name for name, text in everything[source].items() if told(text)] == []


def test_an_objects_name_is_in_no_line_of_ours(everything: Gathered) -> None:
    """At DEBUG, Cloud Storage's client tells which addresses it asked, and names are part of them."""
    lines = b"\n".join(everything["log lines"].values()).splitlines()

    assert [line for line in lines if told(line) and b'"severity": "DEBUG"' not in line] == []


def test_an_objects_name_is_where_it_is_said_to_be(everything: Gathered) -> None:
    assert any(map(told, everything["events"].values()))
    assert any(map(told, everything["documents"].values()))


def told(text: bytes) -> bool:
    return NAMED.split("@", maxsplit=1)[0].lower().encode() in text.lower()


# One truth for each event


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
