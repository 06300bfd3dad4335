"""The local Secret Manager, through Google's own client library."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.error import HTTPError

import google_crc32c
import grpc
import pytest
from google.api_core import exceptions
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
    SecretManagerServiceTransport,
)

from infra.local.secrets.face import OTHERS
from tests.support.localcloud import LocalCloud

numbers = count(1)


@pytest.fixture(scope="module")
def client(local_cloud: LocalCloud) -> Iterator[SecretManagerServiceClient]:
    with grpc.insecure_channel(local_cloud.grpc) as channel:
        yield SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))


@pytest.fixture
def secret() -> str:
    """A name that nobody else uses."""
    return f"projects/demo/secrets/secret-{next(numbers)}"


def put(cloud: LocalCloud, secret: str, payload: str) -> None:
    cloud.order("/control/secrets", {"name": secret, "payload": payload})


def test_the_latest_version_is_the_one_that_was_put_last(
    local_cloud: LocalCloud, client: SecretManagerServiceClient, secret: str
) -> None:
    for payload in ("one", "two"):
        put(local_cloud, secret, payload)

        answer = client.access_secret_version(name=f"{secret}/versions/latest", retry=None)
        assert answer.payload.data == payload.encode()

    assert answer.name == f"{secret}/versions/2"


def test_a_version_is_found_by_its_number(
    local_cloud: LocalCloud, client: SecretManagerServiceClient, secret: str
) -> None:
    put(local_cloud, secret, "one")
    put(local_cloud, secret, "two")

    assert client.access_secret_version(name=f"{secret}/versions/1", retry=None).payload.data == b"one"


def test_a_payload_comes_with_its_checksum(
    local_cloud: LocalCloud, client: SecretManagerServiceClient, secret: str
) -> None:
    put(local_cloud, secret, "blåbær")

    payload = client.access_secret_version(name=f"{secret}/versions/latest", retry=None).payload

    assert payload.data == "blåbær".encode()
    assert payload.data_crc32c == google_crc32c.value(payload.data)


@pytest.mark.parametrize("version", ["latest", "1"])
def test_a_secret_that_there_is_not_is_not_found(
    client: SecretManagerServiceClient, secret: str, version: str
) -> None:
    with pytest.raises(exceptions.NotFound, match="not found or has no versions"):
        client.access_secret_version(name=f"{secret}/versions/{version}", retry=None)


def test_a_version_that_there_is_not_is_not_found(
    local_cloud: LocalCloud, client: SecretManagerServiceClient, secret: str
) -> None:
    put(local_cloud, secret, "one")

    with pytest.raises(exceptions.NotFound):
        client.access_secret_version(name=f"{secret}/versions/2", retry=None)


@pytest.mark.parametrize(
    "name", ["projects/demo/secrets/a", "projects/demo/secrets/a b/versions/latest", "x"]
)
def test_what_names_no_version_is_an_invalid_argument(client: SecretManagerServiceClient, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        client.access_secret_version(name=name, retry=None)


@pytest.mark.parametrize("method", OTHERS)
def test_every_other_method_is_unimplemented(local_cloud: LocalCloud, method: str) -> None:
    with grpc.insecure_channel(local_cloud.grpc) as channel:
        call: Any = channel.unary_unary(f"/google.cloud.secretmanager.v1.SecretManagerService/{method}")

        refused = call.future(b"", timeout=20).exception()

    assert refused.code() is grpc.StatusCode.UNIMPLEMENTED


def test_every_method_of_the_package_is_served_or_named_as_left_out() -> None:
    methods = {
        name for name, value in vars(SecretManagerServiceTransport).items() if isinstance(value, property)
    }

    left_out = {re.sub("(?<!^)(?=[A-Z])", "_", name).lower() for name in OTHERS}

    assert methods - {"host", "kind", "get_location", "list_locations"} == left_out | {
        "access_secret_version"
    }


def test_an_ordered_failure_is_answered_as_its_status_and_recorded_under_the_secrets_name(
    local_cloud: LocalCloud, client: SecretManagerServiceClient, secret: str
) -> None:
    put(local_cloud, secret, "one")
    name = secret.rpartition("/")[2]
    local_cloud.fault(
        service="secretmanager",
        method="AccessSecretVersion",
        account=name,
        action="error",
        code="PERMISSION_DENIED",
    )

    with pytest.raises(exceptions.PermissionDenied):
        client.access_secret_version(name=f"{secret}/versions/latest", retry=None)
    client.access_secret_version(name=f"{secret}/versions/latest", retry=None)

    calls = local_cloud.ask(f"/control/calls?service=secretmanager&account={name}")
    assert [(call["status"], call["injected"]) for call in calls] == [
        ("PERMISSION_DENIED", True),
        ("OK", False),
    ]
    assert {call["resource"] for call in calls} == {f"{secret}/versions/latest"}


@pytest.mark.parametrize("payload", ["", "x" * 65_537])
def test_a_payload_that_secret_manager_would_not_take_is_not_put(
    local_cloud: LocalCloud, secret: str, payload: str
) -> None:
    with pytest.raises(HTTPError, match="400") as refusal:
        put(local_cloud, secret, payload)

    refusal.value.close()
