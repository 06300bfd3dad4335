"""Every version of the Google Ads API that the client library has, through the uploader's adapter."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from services.uploader.destination import FoundList, JobStatus, Refused
from services.uploader.destinations.api import installed
from services.uploader.destinations.google_ads import GoogleAds
from shared.model.run import Target
from shared.verdict import Failure
from shared.wire.google_ads import hashed_email, operation
from tests.support import ads
from tests.support.ads import PATIENCE
from tests.support.localcloud import LocalCloud

ADA = operation("create", [hashed_email(sha256(b"ada@example.com").hexdigest())])
NOBODY = operation("create", [])


@pytest.fixture(scope="module", params=installed())
def adapter(local_cloud: LocalCloud, request: pytest.FixtureRequest) -> GoogleAds:
    return ads.adapter(local_cloud, request.param)


@pytest.fixture(scope="module")
def credential(local_cloud: LocalCloud) -> str:
    name = ads.new_name("versions")
    ads.store(local_cloud, name, Path(local_cloud.credentials).read_text(encoding="utf-8"))
    return name


@pytest.fixture
def target(local_cloud: LocalCloud, credential: str) -> Target:
    return ads.account(local_cloud, credential)


def test_a_job_is_created_filled_run_and_found_in_every_version(
    local_cloud: LocalCloud, adapter: GoogleAds, target: Target
) -> None:
    job = adapter.create_job(target, 7, PATIENCE)
    assert isinstance(job, str)

    assert adapter.add(target, job, ADA + NOBODY, PATIENCE) == (
        Refused(1, "OfflineUserDataJobError.MISSING_USER_IDENTIFIER"),
    )
    assert adapter.find_job(target, 7, PATIENCE) == JobStatus(job, "PENDING", target.list_id)
    assert adapter.run_job(target, job, PATIENCE) == "started"

    while (status := adapter.job_status(target, job, PATIENCE)) != JobStatus(
        job, "SUCCESS", target.list_id, match_rate="MATCH_RANGE_91_TO_100"
    ):
        assert isinstance(status, JobStatus)
        assert status.phase in ("PENDING", "RUNNING")
    assert len(local_cloud.raw(f"/control/ads/audiences/{target.account}/{target.list_id}/members")) == 8


def test_a_list_is_found_and_an_account_examined_in_every_version(
    local_cloud: LocalCloud, adapter: GoogleAds, target: Target
) -> None:
    assert adapter.find_list(target, PATIENCE) == (
        FoundList(target.list_id, "CRM_BASED", target.upload_key_type, "OPEN", read_only=False),
    )
    assert adapter.find_list(replace(target, list_id="1"), PATIENCE) == ()
    assert adapter.examine(target, PATIENCE) == "welcome"
    assert adapter.examine(target, PATIENCE) == "welcome"

    local_cloud.order(
        "/control/ads/accounts", {"customer_id": target.account, "standing": "terms_not_accepted"}
    )

    assert adapter.examine(target, PATIENCE) == Failure(
        "INVALID_ARGUMENT", ("OfflineUserDataJobError.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",)
    )


def test_a_refusal_is_read_in_every_version(adapter: GoogleAds, target: Target) -> None:
    adapter.create_job(target, 7, PATIENCE)

    assert adapter.create_job(target, 7, PATIENCE) == Failure(
        "INVALID_ARGUMENT", ("OfflineUserDataJobError.EXTERNAL_UPDATE_ID_ALREADY_EXISTS",)
    )


def test_a_refusal_that_arrives_unwrapped_is_read_in_every_version(
    local_cloud: LocalCloud, adapter: GoogleAds, target: Target
) -> None:
    local_cloud.fault(
        service="google_ads",
        method="CreateOfflineUserDataJob",
        account=target.account,
        action="error",
        code="RESOURCE_EXHAUSTED",
        reason="RESOURCE_TEMPORARILY_EXHAUSTED",
    )

    assert adapter.create_job(target, 7, PATIENCE) == Failure(
        "RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",), 30.0
    )


def test_all_services_of_a_version_use_one_channel(adapter: GoogleAds, target: Target) -> None:
    connection = adapter.calling.connections.of(target.credential)

    clients = [connection.service(name) for name in ("OfflineUserDataJobService", "GoogleAdsService")]

    assert len({id(client.transport.grpc_channel) for client in clients}) == 1
    assert {type(client).__module__.split(".")[3] for client in clients} == {adapter.calling.api.version}
