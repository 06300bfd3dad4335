"""Credentials that accounts name: secrets and tokens of the local cloud, through Google's clients and the uploader's adapter."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest

from services.uploader.destinations.google_ads import GoogleAds
from shared.log import configure
from shared.names import credential_secret
from shared.verdict import Failure, PauseAccount, Retry, judge, token_expired
from tests.support import ads
from tests.support.ads import PATIENCE
from tests.support.localcloud import LocalCloud

EXPIRED = Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_EXPIRED",))
REVOKED = Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_REVOKED",))


@pytest.fixture
def adapter(local_cloud: LocalCloud) -> GoogleAds:
    return ads.adapter(local_cloud)


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """Other tests and pytest itself want the root logger as it was."""
    loggers = [logging.getLogger(name) for name in ("", "google", "google.ads.googleads.client")]
    levels, handlers = [logger.level for logger in loggers], list(loggers[0].handlers)
    yield StringIO()
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def credential() -> str:
    """A name that nobody else uses; nothing is stored under it."""
    return ads.new_name("grant")


def grant(cloud: LocalCloud, credential: str, number: int = 1, *, known: bool = True) -> str:
    """A person's grant as it is stored, the token server's own among them; not `known`: the token server never gave it."""
    words = {
        "refresh_token": f"1//{credential}-{number}",
        "client_id": f"{credential}.apps",
        "client_secret": f"hush-{credential}",
    }
    if known:
        cloud.order("/control/grants", words)
    return json.dumps({"type": "authorized_user", "token_uri": cloud.token_uri, **words})


def end(cloud: LocalCloud, credential: str, state: str, number: int = 1) -> None:
    cloud.order("/control/grants/end", {"refresh_token": f"1//{credential}-{number}", "state": state})


def tokens_given(cloud: LocalCloud, credential: str) -> list[str]:
    """How the token server answered for the credential's client."""
    calls = cloud.ask(f"/control/calls?service=identity&method=token&account={credential}.apps")
    return [call["status"] for call in calls]


def looks(cloud: LocalCloud, credential: str) -> int:
    """How often the secret was read."""
    return len(cloud.ask(f"/control/calls?service=secretmanager&account={credential_secret(credential)}"))


def asked(adapter: GoogleAds, cloud: LocalCloud, credential: str) -> object:
    """One request on an account of its own: a question about a job that there is not."""
    return adapter.find_job(ads.account(cloud, credential), 7, PATIENCE)


# A grant that is good


def test_accounts_that_name_one_credential_share_its_secret_its_token_and_its_channel(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    ads.store(local_cloud, credential, grant(local_cloud, credential))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asked(adapter, local_cloud, credential), range(4)))

    assert answers == [None] * 4
    assert looks(local_cloud, credential) == 1
    assert tokens_given(local_cloud, credential) == ["OK"]


def test_a_service_accounts_key_is_a_credential_too(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    with open(local_cloud.credentials, encoding="utf-8") as file:
        ads.store(local_cloud, credential, file.read())

    assert asked(adapter, local_cloud, credential) is None


def test_accounts_without_a_credential_share_the_deployments_own(
    local_cloud: LocalCloud, adapter: GoogleAds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", local_cloud.credentials)
    before = len(local_cloud.ask("/control/calls?service=identity&method=token"))

    assert [asked(adapter, local_cloud, "") for _ in range(2)] == [None, None]

    assert len(local_cloud.ask("/control/calls?service=identity&method=token")) == before + 1


# A token that ends early


def test_a_token_that_expired_early_is_another_one_after_its_renewal(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    target = ads.account(local_cloud, credential)
    adapter.find_job(target, 7, PATIENCE)
    end(local_cloud, credential, "expired")

    refused = adapter.find_job(target, 7, PATIENCE)
    assert refused == EXPIRED
    assert token_expired(EXPIRED)

    adapter.renew(target)

    assert adapter.find_job(target, 7, PATIENCE) is None
    assert tokens_given(local_cloud, credential) == ["OK", "OK"]


def test_a_token_of_a_revoked_grant_is_the_accounts_trouble_until_another_is_stored(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    asked(adapter, local_cloud, credential)
    end(local_cloud, credential, "revoked")

    refused = asked(adapter, local_cloud, credential)

    assert refused == REVOKED
    assert not token_expired(REVOKED)
    assert judge(REVOKED) == PauseAccount("grant_refused")
    ads.store(local_cloud, credential, grant(local_cloud, credential, 2))
    assert asked(adapter, local_cloud, credential) is None


# A secret that is rotated


def test_a_rotated_secret_is_read_when_the_old_grant_is_refused(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    target = ads.account(local_cloud, credential)
    adapter.find_job(target, 7, PATIENCE)
    end(local_cloud, credential, "revoked")
    ads.store(local_cloud, credential, grant(local_cloud, credential, 2))

    adapter.renew(target)

    assert adapter.find_job(target, 7, PATIENCE) is None
    assert tokens_given(local_cloud, credential) == ["OK", "INVALID_ARGUMENT", "OK"]
    assert looks(local_cloud, credential) == 2


def test_a_refused_grant_that_nobody_replaced_is_asked_for_once(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    ads.store(local_cloud, credential, grant(local_cloud, credential, 2, known=False))

    assert asked(adapter, local_cloud, credential) == Failure("UNAUTHENTICATED", ("CredentialError.REFUSED",))

    assert tokens_given(local_cloud, credential) == ["INVALID_ARGUMENT"]
    assert looks(local_cloud, credential) == 2


# A credential that is none


def test_a_secret_that_there_is_not_pauses_the_account_until_it_is_stored(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    failure = asked(adapter, local_cloud, credential)

    assert failure == Failure("UNAUTHENTICATED", ("CredentialError.MISSING",))
    assert judge(failure) == PauseAccount("credential_missing")
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    assert asked(adapter, local_cloud, credential) is None


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("PERMISSION_DENIED", PauseAccount("credential_denied")),
        ("FAILED_PRECONDITION", PauseAccount("credential_missing")),
        ("UNAVAILABLE", Retry("transient")),
        ("RESOURCE_EXHAUSTED", Retry("transient")),
        ("INTERNAL", Retry("transient")),
    ],
)
def test_what_secret_manager_refuses_is_judged_by_who_can_mend_it(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str, code: str, verdict: object
) -> None:
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    local_cloud.fault(
        service="secretmanager",
        method="AccessSecretVersion",
        account=credential_secret(credential),
        action="error",
        code=code,
    )

    failure = asked(adapter, local_cloud, credential)

    assert isinstance(failure, Failure)
    assert judge(failure) == verdict
    assert asked(adapter, local_cloud, credential) is None


def test_a_secret_that_holds_no_grant_pauses_the_account(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str
) -> None:
    ads.store(local_cloud, credential, "hush-hush")

    failure = asked(adapter, local_cloud, credential)

    assert failure == Failure("UNAUTHENTICATED", ("CredentialError.MALFORMED",))
    assert judge(failure) == PauseAccount("credential_malformed")


def test_nothing_of_a_grant_is_in_a_log_however_loud_it_is(
    local_cloud: LocalCloud, adapter: GoogleAds, credential: str, stream: StringIO
) -> None:
    configure("json", "uploader", stream, "DEBUG")
    ads.store(local_cloud, credential, grant(local_cloud, credential))
    asked(adapter, local_cloud, credential)
    token = adapter.calling.connections.of(credential).credentials.token
    end(local_cloud, credential, "revoked")
    adapter.renew(ads.account(local_cloud, credential))

    refused = asked(adapter, local_cloud, credential)

    said = stream.getvalue()
    assert refused == Failure("UNAUTHENTICATED", ("CredentialError.REFUSED",))
    assert '"credential_unusable"' in said
    assert "google.auth" in said
    assert token
    assert [word for word in (f"hush-{credential}", f"1//{credential}", token) if word in said] == []
