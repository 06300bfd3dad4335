"""Messages and tasks that come twice, or beside themselves: what they say is done as if they had come once."""

import pytest

from shared.names import parse_task, queue_id
from tests.support.crowd import written
from tests.support.flow import ADD, Call, Flow
from tests.support.promises import Sent, delivered, holds, send
from tests.support.taps import Message

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

SLOW = 120.0
"""Seconds that a request takes longer: two real ones, far below its time limit."""


@pytest.fixture(scope="module")
def repeated(flow: Flow) -> Sent:
    """Its notification and its request are published again as soon as they are heard of."""
    sent = send(flow, flow.account("buyers"), "buyers", "people.csv", written(flow.people.take(100)))
    again(flow, "landing-notifications", flow.notification(sent.landed))
    again(flow, "segment-requests", flow.request(sent.landed))
    return sent


@pytest.fixture(scope="module")
def pushed_twice(flow: Flow) -> Sent:
    """Each of its tasks is dispatched twice at the same moment."""
    account = flow.account("buyers")
    flow.fault(
        service="cloudtasks", method="dispatch", account=queue_id(account.id), action="duplicate", times=9
    )
    return send(flow, account, "buyers", "people.csv", written(flow.people.take(100)))


@pytest.fixture(scope="module")
def run_beside(flow: Flow) -> Sent:
    """While its part is on the way to Google, an operator runs the task of the part once more."""
    account = flow.account("buyers")
    flow.fault(service="google_ads", method=ADD, account=account.id, action="delay", seconds=SLOW)
    sent = send(flow, account, "buyers", "people.csv", written(flow.people.take(100)))
    flow.until(lambda: in_flight(flow.calls("google_ads", ADD, account.id)), "an Add in flight")
    (upload,) = (task for task in flow.tasks(account) if kind(task) == "upload")
    flow.deployment.admin.tasks.run_task(name=upload)
    return sent


@pytest.fixture(scope="module", autouse=True)
def _all_on_their_way(repeated: Sent, pushed_twice: Sent, run_beside: Sent) -> None:
    """Together, so that the minutes in which Google works on their jobs are the same minutes."""


def again(flow: Flow, topic: str, message: Message) -> str:
    return flow.publish(topic, message.data, message.attributes)


def in_flight(calls: list[Call]) -> bool:
    return any(call["ended"] is None for call in calls)


def kind(task: str) -> str:
    parsed = parse_task(task.rpartition("/")[2])
    assert parsed
    return parsed[2]


def test_a_notification_and_a_request_that_come_twice_at_once_are_one_segment(
    flow: Flow, repeated: Sent
) -> None:
    outcome = delivered(flow, repeated)

    holds(flow, repeated.account, "buyers", repeated.rows)
    assert len(flow.calls("google_ads", ADD, repeated.account.id)) == 1
    assert flow.ledger(f"segments/{repeated.account.id}-") == flow.ledger(f"segments/{outcome.segment}/")


def test_a_notification_and_a_request_that_come_again_after_the_end_change_nothing(
    flow: Flow, repeated: Sent
) -> None:
    outcome = delivered(flow, repeated)
    ledger, calls = flow.ledger(""), len(flow.calls("google_ads", account=repeated.account.id))

    notified = again(flow, "landing-notifications", flow.notification(repeated.landed))
    requested = again(flow, "segment-requests", flow.request(repeated.landed))
    flow.pushed("ingest", notified)
    flow.pushed("chunker", requested)

    changed = {name for name, generation in flow.ledger("").items() if ledger.get(name) != generation}
    assert not {name for name in changed if repeated.account.id in name}
    assert len(flow.calls("google_ads", account=repeated.account.id)) == calls
    assert delivered(flow, repeated) == outcome


def test_tasks_that_are_dispatched_twice_at_once_send_each_request_alone(
    flow: Flow, pushed_twice: Sent
) -> None:
    delivered(flow, pushed_twice)

    holds(flow, pushed_twice.account, "buyers", pushed_twice.rows)
    dispatches = flow.calls("cloudtasks", "dispatch", queue_id(pushed_twice.account.id), "-upload-1-1-e0-n0")
    assert len(dispatches) == 2
    assert dispatches[1]["started"] < dispatches[0]["ended"]


def test_a_task_that_is_run_beside_itself_does_not_send_beside_itself(flow: Flow, run_beside: Sent) -> None:
    delivered(flow, run_beside)

    holds(flow, run_beside.account, "buyers", run_beside.rows)
    (add,) = flow.calls("google_ads", ADD, run_beside.account.id)
    beside = flow.calls("cloudtasks", "dispatch", queue_id(run_beside.account.id), "-upload-1-1-e0-n0")[1]
    assert add["started"] < beside["started"] < add["ended"]
