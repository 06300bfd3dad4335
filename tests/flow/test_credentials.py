"""Accounts with grants of their own: segments are delivered under them, through an early end of a token and a rotation of a secret."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from services.console.site import PROJECT
from shared.gcp.ports import ports_for
from shared.model.account import Account
from shared.model.codec import decode
from shared.model.events import Event
from shared.names import credential_secret
from shared.ops.pausing import resume_by_hand
from shared.settings import from_environment
from tests.support.crowd import written
from tests.support.flow import ADD, CREATE, Flow
from tests.support.promises import Sent, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

EXPIRED = {"action": "error", "code": "UNAUTHENTICATED", "reason": "OAUTH_TOKEN_EXPIRED"}


def account(flow: Flow, credential: str) -> Account:
    """A new one under this credential."""
    found = replace(flow.account("buyers"), credential=credential)
    flow.configure(found)
    return found


def store(flow: Flow, credential: str, number: int, *, known: bool) -> None:
    """One more version of the credential's secret; `known`: the token server gave that grant."""
    grant = {
        "refresh_token": f"1//{credential}-{number}",
        "client_id": f"{credential}.apps",
        "client_secret": f"hush-{credential}",
    }
    control = flow.deployment.control
    if known:
        control.declare_grant(**grant)
    document = {"type": "authorized_user", "token_uri": f"{control.url}/identity/token", **grant}
    control.put_secret(f"projects/{PROJECT}/secrets/{credential_secret(credential)}", json.dumps(document))


def tokens(flow: Flow, credential: str) -> list[str]:
    """How the token server answered for the credential's client."""
    return [call["status"] for call in flow.calls("identity", "token", f"{credential}.apps")]


def paused(flow: Flow, sent: Sent) -> list[str]:
    """Why the account was paused."""
    heard = (decode(Event, message.data) for message in flow.taps.completions.messages)
    return [
        event.reason_code
        for event in heard
        if (event.type, event.account) == ("account.paused", sent.account.id)
    ]


@pytest.fixture(scope="module")
def early(flow: Flow) -> Sent:
    """A token that Google calls expired in the middle of a part."""
    store(flow, "early", 1, known=True)
    customer = account(flow, "early")
    flow.fault(service="google_ads", method=ADD, account=customer.id, **EXPIRED)
    return send(flow, customer, "buyers", "people.csv", written(flow.people.take(50)))


@pytest.fixture(scope="module")
def rotated(flow: Flow) -> Sent:
    """A grant that is refused from the beginning."""
    store(flow, "rotated", 1, known=False)
    return send(flow, account(flow, "rotated"), "buyers", "people.csv", written(flow.people.take(50)))


def test_a_refused_grant_pauses_its_account_until_another_is_stored_and_loses_nothing(
    flow: Flow, early: Sent, rotated: Sent
) -> None:
    flow.until(lambda: paused(flow, rotated), "the account to be paused")
    assert flow.calls("google_ads", account=rotated.account.id) == []

    store(flow, "rotated", 2, known=True)
    assert resume_by_hand(ports_for(from_environment(flow.deployment.variables)), rotated.account.id)

    delivered(flow, rotated)
    holds(flow, rotated.account, "buyers", rotated.rows)
    assert set(paused(flow, rotated)) == {"credential_refused"}
    assert set(tokens(flow, "rotated")) == {"INVALID_ARGUMENT", "OK"}
    assert [event.attempt for event in flow.events(rotated.landed) if event.type == "part.completed"] == [1]


def test_a_token_that_expired_early_is_renewed_and_its_request_repeated_at_once(
    flow: Flow, early: Sent
) -> None:
    delivered(flow, early)

    holds(flow, early.account, "buyers", early.rows)
    assert [event.attempt for event in flow.events(early.landed) if event.type == "part.completed"] == [1]
    assert tokens(flow, "early") == ["OK", "OK"]
    calls = flow.calls("google_ads", ADD, early.account.id)
    assert [call["status"] for call in calls] == ["UNAUTHENTICATED", "OK"]
    settle = flow.deployment.topology.lease.settle_seconds
    assert all(later["started"] - sooner["ended"] < settle for sooner, later in pairwise(calls))
    assert len(flow.calls("google_ads", CREATE, early.account.id)) == 1


def test_nothing_of_a_grant_is_in_a_log(flow: Flow, early: Sent, rotated: Sent) -> None:
    for sent in (early, rotated):
        delivered(flow, sent)

    logs = {path.name: path.read_text(encoding="utf-8") for path in (flow.folder / "logs").glob("*.log")}

    assert "credential_unusable" in logs["uploader.log"]
    assert [name for name, said in logs.items() if "hush-" in said or "1//" in said or "ya29." in said] == []
