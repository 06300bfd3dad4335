"""Who may call the services: nobody but the deployment's own Pub/Sub and Cloud Tasks.

What is sent is nothing that a service can work on: one that looked at it would bury it as a dead letter.
"""

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.transport.requests import Request
from google.oauth2.service_account import IDTokenCredentials
from google.pubsub_v1 import types as pubsub

from tests.support.flow import Flow

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

SERVICES = ("ingest", "chunker", "uploader")
ELSEWHERE = "https://elsewhere.example.com/"


def nothing(flow: Flow, service: str) -> str:
    return ""


def no_bearer(flow: Flow, service: str) -> str:
    return "Basic c2x1aWNlOnNsdWljZQ=="


def no_token(flow: Flow, service: str) -> str:
    return "Bearer let-me-in"


def another_account(flow: Flow, service: str) -> str:
    return f"Bearer {issued(flow, endpoint(flow, service))}"


def another_key(flow: Flow, service: str) -> str:
    """Everything is right but who signed it."""
    genuine = issued(flow, endpoint(flow, service))
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    header = {"kid": jwt.get_unverified_header(genuine)["kid"]}
    return f"Bearer {jwt.encode(claims(flow, service, genuine), stranger, 'RS256', header)}"


def no_signature(flow: Flow, service: str) -> str:
    genuine = issued(flow, endpoint(flow, service))
    return f"Bearer {jwt.encode(claims(flow, service, genuine), '', 'none')}"


STRANGERS = (nothing, no_bearer, no_token, another_account, another_key, no_signature)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_caller_without_the_right_token_is_refused_and_nothing_happens(
    flow: Flow, service: str, stranger: Callable[[Flow, str], str]
) -> None:
    before = buried(flow)

    status = asked(flow, service, "POST", stranger(flow, service))

    assert (status, buried(flow)) == (401, before)


@pytest.mark.parametrize("service", SERVICES)
def test_a_stranger_with_much_to_say_hears_that_he_is_refused(flow: Flow, service: str) -> None:
    assert asked(flow, service, "POST", "Bearer let-me-in", bytes(12_000_000)) == 401


@pytest.mark.parametrize("service", SERVICES)
def test_a_token_that_was_made_for_somebody_else_is_refused_and_nothing_happens(
    flow: Flow, service: str
) -> None:
    before = buried(flow)

    status = pushed(flow, service, f"elsewhere-{service}", ELSEWHERE)

    assert (status, buried(flow)) == ("HTTP 401", before)


@pytest.mark.parametrize("service", SERVICES)
def test_the_same_caller_with_a_token_for_the_service_is_let_in(flow: Flow, service: str) -> None:
    before = buried(flow)

    status = pushed(flow, service, f"here-{service}", endpoint(flow, service))

    assert (status, buried(flow)) == ("OK", before + 1)


@pytest.mark.parametrize("service", SERVICES)
def test_looking_in_by_a_browser_does_nothing(flow: Flow, service: str) -> None:
    assert asked(flow, service, "GET", "") == 405


def asked(flow: Flow, service: str, method: str, authorization: str, body: bytes = b"of a stranger") -> int:
    connection = HTTPConnection(urlsplit(endpoint(flow, service)).netloc, timeout=30)
    headers = {"Authorization": authorization} if authorization else {}
    try:
        connection.request(method, "/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def pushed(flow: Flow, service: str, name: str, audience: str) -> str:
    """What came of a push by the service's own caller, who has a genuine token for the audience."""
    admin, site = flow.deployment.admin, flow.deployment.site
    token = pubsub.PushConfig.OidcToken(service_account_email=invoker(flow, service), audience=audience)
    push = pubsub.PushConfig(push_endpoint=endpoint(flow, service), oidc_token=token)
    admin.publisher.create_topic(name=site.topic(name))
    subscription = pubsub.Subscription(
        name=site.subscription(name), topic=site.topic(name), push_config=push, ack_deadline_seconds=600
    )
    admin.subscriber.create_subscription(request=subscription)
    flow.publish(name, b"of a stranger")
    (first, *_) = flow.until(
        lambda: [call for call in flow.calls("pubsub", "push", name) if call["ended"]], "a push"
    )
    admin.subscriber.delete_subscription(subscription=site.subscription(name))
    return str(first["status"])


def buried(flow: Flow) -> int:
    """How many dead letters there are. A service publishes one before it answers."""
    return len(flow.calls("pubsub", "Publish", flow.deployment.topology.topics.dead_letters))


def endpoint(flow: Flow, service: str) -> str:
    return flow.deployment.site.endpoints[service]


def invoker(flow: Flow, service: str) -> str:
    return flow.deployment.site.task_invoker if service == "uploader" else flow.deployment.site.push_invoker


def issued(flow: Flow, audience: str) -> str:
    """A genuine ID token of the account whose key file the clients have."""
    path = flow.deployment.variables["GOOGLE_APPLICATION_CREDENTIALS"]
    credentials = IDTokenCredentials.from_service_account_file(path, target_audience=audience)
    credentials.refresh(Request())
    return str(credentials.token)


def claims(flow: Flow, service: str, genuine: str) -> dict[str, Any]:
    """Those of the token that the service's own caller has."""
    read: dict[str, Any] = jwt.decode(genuine, options={"verify_signature": False})
    return {**read, "email": invoker(flow, service)}
