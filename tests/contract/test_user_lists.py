"""User lists through Google's own client, over the wire: found, created once, asked about, and what a doctor is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.uploader.destination import FoundList
from services.uploader.destinations.google_ads import GoogleAds
from shared.model.run import Target
from shared.verdict import Failure, NameTaken, PauseAccount, judge
from tests.support import ads
from tests.support.ads import PATIENCE
from tests.support.localcloud import LocalCloud


@pytest.fixture(scope="module")
def adapter(local_cloud: LocalCloud) -> GoogleAds:
    return ads.adapter(local_cloud)


@pytest.fixture(scope="module")
def credential(local_cloud: LocalCloud) -> str:
    name = ads.new_name("lists")
    ads.store(local_cloud, name, Path(local_cloud.credentials).read_text(encoding="utf-8"))
    return name


@pytest.fixture
def target(local_cloud: LocalCloud, credential: str) -> Target:
    """An account of its own without lists, and the words of one that may be made."""
    target = ads.account(local_cloud, credential, lists=False)
    return replace(target, list_id="", list_name='Fjordmat\'s "best" customers', membership_days=90)


def test_a_list_is_created_found_by_name_and_number_and_has_nobody_on_it(
    adapter: GoogleAds, target: Target
) -> None:
    nothing = adapter.find_list(target, PATIENCE)
    made = adapter.create_list(target, PATIENCE)

    assert nothing == ()
    assert isinstance(made, str)
    found = (FoundList(made, "CRM_BASED", "CONTACT_INFO", "OPEN", read_only=False),)
    numbered = replace(target, list_id=made)
    assert adapter.find_list(target, PATIENCE) == adapter.find_list(numbered, PATIENCE) == found
    assert adapter.list_size(numbered, PATIENCE) == 0


def test_a_second_list_of_the_name_is_refused_as_taken(adapter: GoogleAds, target: Target) -> None:
    adapter.create_list(target, PATIENCE)

    refused = adapter.create_list(target, PATIENCE)

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
    local_cloud: LocalCloud, adapter: GoogleAds, target: Target, standing: str, reason: str
) -> None:
    numbered = replace(target, list_id=str(adapter.create_list(target, PATIENCE)))
    healthy = adapter.examine(numbered, PATIENCE)

    ads.judge(local_cloud, target, standing)
    told = adapter.examine(numbered, PATIENCE)

    assert healthy == "welcome"
    assert isinstance(told, Failure)
    assert judge(told) == PauseAccount(reason)
    ads.judge(local_cloud, target, "good")
    assert adapter.find_job(numbered, 0, PATIENCE) is None, "a job without external id was created"


def test_an_examination_knows_a_list_that_does_not_exist(adapter: GoogleAds, target: Target) -> None:
    told = adapter.examine(replace(target, list_id="4711"), PATIENCE)

    assert isinstance(told, Failure)
    assert told.codes == ("OfflineUserDataJobError.INVALID_USER_LIST_ID",)
