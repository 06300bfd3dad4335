"""User lists through Google's own client, over the wire: found, created once, asked about, and what a doctor is told."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from services.uploader.destination import FoundList
from services.uploader.destinations.google_ads import GoogleAds
from shared.clock import SystemClock
from shared.gcp.clients import Clients
from shared.gcp.secrets import CloudSecrets
from shared.model.account import Audience, Creation
from shared.model.run import Target
from shared.settings import from_environment
from shared.verdict import Failure, NameTaken, PauseAccount, judge
from tests.support.crowd import written
from tests.support.flow import Flow
from tests.support.promises import delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

CREATE_LIST = "MutateUserLists"
KILLED = {"action": "kill_after", "process": "uploader"}
LOST = {"action": "lose_answer", "code": "UNAVAILABLE"}
NAME = 'Fjordmat\'s "best" customers'
_NUMBERS = count(6_000_000_001)
PATIENCE = 20.0


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


# The destination itself


@pytest.fixture(scope="module")
def destination(flow: Flow) -> GoogleAds:
    settings = from_environment(flow.deployment.variables)
    return GoogleAds.connect(settings, CloudSecrets(Clients(settings), settings.project), SystemClock())


@pytest.fixture
def target(flow: Flow) -> Target:
    """An account of its own without lists."""
    target = Target(
        f"{next(_NUMBERS)}", "a", "google_ads", "", "CONTACT_INFO", "", "GRANTED", "GRANTED", NAME, 90
    )
    flow.judge(target.account, "good")
    return target


def test_a_list_is_created_found_by_name_and_number_and_has_nobody_on_it(
    destination: GoogleAds, target: Target
) -> None:
    nothing = destination.find_list(target, PATIENCE)
    made = destination.create_list(target, PATIENCE)

    assert nothing == ()
    assert isinstance(made, str)
    found = (FoundList(made, "CRM_BASED", "CONTACT_INFO", "OPEN", read_only=False),)
    numbered = replace(target, list_id=made)
    assert destination.find_list(target, PATIENCE) == destination.find_list(numbered, PATIENCE) == found
    assert destination.list_size(numbered, PATIENCE) == 0


def test_a_second_list_of_the_name_is_refused_as_taken(destination: GoogleAds, target: Target) -> None:
    destination.create_list(target, PATIENCE)

    refused = destination.create_list(target, PATIENCE)

    assert isinstance(refused, Failure)
    assert judge(refused) == NameTaken()


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        ("not_allowlisted", "not_allowlisted"),
        ("terms_not_accepted", "terms_not_accepted"),
        ("not_enabled", "customer_not_enabled"),
    ],
)
def test_an_examination_tells_what_an_upload_would_meet_and_changes_nothing(
    flow: Flow, destination: GoogleAds, target: Target, standing: str, reason: str
) -> None:
    numbered = replace(target, list_id=str(destination.create_list(target, PATIENCE)))
    healthy = destination.examine(numbered, PATIENCE)

    flow.judge(target.account, standing)
    told = destination.examine(numbered, PATIENCE)

    assert healthy == "welcome"
    assert isinstance(told, Failure)
    assert judge(told) == PauseAccount(reason)
    flow.judge(target.account, "good")
    assert destination.find_job(numbered, 0, PATIENCE) is None, "a job without external id was created"


def test_an_examination_knows_a_list_that_does_not_exist(destination: GoogleAds, target: Target) -> None:
    told = destination.examine(replace(target, list_id="4711"), PATIENCE)

    assert isinstance(told, Failure)
    assert told.codes == ("OfflineUserDataJobError.INVALID_USER_LIST_ID",)
