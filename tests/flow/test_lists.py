"""User lists by name, over the wire: found, or created once and filled."""

from typing import Any

import pytest

from shared.model.account import Audience, Creation
from tests.support.crowd import written
from tests.support.flow import Flow
from tests.support.promises import delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

CREATE_LIST = "MutateUserLists"
KILLED = {"action": "kill_after", "process": "uploader"}
LOST = {"action": "lose_answer", "code": "UNAVAILABLE"}
NAME = 'Fjordmat\'s "best" customers'


@pytest.mark.parametrize("fault", [{}, KILLED, LOST], ids=["", "killed after", "answer lost"])
def test_a_list_that_is_missing_is_created_once_and_filled(flow: Flow, fault: dict[str, Any]) -> None:
    account = flow.deploy({"buyers": Audience("CONTACT_INFO", name=NAME, create=Creation(90))})
    if fault:
        flow.fault(service="google_ads", method=CREATE_LIST, account=account.id, **fault)
    first, second = (
        send(flow, account, "buyers", f"{each}.csv", written(flow.people.take(20))) for each in "ab"
    )

    outcomes = [delivered(flow, sent) for sent in (first, second)]

    holds(flow, account, "buyers", first.rows + second.rows)
    assert len(flow.calls("google_ads", CREATE_LIST, account.id)) == 1
    assert max(outcome.list_size_after for outcome in outcomes) == 40
