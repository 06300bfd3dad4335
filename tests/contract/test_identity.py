"""The local issuer, through Google's own authentication library and through a verifier of its tokens."""

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import jwt
import pytest
from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2 import credentials as user
from google.oauth2 import id_token, service_account

from infra.local.identity import keys
from infra.local.identity.account import ServiceAccount
from infra.local.identity.grants import GRANT_TYPE, Grants, TokenState
from infra.local.identity.tokens import Issuer
from infra.local.parts import PARTS
from tests.support.localcloud import LocalCloud, running

SCOPE = "https://www.googleapis.com/auth/adwords"
AUDIENCE = "https://uploader.example.com"


def credentials(cloud: LocalCloud) -> Any:
    return service_account.Credentials.from_service_account_file(cloud.credentials, scopes=[SCOPE])


def test_the_key_file_buys_an_access_token(local_cloud: LocalCloud) -> None:
    caller = credentials(local_cloud)

    caller.refresh(Request())

    assert caller.token
    assert caller.valid


def test_the_key_file_is_for_its_owner_only(local_cloud: LocalCloud) -> None:
    assert Path(local_cloud.credentials).stat().st_mode & 0o777 == 0o600


def test_an_assertion_signed_with_another_key_is_an_invalid_grant(local_cloud: LocalCloud) -> None:
    document = json.loads(Path(local_cloud.credentials).read_text(encoding="utf-8"))
    document["private_key"] = keys.generate().pem()
    caller = service_account.Credentials.from_service_account_info(document, scopes=[SCOPE])

    with pytest.raises(exceptions.RefreshError, match="invalid_grant: Invalid JWT Signature"):
        caller.refresh(Request())


def test_an_account_that_was_not_issued_here_is_an_invalid_grant(local_cloud: LocalCloud) -> None:
    document = json.loads(Path(local_cloud.credentials).read_text(encoding="utf-8"))
    document["client_email"] = "somebody@elsewhere.iam.gserviceaccount.com"
    caller = service_account.Credentials.from_service_account_info(document, scopes=[SCOPE])

    with pytest.raises(exceptions.RefreshError, match="invalid_grant: Invalid grant: account not found"):
        caller.refresh(Request())


def test_a_token_without_scopes_is_refused(local_cloud: LocalCloud) -> None:
    caller = service_account.Credentials.from_service_account_file(local_cloud.credentials)

    with pytest.raises(exceptions.RefreshError, match="invalid_scope"):
        caller.refresh(Request())


def test_another_grant_type_is_refused(local_cloud: LocalCloud) -> None:
    form = urlencode({"grant_type": "password", "assertion": "x"}).encode()

    with pytest.raises(HTTPError) as refusal:
        urlopen(HttpRequest(local_cloud.token_uri, form))

    assert refusal.value.code == 400
    assert json.load(refusal.value)["error"] == "unsupported_grant_type"


def test_an_id_token_is_signed_by_the_published_key(local_cloud: LocalCloud) -> None:
    caller = service_account.IDTokenCredentials.from_service_account_file(
        local_cloud.credentials, target_audience=AUDIENCE
    )

    caller.refresh(Request())

    key = jwt.PyJWKClient(local_cloud.keys).get_signing_key_from_jwt(caller.token)
    claims = jwt.decode(
        caller.token,
        key.key,
        algorithms=["RS256"],
        audience=AUDIENCE,
        issuer=local_cloud.issuer,
        options={"verify_iat": False, "verify_exp": False},  # simulated times
    )
    assert claims["email_verified"] is True
    assert claims["email"].endswith(".iam.gserviceaccount.com")


def test_googles_verifier_takes_a_token_for_its_audience_only(tmp_path: Path) -> None:
    with running(tmp_path, "--without", *PARTS) as cloud:  # its time is real
        caller = service_account.IDTokenCredentials.from_service_account_file(
            cloud.credentials, target_audience=AUDIENCE
        )
        caller.refresh(Request())

        claims = id_token.verify_token(caller.token, Request(), AUDIENCE, cloud.keys)
        with pytest.raises(jwt.InvalidAudienceError):
            id_token.verify_token(caller.token, Request(), "https://ingest.example.com", cloud.keys)

    assert claims["iss"] == cloud.issuer


def test_a_token_that_has_expired_is_refused_by_a_verifier() -> None:
    key = keys.generate()
    issuer = Issuer("http://127.0.0.1/identity", key, now=lambda: 1_000_000_000.0)

    token = issuer.sign(AUDIENCE, "push@local.iam.gserviceaccount.com")

    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, key.public, algorithms=["RS256"], audience=AUDIENCE)


def test_a_token_lives_for_an_hour_of_simulated_time() -> None:
    issuer = Issuer("http://127.0.0.1/identity", keys.generate(), now=lambda: 1_800_000_000.9)

    token = issuer.sign(AUDIENCE, "push@local.iam.gserviceaccount.com")

    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["iat"], claims["exp"]) == (1_800_000_000, 1_800_003_600)


def test_an_access_token_lives_for_an_hour_of_real_time_as_its_holder_counts_it() -> None:
    time, speed, address = [0.0], 60.0, "http://127.0.0.1/identity"
    account = ServiceAccount("sluice@local.iam.gserviceaccount.com", keys.generate())
    issuer = Issuer(address, keys.generate(), now=lambda: time[0])
    grants = Grants(account, issuer, f"{address}/token", lambda: time[0], speed, token=lambda: "secret")
    claims = {"iss": account.email, "aud": grants.token_uri, "scope": SCOPE, "iat": 5, "exp": 3605}

    answer = grants.exchange(GRANT_TYPE, jwt.encode(claims, account.key.private, algorithm="RS256"))

    assert answer == {"access_token": "secret", "expires_in": 3600, "token_type": "Bearer"}
    assert grants.state("other") is TokenState.UNKNOWN
    time[0] = 3600 * speed - 1
    assert grants.state("secret") is TokenState.VALID
    time[0] += 1
    assert grants.state("secret") is TokenState.EXPIRED


def test_a_key_is_published_without_its_private_half() -> None:
    published = keys.key_set(keys.generate())["keys"][0]

    assert set(published) == {"kty", "alg", "use", "kid", "n", "e"}


def test_an_injected_failure_of_the_token_endpoint_is_tried_again_by_google_auth(
    local_cloud: LocalCloud,
) -> None:
    local_cloud.fault(service="identity", method="token", action="error", code="UNAVAILABLE")

    credentials(local_cloud).refresh(Request())

    assert [
        fault["seen"] for fault in local_cloud.ask("/control/faults") if fault["service"] == "identity"
    ] == [1]


# People's grants


def person(cloud: LocalCloud, name: str, **changes: str) -> Any:
    """Credentials of a person whose grant the token endpoint knows; `changes` come with the request instead."""
    grant = {"refresh_token": f"1//{name}", "client_id": f"{name}.apps", "client_secret": f"secret-{name}"}
    cloud.order("/control/grants", grant)
    return user.Credentials(None, token_uri=cloud.token_uri, scopes=[SCOPE], **{**grant, **changes})


def test_a_refresh_token_buys_access_tokens_one_after_the_other(local_cloud: LocalCloud) -> None:
    caller = person(local_cloud, "ada")
    tokens = []

    for _ in range(2):
        caller.refresh(Request())
        tokens.append(caller.token)

    assert len(set(tokens)) == 2
    assert caller.valid


def test_a_refresh_token_that_nobody_declared_is_an_invalid_grant(local_cloud: LocalCloud) -> None:
    caller = person(local_cloud, "bea", refresh_token="1//other")

    with pytest.raises(exceptions.RefreshError, match="invalid_grant: Bad Request"):
        caller.refresh(Request())


@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
def test_a_client_that_there_is_not_is_an_invalid_client(local_cloud: LocalCloud, wrong: str) -> None:
    caller = person(local_cloud, "cid", **{wrong: "another"})

    with pytest.raises(exceptions.RefreshError, match="invalid_client") as refusal:
        caller.refresh(Request())

    assert not refusal.value.retryable


def test_a_refresh_token_of_another_client_is_an_invalid_grant(local_cloud: LocalCloud) -> None:
    person(local_cloud, "dag")
    caller = person(local_cloud, "eli", refresh_token="1//dag")

    with pytest.raises(exceptions.RefreshError, match="invalid_grant: Bad Request"):
        caller.refresh(Request())


def test_a_grant_that_was_revoked_is_an_invalid_grant(local_cloud: LocalCloud) -> None:
    caller = person(local_cloud, "fay")
    caller.refresh(Request())

    local_cloud.order("/control/grants/end", {"refresh_token": "1//fay", "state": "revoked"})

    with pytest.raises(exceptions.RefreshError, match="invalid_grant: Token has been expired or revoked"):
        caller.refresh(Request())


def test_a_grant_whose_tokens_were_ended_gives_others(local_cloud: LocalCloud) -> None:
    caller = person(local_cloud, "gus")
    caller.refresh(Request())

    local_cloud.order("/control/grants/end", {"refresh_token": "1//gus", "state": "expired"})

    caller.refresh(Request())
    assert caller.valid


@pytest.mark.parametrize("order", [{"refresh_token": "1//nobody", "state": "revoked"}, {"state": "expired"}])
def test_a_grant_that_there_is_not_cannot_be_ended(local_cloud: LocalCloud, order: dict[str, str]) -> None:
    with pytest.raises(HTTPError, match="400") as refusal:
        local_cloud.order("/control/grants/end", order)

    refusal.value.close()


def test_what_the_record_tells_of_a_refresh_is_its_client(local_cloud: LocalCloud) -> None:
    person(local_cloud, "hal").refresh(Request())

    (call,) = local_cloud.ask("/control/calls?service=identity&account=hal.apps")

    assert call["status"] == "OK"
    assert "secret-hal" not in str(call)
    assert "1//hal" not in str(call)
