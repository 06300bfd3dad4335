"""A service dying in the middle of its work, and started again: nobody is lost, nothing is told twice."""

import time
from typing import Any

import pytest

from shared.model.account import Account
from shared.names import lease_json, queue_id
from tests.support.crowd import written
from tests.support.flow import ADD, Call, Flow
from tests.support.promises import Sent, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

FROM_THE_FIRST_BREATH = 3.5
"""Real seconds: a process that dies three times in a row sooner after its start is not started again."""

SEND = {"service": "google_ads", "method": ADD}
STORE = {"service": "storage", "method": "objects.insert"}
UPLOADER: dict[str, dict[str, Any]] = {
    "before Google has a part": {**SEND, "action": "kill_before"},
    "before it hears that Google has a part": {**SEND, "action": "kill_after"},
    "before a receipt is written": {**STORE, "action": "kill_before", "resource": "receipts/"},
    "just after a receipt is written": {**STORE, "action": "kill_after", "resource": "receipts/"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "ingest, before a segment is recorded": {**STORE, "action": "kill_before", "resource": "segment.json"},
    "ingest, before it hears that a run is open": {
        **STORE,
        "action": "kill_after",
        "resource": "runs/1/run.json",
    },
    "chunker, before its manifest is stored": {**STORE, "action": "kill_before", "resource": "manifest.json"},
    "chunker, before it hears that its manifest is stored": {
        **STORE,
        "action": "kill_after",
        "resource": "manifest.json",
    },
}
KILLS = UPLOADER | OTHERS
WRITTEN = "just after a receipt is written"


@pytest.fixture(scope="module")
def survived(flow: Flow) -> dict[str, Sent]:
    """One death after the other, each on an account of its own; then all are waited for together."""
    return {name: _struck(flow, kill) for name, kill in KILLS.items()}


def _struck(flow: Flow, kill: dict[str, Any]) -> Sent:
    """Waits until the process has died in this way, and another one has been there for a while."""
    account, process = flow.account("buyers"), _process(kill)
    victim = flow.supervisor.pids()[process]
    fault = flow.fault(**kill | _place(flow, account, kill), process=process)
    sent = send(flow, account, "buyers", "people.csv", written(flow.people.take(50)))
    flow.struck(fault)
    flow.until(lambda: flow.supervisor.pids()[process] != victim, f"another {process}")
    born = time.monotonic()
    flow.until(lambda: time.monotonic() - born > FROM_THE_FIRST_BREATH, "its first seconds")
    return sent


def _process(kill: dict[str, Any]) -> str:
    name = next(name for name, each in KILLS.items() if each is kill)
    return name.partition(",")[0] if kill in OTHERS.values() else "uploader"


def _place(flow: Flow, account: Account, kill: dict[str, Any]) -> dict[str, str]:
    if kill["service"] == "google_ads":
        return {"account": account.id}
    return {"account": flow.deployment.site.work, "resource": f"^segments/{account.id}-.*/{kill['resource']}"}


@pytest.mark.parametrize("kill", KILLS)
def test_a_death_costs_time_and_nothing_else(flow: Flow, survived: dict[str, Sent], kill: str) -> None:
    sent = survived[kill]

    delivered(flow, sent)

    holds(flow, sent.account, "buyers", sent.rows)


@pytest.mark.parametrize("kill", [kill for kill in UPLOADER if kill != WRITTEN])
def test_nothing_is_sent_while_the_dead_may_still_send(
    flow: Flow, survived: dict[str, Sent], kill: str
) -> None:
    delivered(flow, survived[kill])

    first_take, second_take = leases(flow, survived[kill])[:2]
    first, second = adds(flow, survived[kill])

    assert second_take["started"] >= first_take["ended"] + reserved(flow)
    assert first_take["ended"] <= first["started"] < second_take["ended"] <= second["started"]


def test_a_receipt_that_was_written_spares_the_waiting_and_the_sending(
    flow: Flow, survived: dict[str, Sent]
) -> None:
    delivered(flow, survived[WRITTEN])

    tasks = flow.calls("cloudtasks", "CreateTask", queue_id(survived[WRITTEN].account.id))
    assert len(adds(flow, survived[WRITTEN])) == 1
    snoozed = [task["resource"] for task in tasks if not task["resource"].endswith("-n0")]
    assert not [name for name in snoozed if "-follow-" not in name]


def reserved(flow: Flow) -> int:
    """Seconds that the lease of the dead lasts, and the silence after it."""
    times, ads = flow.deployment.topology.lease, flow.deployment.topology.destinations["google_ads"]
    return 2 * (ads.call_timeout_seconds + times.margin_seconds) + times.settle_seconds


def adds(flow: Flow, sent: Sent) -> list[Call]:
    return flow.calls("google_ads", ADD, sent.account.id)


def leases(flow: Flow, sent: Sent) -> list[Call]:
    """Every write of the account's lease."""
    name = lease_json(sent.account.id)
    return flow.calls("storage", "objects.insert", flow.deployment.site.work, name)
