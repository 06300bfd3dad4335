"""What an uploader writes on an object, every event and log line of its segment says."""

import json
from typing import Any

import pytest

from tests.support.crowd import members, table, written
from tests.support.flow import Flow
from tests.support.promises import Sent

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

LABELS = {"campaign": "spring-26", "ticket": "crm-17"}
SECRET = "somebody@example.com"


@pytest.fixture(scope="module")
def labelled(flow: Flow) -> Sent:
    account, rows = flow.account("buyers"), written(flow.people.take(20))
    metadata = LABELS | {"owner": SECRET, "team": SECRET}
    landed = flow.land(f"{account.id}/buyers/append/people.csv", table(rows), metadata)
    flow.outcome(landed)
    return Sent(account, "buyers", landed, rows)


def lines_about(flow: Flow, sent: Sent) -> list[dict[str, Any]]:
    logs = (flow.folder / "logs").glob("*.log")
    texts = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
    lines = [json.loads(text) for text in texts if text.startswith("{") and sent.landed.mark in text]
    return [line for line in lines if line.get("account") == sent.account.id]


def test_every_event_of_the_segment_carries_its_labels(flow: Flow, labelled: Sent) -> None:
    events = flow.events(labelled.landed)

    assert {event.type for event in events} > {"segment.received", "segment.chunked", "part.completed"}
    assert all(event.labels == LABELS for event in events)


def test_every_log_line_about_the_segment_carries_them_in_every_service(flow: Flow, labelled: Sent) -> None:
    lines = lines_about(flow, labelled)

    assert {line["service"] for line in lines} == {"ingest", "chunker", "uploader"}
    assert [line for line in lines if line.get("labels") != LABELS] == []


def test_a_value_that_may_be_anything_travels_nowhere_and_its_key_is_told(flow: Flow, labelled: Sent) -> None:
    log = (flow.folder / "logs/ingest.log").read_text(errors="replace")

    refused = [json.loads(line) for line in log.splitlines() if '"labels_refused"' in line]
    assert {tuple(line["keys"]) for line in refused} == {("team",)}
    assert SECRET not in log
    assert flow.members(labelled.account, "buyers") == members(labelled.rows)
