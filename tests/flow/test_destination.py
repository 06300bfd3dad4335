"""Google Ads answering badly: whatever it says in passing, each person is in the audience as if sent once."""

from typing import Any

import pytest

from tests.support.crowd import written
from tests.support.flow import ADD, CREATE, RUN, Flow
from tests.support.promises import Sent, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

LOST = {"action": "lose_answer", "code": "UNAVAILABLE"}
FOREIGN = {"action": "overlap"}
INTERNAL = {"action": "error", "code": "INTERNAL", "reason": "TRANSIENT_ERROR"}
QUOTA = {"action": "error", "code": "RESOURCE_EXHAUSTED", "reason": "RESOURCE_TEMPORARILY_EXHAUSTED"}

TROUBLES: dict[str, dict[str, Any]] = {
    "a part is taken and the answer lost": {"method": ADD, **LOST},
    "a part overlaps a foreign request": {"method": ADD, **FOREIGN},
    "a part meets an internal error": {"method": ADD, **INTERNAL},
    "a part finds the quota spent for a moment": {"method": ADD, **QUOTA},
    "a part finds the quota spent three times": {"method": ADD, **QUOTA, "times": 3},
    "a job is created and the answer lost": {"method": CREATE, **LOST},
    "a job is started and the answer lost": {"method": RUN, **LOST},
}
AMBIGUOUS = [name for name, trouble in TROUBLES.items() if trouble["action"] in ("lose_answer", "overlap")]


@pytest.fixture(scope="module")
def troubled(flow: Flow) -> dict[str, Sent]:
    """A segment on an account of its own for each trouble, all on their way together."""
    return {name: _troubled(flow, trouble) for name, trouble in TROUBLES.items()}


def _troubled(flow: Flow, trouble: dict[str, Any]) -> Sent:
    account = flow.account("buyers")
    flow.fault(service="google_ads", account=account.id, **trouble)
    return send(flow, account, "buyers", "people.csv", written(flow.people.take(50)))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_passing_trouble_changes_neither_members_nor_counts(
    flow: Flow, troubled: dict[str, Sent], trouble: str
) -> None:
    sent = troubled[trouble]

    delivered(flow, sent)

    holds(flow, sent.account, "buyers", sent.rows)
    calls = flow.calls("google_ads", TROUBLES[trouble]["method"], sent.account.id)
    assert sum(call["injected"] for call in calls) == TROUBLES[trouble].get("times", 1)


@pytest.mark.parametrize("trouble", AMBIGUOUS)
def test_an_answer_that_leaves_it_open_is_followed_by_silence(
    flow: Flow, troubled: dict[str, Sent], trouble: str
) -> None:
    delivered(flow, troubled[trouble])

    calls = flow.calls("google_ads", account=troubled[trouble].account.id)

    settle = flow.deployment.topology.lease.settle_seconds
    (place,) = (place for place, call in enumerate(calls) if call["injected"])
    assert calls[place + 1]["started"] >= calls[place]["ended"] + settle


def test_a_job_whose_creation_was_not_heard_of_is_found_again(flow: Flow, troubled: dict[str, Sent]) -> None:
    sent = troubled["a job is created and the answer lost"]

    delivered(flow, sent)

    creations = [call["status"] for call in flow.calls("google_ads", CREATE, sent.account.id)]
    assert creations == ["UNAVAILABLE", "INVALID_ARGUMENT"]


def test_a_job_whose_start_was_not_heard_of_is_not_started_again(
    flow: Flow, troubled: dict[str, Sent]
) -> None:
    sent = troubled["a job is started and the answer lost"]

    delivered(flow, sent)

    assert len(flow.calls("google_ads", RUN, sent.account.id)) == 1
