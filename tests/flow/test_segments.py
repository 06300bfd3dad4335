"""Segments on their way from the landing bucket to their audiences, when nothing goes wrong."""

import csv
import io

import pytest

from shared.model.events import Event
from shared.names import rejects_csv
from tests.support.crowd import Row, packed, short, table, unusable, written
from tests.support.flow import ADD, JOB_SECONDS, RUN, Call, Flow
from tests.support.promises import Sent, counts, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

PART_RECORDS = 50_000
LEFTOVERS = (
    ".part-00002.csv.crc",
    "_committed_4711",
    "part-00003.csv.tmp",
    "_temporary/0/part-00002.csv",
    ".staging/part-00004.csv",
)


@pytest.fixture(scope="module")
def one(flow: Flow) -> Sent:
    good, bad = written(flow.people.take(300)), unusable(flow.people.take(20))
    mixed = [*good[:100], *bad[:10], *good[100:], *bad[10:]]
    return send(flow, flow.account("buyers"), "buyers", "mixed.csv.gz", mixed)


@pytest.fixture(scope="module")
def pair(flow: Flow) -> tuple[Sent, Sent]:
    """The second lands while the first is being cut, is ready before it, and shares people with it."""
    account, people = flow.account("members"), flow.people.take(30_000)
    first = send(flow, account, "members", "first.csv", short(people))
    flow.until(lambda: flow.events(first.landed), "the first to be received")
    return first, send(flow, account, "members", "second.csv", short([*people[:5], *flow.people.take(5)]))


@pytest.fixture(scope="module")
def shards(flow: Flow) -> Sent:
    """What lies about in the folder beside the two shards is nobody's data."""
    account, rows = flow.account("guests"), written(flow.people.take(60))
    folder = f"{account.id}/guests/append/nightly.shards"
    landed = [
        flow.land(f"{folder}/part-00000.csv", table(rows[:40])),
        flow.land(f"{folder}/part-00001.csv.gz", packed(table(rows[40:]))),
        *(flow.land(f"{folder}/{name}", table(written(flow.people.take(5)))) for name in LEFTOVERS),
    ]
    for each in landed:
        flow.pushed("ingest", flow.notification(each).id)
    assert not flow.ledger(f"segments/{account.id}-")
    assert not flow.ledger(f"open/{account.id}/")
    return Sent(account, "guests", flow.land(f"{folder}/_SUCCESS"), rows)


@pytest.fixture(scope="module")
def seven(flow: Flow) -> list[Sent]:
    """The first is of two parts."""
    first, second = flow.account("a", "b", "c", "d"), flow.account("e", "f", "g")
    large, *small = [(account, audience) for account in (first, second) for audience in account.audiences]
    return [
        send(flow, *large, "large.csv", short(flow.people.take(PART_RECORDS + 2_000))),
        *(send(flow, *place, "small.csv.gz", written(flow.people.take(200))) for place in small),
    ]


@pytest.fixture(scope="module", autouse=True)
def _all_on_their_way(one: Sent, pair: tuple[Sent, Sent], shards: Sent, seven: list[Sent]) -> None:
    """Together, so that the minutes in which Google works on their jobs are the same minutes."""


def test_a_segment_reaches_its_audience_and_every_step_is_told(flow: Flow, one: Sent) -> None:
    outcome = delivered(flow, one)

    holds(flow, one.account, "buyers", one.rows)
    told = {event.type: event for event in flow.events(one.landed)}
    assert set(told) == {"segment.received", "segment.chunked", "part.completed", "segment.completed"}
    assert counts(told["segment.chunked"]) == (320, 0, 20, 0, 0)
    assert counts(told["part.completed"]) == counts(outcome) == (320, 300, 20, 0, 0)
    assert {event.source for event in told.values()} == {f"gs://{one.landed.bucket}/{one.landed.name}"}
    assert {(event.account, event.audience) for event in told.values()} == {(one.account.id, "buyers")}


def test_the_reject_report_names_the_lines_of_the_file(flow: Flow, one: Sent) -> None:
    segment = delivered(flow, one).segment

    report = list(csv.DictReader(io.StringIO(flow.document(rejects_csv(segment, 1, 1)).decode())))

    rejected = [(int(each["line"]), each["reason_code"]) for each in report if each["level"] == "record"]
    places = zip(starts(one.rows), one.rows, strict=True)
    assert rejected == [(line, "no_identifier") for line, row in places if not row.identifiers]


def starts(rows: list[Row]) -> list[int]:
    """The line on which each row begins, below the header; a newline in quotes makes one more."""
    lines = [2]
    for row in rows:
        lines.append(lines[-1] + 1 + sum(cell.count("\n") for cell in row.cells))
    return lines[:-1]


def test_seven_segments_at_once_on_two_accounts_reach_their_audiences(flow: Flow, seven: list[Sent]) -> None:
    outcomes = [delivered(flow, each) for each in seven]

    for each in seven:
        holds(flow, each.account, each.audience, each.rows)
    assert [outcome.parts for outcome in outcomes] == [2, 1, 1, 1, 1, 1, 1]


def test_two_accounts_are_served_at_the_same_time(flow: Flow, seven: list[Sent]) -> None:
    for each in seven:
        delivered(flow, each)

    first, second = (flow.calls("google_ads", account=each.account.id) for each in (seven[0], seven[-1]))

    assert first[0]["started"] < second[-1]["ended"]
    assert second[0]["started"] < first[-1]["ended"]


def test_two_appends_to_an_audience_run_one_after_the_other_as_they_landed(
    flow: Flow, pair: tuple[Sent, Sent]
) -> None:
    first, second = (the_run(flow, delivered(flow, each)) for each in pair)

    holds(flow, pair[0].account, "members", [row for each in pair for row in each.rows])
    assert second["started"] >= first["ended"] + JOB_SECONDS


def the_run(flow: Flow, outcome: Event) -> Call:
    """The one request that ran the job."""
    (call,) = flow.calls("google_ads", RUN, outcome.account, outcome.job)
    return call


def test_a_group_of_shards_is_one_segment_once_its_success_marker_lands(flow: Flow, shards: Sent) -> None:
    outcome = delivered(flow, shards)

    holds(flow, shards.account, "guests", shards.rows)
    assert outcome.source == f"gs://{shards.landed.bucket}/{shards.landed.name.removesuffix('_SUCCESS')}"
    assert flow.ledger(f"segments/{shards.account.id}-") == flow.ledger(f"segments/{outcome.segment}/")
    assert len(flow.calls("google_ads", ADD, shards.account.id)) == 1
