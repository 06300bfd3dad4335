"""The fault list: what fits, when it is due, and which faults are refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.ads.jobs import Standing
from infra.local.control.faults import STANDINGS, Action, Fault, FaultError, FaultList, Target, matches, parse

PUBLISH = Target("pubsub", "Publish", "completions", "")
ANY = frozenset(Action)


def fault(**more: Any) -> Fault:
    return parse({"id": "f", "service": "pubsub", "method": "Publish", "action": "error", **more})


@given(nth=st.integers(1, 20), times=st.integers(1, 20), calls=st.integers(0, 50))
def test_a_fault_is_due_from_its_nth_fitting_call_on_as_often_as_it_says(
    nth: int, times: int, calls: int
) -> None:
    faults = FaultList()
    faults.add([fault(nth=nth, times=times)])

    due = [number for number in range(1, calls + 1) if faults.select(PUBLISH, ANY)]

    assert due == [number for number in range(nth, nth + times) if number <= calls]


def test_only_fitting_calls_are_counted() -> None:
    faults = FaultList()
    faults.add([fault(account="completions", nth=2)])

    others = [faults.select(Target("pubsub", "Publish", "dead-letters", ""), ANY) for _ in range(5)]

    assert others == [[]] * 5
    assert faults.select(PUBLISH, ANY) == []
    assert len(faults.select(PUBLISH, ANY)) == 1


@pytest.mark.parametrize(
    "target",
    [
        Target("storage", "Publish", "completions", "x"),
        Target("pubsub", "Pull", "completions", "x"),
        Target("pubsub", "Publish", "others", "x"),
        Target("pubsub", "Publish", "completions", "y"),
    ],
)
def test_a_fault_fits_when_every_word_fits(target: Target) -> None:
    aimed = fault(account="completions", resource="^x")

    assert matches(aimed, Target("pubsub", "Publish", "completions", "xyz"))
    assert not matches(aimed, target)


def test_a_resource_is_searched_as_a_regular_expression() -> None:
    assert matches(
        fault(resource=r"parts/\d+\.bin$"), Target("pubsub", "Publish", "", "run-1/parts/0007.bin")
    )


def test_an_action_that_is_not_asked_for_is_not_counted() -> None:
    faults = FaultList()
    faults.add([fault(action="duplicate")])

    assert faults.select(PUBLISH, {Action.ERROR}) == []
    assert len(faults.select(PUBLISH, {Action.DUPLICATE})) == 1


def test_the_listing_tells_how_often_a_fault_was_acted_out() -> None:
    faults = FaultList()
    faults.add([fault(nth=2)])
    for _ in range(3):
        faults.select(PUBLISH, ANY)

    (row,) = faults.listing()

    assert (row["matched"], row["seen"], row["action"]) == (3, 1, "error")


def test_a_fault_with_a_known_id_takes_the_place_of_the_old_one() -> None:
    faults = FaultList()
    faults.add([fault(nth=1)])
    faults.select(PUBLISH, ANY)

    faults.add([fault(nth=5)])

    assert [(row["nth"], row["seen"]) for row in faults.listing()] == [(5, 0)]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"colour": "red"}, "unknown key colour"),
        ({"action": "explode"}, "unknown action 'explode'"),
        ({"service": "weather"}, "unknown service 'weather'"),
        ({"code": "503"}, "not the name of a gRPC status code"),
        ({"nth": 0}, "count from 1"),
        ({"nth": "2"}, "nth must be int"),
        ({"seconds": -1}, "seconds from 0"),
        ({"service": 3}, "service must be str"),
        ({"resource": "("}, "not a regular expression"),
        ({"action": "delay"}, "delay needs seconds"),
        ({"action": "kill_before"}, "needs the name of a registered process"),
        ({"action": "garble", "every": 2}, "is for AddOfflineUserDataJobOperations"),
        ({"action": "garble", "method": "AddOfflineUserDataJobOperations"}, "needs every"),
        ({"every": "2"}, "every must be int"),
        ({"action": "judge", "standing": "good"}, "is for google_ads"),
        ({"action": "judge", "service": "google_ads", "standing": "famous"}, "needs a standing: good, not_"),
    ],
)
def test_a_fault_that_cannot_be_carried_out_is_refused(words: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FaultError, match=complaint):
        fault(**words)


def test_an_account_can_be_judged_in_every_way_that_google_ads_knows() -> None:
    assert frozenset(Standing) == STANDINGS


def test_a_missing_key_is_named() -> None:
    with pytest.raises(FaultError, match="method, action is missing"):
        parse({"id": "f", "service": "pubsub"})
