"""User lists by name, over the wire: found, or created once and filled."""

from typing import Any

import pytest

from shared.model.account import Audience, Creation
from tests.support.crowd import written
from tests.support.flow import Flow
from tests.support.promises import Sent, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

CREATE_LIST = "MutateUserLists"
NAME = 'Fjordmat\'s "best" customers'
TROUBLES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "killed after it": {"action": "kill_after", "process": "uploader"},
    "its answer lost": {"action": "lose_answer", "code": "UNAVAILABLE"},
}
"""What happens to the request that creates a list."""


@pytest.fixture(scope="module")
def sent(flow: Flow) -> dict[str, tuple[Sent, Sent]]:
    """By trouble, two segments of an account whose list is missing; all on their way at once."""
    return {trouble: _sent(flow, fault) for trouble, fault in TROUBLES.items()}


def _sent(flow: Flow, fault: dict[str, Any]) -> tuple[Sent, Sent]:
    account = flow.deploy({"buyers": Audience("CONTACT_INFO", name=NAME, create=Creation(90))})
    if fault:
        flow.fault(service="google_ads", method=CREATE_LIST, account=account.id, **fault)
    first, second = (
        send(flow, account, "buyers", f"{each}.csv", written(flow.people.take(20))) for each in "ab"
    )
    return first, second


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_list_that_is_missing_is_created_once_and_filled(
    flow: Flow, sent: dict[str, tuple[Sent, Sent]], trouble: str
) -> None:
    both = sent[trouble]

    outcomes = [delivered(flow, each) for each in both]

    account = both[0].account
    holds(flow, account, "buyers", both[0].rows + both[1].rows)
    assert len(flow.calls("google_ads", CREATE_LIST, account.id)) == 1
    assert max(outcome.list_size_after for outcome in outcomes) == 40
