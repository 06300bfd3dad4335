"""Google Ads refusing records one by one, over the wire: the receipt names their lines in the file, and everybody else is delivered."""

import pytest

from shared.model.codec import decode
from shared.model.dead_letter import DeadLetter
from shared.model.events import Event
from shared.model.receipt import Receipt, Refusals, refused_records
from shared.names import receipt_json
from shared.part_ranges import to_text
from tests.support.crowd import Row, members, table, written
from tests.support.flow import ADD, RUN, Flow, Landed
from tests.support.promises import Sent, counts, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

MISSING = "OfflineUserDataJobError.MISSING_USER_IDENTIFIER"
THIRD = 3


@pytest.fixture(scope="module")
def third(flow: Flow) -> Sent:
    """Of each request, the first and every third operation after it arrives without identifiers."""
    return _garbled(flow, THIRD)


@pytest.fixture(scope="module")
def whole(flow: Flow) -> Sent:
    return _garbled(flow, 1)


def _garbled(flow: Flow, every: int) -> Sent:
    account = flow.account("buyers")
    flow.fault(service="google_ads", method=ADD, account=account.id, action="garble", every=every, times=1000)
    return send(flow, account, "buyers", "people.csv", written(flow.people.take(50)))


@pytest.fixture(scope="module", autouse=True)
def _both_on_their_way(third: Sent, whole: Sent) -> None:
    """So that the tests wait for all of them at once."""


def receipt_of(flow: Flow, outcome: Event) -> Receipt:
    return decode(Receipt, flow.document(receipt_json(outcome.segment, outcome.run, 1, 1)))


def line_of(rows: list[Row], place: int) -> int:
    """Where a row starts, by the lines that are written before it: cells may hold some."""
    return table(rows[:place]).count(b"\n") + 1


def told(flow: Flow, landed: Landed, kind: str) -> set[bytes]:
    """The bytes of these events of the segment, once there are any: topics keep no order."""

    def look() -> set[bytes]:
        heard = (each for each in flow.taps.completions.messages if each.attributes["type"] == kind)
        return {each.data for each in heard if each.attributes["segment"].endswith(landed.mark)}

    return flow.until(look, f"{kind} of {landed.name}")


def buried(flow: Flow, outcome: Event) -> list[str]:
    """The reasons of the segment's dead letters, once there are any."""

    def look() -> list[str]:
        letters = (decode(DeadLetter, each.data) for each in flow.taps.dead_letters.messages)
        return [each.reason_code for each in letters if each.segment == outcome.segment]

    return flow.until(look, "a dead letter")


def test_everybody_whom_google_takes_is_delivered_and_the_others_are_rejected(
    flow: Flow, third: Sent
) -> None:
    outcome = flow.outcome(third.landed)

    assert (outcome.type, counts(outcome)) == ("segment.completed", (50, 33, 17, 0, 0))
    taken = [row for place, row in enumerate(third.rows) if place % THIRD]
    assert flow.members(third.account, "buyers") == members(taken)


def test_the_receipt_names_the_lines_of_the_file_that_were_refused(flow: Flow, third: Sent) -> None:
    receipt = receipt_of(flow, flow.outcome(third.landed))

    lines = to_text(line_of(third.rows, place) for place in range(0, 50, THIRD))
    assert receipt.refused == (Refusals(MISSING, 1, lines),)
    assert told(flow, third.landed, "part.completed") == {receipt.content}


def test_a_segment_whose_every_record_is_refused_fails_and_its_job_is_never_run(
    flow: Flow, whole: Sent
) -> None:
    outcome = flow.outcome(whole.landed)
    flow.settled(whole.account)

    assert (outcome.type, outcome.reason_code) == ("segment.failed", "all_parts_failed")
    assert counts(outcome) == (50, 0, 0, 0, 50)
    assert flow.calls("google_ads", RUN, whole.account.id) == []
    assert flow.members(whole.account, "buyers") == set()
    receipt = receipt_of(flow, outcome)
    assert refused_records(receipt.refused) == 50
    assert told(flow, whole.landed, "part.failed") == {receipt.content}
    assert set(buried(flow, outcome)) == {"all_records_refused"}
