"""One trace from the landing object to the outcome, as the services write it down."""

import json
from typing import Any

import pytest

from shared.names import trace_id
from shared.trace import LANDING, REQUEST, place_of
from tests.support.crowd import table, written
from tests.support.flow import Flow

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]


def spans(flow: Flow, trace: str) -> list[dict[str, Any]]:
    found = []
    for service in ("ingest", "chunker", "uploader"):
        lines = (flow.folder / "logs" / f"{service}.log").read_text().splitlines()
        told = (json.loads(line) for line in lines if line.startswith("{"))
        found += [line for line in told if line.get("message") == "span" and line["trace"] == trace]
    return found


def test_a_segment_is_one_trace_and_every_span_has_its_parent(flow: Flow) -> None:
    account = flow.account("buyers")
    people = written(flow.people.take(60))
    landed = flow.land(f"{account.id}/buyers/append/people.csv", table(people))
    outcome = flow.outcome(landed)
    flow.settled(account)

    found = spans(flow, trace_id(outcome.segment, 1))

    ids = {each["span_id"] for each in found}
    roots = [each for each in found if not each["parent_id"]]
    assert [each["span"] for each in roots] == ["land"]
    assert {each["parent_id"] for each in found} - {""} <= ids
    names = {each["span"] for each in found}
    assert {"land", "chunk", "upload", "follow"} < names
    assert {"add_offline_user_data_job_operations", "run_offline_user_data_job"} < names
    chunk = next(each for each in found if each["span"] == "chunk")
    assert int(chunk["parent_id"], 16) == place_of(outcome.segment, 1, LANDING).span
    assert int(chunk["span_id"], 16) == place_of(outcome.segment, 1, REQUEST).span
    assert outcome.trace_id == trace_id(outcome.segment, 1)
    text = json.dumps(found)
    assert not any(row.cells and any(len(cell) > 5 and cell in text for cell in row.cells) for row in people)
