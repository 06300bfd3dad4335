"""What Google's Ads client does by itself, and what it leaves to its caller."""

import hashlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.interceptors import MetadataInterceptor
from google.ads.googleads.v26.services.services.google_ads_service import GoogleAdsServiceClient
from google.ads.googleads.v26.services.services.offline_user_data_job_service import (
    OfflineUserDataJobServiceClient,
)
from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)
from google.api_core import exceptions
from google.oauth2 import service_account

from tests.support.localcloud import LocalCloud

SCOPE = "https://www.googleapis.com/auth/adwords"
CUSTOMER = "8000000001"
USER_LIST = f"customers/{CUSTOMER}/userLists/77"
QUERY = "SELECT user_list.id FROM user_list"
HASH = hashlib.sha256(b"jo.doe@example.com").hexdigest()
PATIENCE = 20


@dataclass
class Tap(grpc.UnaryUnaryClientInterceptor):
    """Sees every call that passes, and lets it pass."""

    calls: list[Any] = field(default_factory=list)

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        self.calls.append(details)
        return continuation(details, request)

    def sent(self, header: str) -> list[str]:
        return [value for name, value in self.calls[-1].metadata or () if name == header]


@pytest.fixture(scope="module")
def credentials(local_cloud: LocalCloud) -> Any:
    lists = [{"id": 77, "name": "all", "upload_key_type": "CONTACT_INFO"}]
    for customer in (CUSTOMER, "8000000002"):
        local_cloud.order("/control/ads/accounts", {"customer_id": customer, "user_lists": lists})
    return service_account.Credentials.from_service_account_file(local_cloud.credentials, scopes=[SCOPE])


@pytest.fixture
def client(local_cloud: LocalCloud, credentials: Any) -> GoogleAdsClient:
    return GoogleAdsClient(
        credentials=credentials, endpoint=local_cloud.ads, version="v26", use_proto_plus=False
    )


def search(service: GoogleAdsServiceClient, customer: str = CUSTOMER, **given: Any) -> Any:
    return service.search(customer_id=customer, query=QUERY, **given)


def create(jobs: OfflineUserDataJobServiceClient, **given: Any) -> str:
    body = {
        "type_": "CUSTOMER_MATCH_USER_LIST",
        "customer_match_user_list_metadata": {"user_list": USER_LIST},
    }
    request = {"customer_id": CUSTOMER, "job": body}
    return jobs.create_offline_user_data_job(request=request, **given).resource_name


# Building a client


def tokens_given(cloud: LocalCloud) -> int:
    return len(cloud.ask("/control/calls?service=identity&method=token"))


def test_a_client_that_is_built_directly_asks_for_no_token(local_cloud: LocalCloud, credentials: Any) -> None:
    before = tokens_given(local_cloud)

    GoogleAdsClient(credentials=credentials, endpoint=local_cloud.ads, version="v26", use_proto_plus=False)

    assert tokens_given(local_cloud) == before


def test_a_client_that_is_loaded_asks_for_a_token_at_once(local_cloud: LocalCloud) -> None:
    before = tokens_given(local_cloud)

    GoogleAdsClient.load_from_dict({"json_key_file_path": local_cloud.credentials, "use_proto_plus": False})

    assert tokens_given(local_cloud) == before + 1


def test_every_service_that_is_asked_for_is_a_new_channel(client: GoogleAdsClient) -> None:
    one, other = client.get_service("GoogleAdsService"), client.get_service("GoogleAdsService")

    assert one is not other
    assert one.transport.grpc_channel is not other.transport.grpc_channel


def test_a_service_always_opens_tls(local_cloud: LocalCloud, credentials: Any) -> None:
    plain = GoogleAdsClient(
        credentials=credentials, endpoint=local_cloud.grpc, version="v26", use_proto_plus=False
    )

    with pytest.raises(exceptions.ServiceUnavailable):
        search(plain.get_service("GoogleAdsService"), timeout=PATIENCE)


# What a call carries


def test_without_being_told_a_call_has_no_time_limit_and_is_made_once(
    local_cloud: LocalCloud, client: GoogleAdsClient
) -> None:
    tap = Tap()
    jobs = client.get_service("OfflineUserDataJobService", interceptors=[tap])
    local_cloud.fault(
        service="google_ads", method="CreateOfflineUserDataJob", account=CUSTOMER, action="error"
    )

    with pytest.raises(exceptions.ServiceUnavailable):
        create(jobs)

    assert [call.timeout for call in tap.calls] == [None]


def test_a_login_account_given_with_a_call_lets_one_channel_serve_many(client: GoogleAdsClient) -> None:
    tap = Tap()
    service = client.get_service("GoogleAdsService", interceptors=[tap])

    for customer, manager in ((CUSTOMER, "1111111111"), ("8000000002", "2222222222")):
        search(service, customer, timeout=PATIENCE, metadata=[("login-customer-id", manager)])
        assert tap.sent("login-customer-id") == [manager]


@pytest.mark.parametrize(("token", "sent"), [(None, []), ("abc", ["abc"])])
def test_a_developer_token_is_sent_only_when_it_is_set(
    local_cloud: LocalCloud, credentials: Any, token: str | None, sent: list[str]
) -> None:
    tap = Tap()
    with tapped(local_cloud, credentials, MetadataInterceptor(token, None), tap) as service:
        search(service, timeout=PATIENCE)

    assert tap.sent("developer-token") == sent
    assert tap.sent("login-customer-id") == []


def tapped(cloud: LocalCloud, credentials: Any, *interceptors: Any) -> Any:
    """A service whose interceptors come in this order: the client puts its own behind those it is given."""
    transport: Any = GoogleAdsServiceClient.get_transport_class()
    channel = transport.create_channel(host=cloud.ads, credentials=credentials)
    return GoogleAdsServiceClient(transport=transport(channel=grpc.intercept_channel(channel, *interceptors)))


def test_a_request_that_is_wrapped_is_not_copied() -> None:
    raw = AddOfflineUserDataJobOperationsRequest.pb()(resource_name="x")

    wrapped = AddOfflineUserDataJobOperationsRequest.wrap(raw)

    assert AddOfflineUserDataJobOperationsRequest.pb(wrapped) is raw
    copied = AddOfflineUserDataJobOperationsRequest(raw)
    assert AddOfflineUserDataJobOperationsRequest.pb(copied) is not raw


# What comes back


@pytest.mark.parametrize(("level", "is_written"), [(logging.INFO, True), (logging.WARNING, False)])
def test_the_clients_log_holds_failed_requests_with_their_hashes_unless_it_is_quiet(
    client: GoogleAdsClient, caplog: pytest.LogCaptureFixture, level: int, is_written: bool
) -> None:
    jobs = client.get_service("OfflineUserDataJobService")
    job = create(jobs, timeout=PATIENCE)
    operations = [{"create": {"user_identifiers": [{"hashed_email": HASH}]}}, {"create": {}}]

    with caplog.at_level(level, "google.ads.googleads.client"), pytest.raises(GoogleAdsException):
        jobs.add_offline_user_data_job_operations(
            request={"resource_name": job, "operations": operations}, timeout=PATIENCE
        )

    assert (HASH in caplog.text) is is_written


@pytest.fixture
def small_server() -> Iterator[str]:
    """A gRPC server as it is without settings; it serves nothing."""
    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool)
        handlers: dict[str, Any] = {
            "AddOfflineUserDataJobOperations": grpc.unary_unary_rpc_method_handler(_never)
        }
        name = "google.ads.googleads.v26.services.OfflineUserDataJobService"
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()


def _never(request: bytes, context: Any) -> bytes:
    raise AssertionError("the request is refused before it is served")


def test_a_server_of_4_mebibytes_answers_what_looks_like_a_spent_quota(small_server: str) -> None:
    person = {"user_identifiers": [{"hashed_email": HASH}] * 20}
    request = {"resource_name": "x", "operations": [{"create": person}] * 4_000}
    transport = OfflineUserDataJobServiceClient.get_transport_class()
    with grpc.insecure_channel(small_server) as channel:
        jobs = OfflineUserDataJobServiceClient(transport=transport(channel=channel))

        with pytest.raises(exceptions.ResourceExhausted, match="larger than max") as refused:
            jobs.add_offline_user_data_job_operations(request=request, timeout=PATIENCE)

    names = [name for name, _ in refused.value.errors[0].trailing_metadata() or ()]
    assert not any(name.endswith("googleadsfailure-bin") for name in names)
