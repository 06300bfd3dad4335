"""Callers: only the expected service account, by a token that its issuer signed for this service, now."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import example, given
from hypothesis import strategies as st

from shared.edge.token import Expected, check_claims, verify
from shared.errors import NotAuthentic, TransientError

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
EXPECTED = Expected("https://issuer.example.com", "https://ingest.example.com", "invoker@example.com")
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
CLAIMS: dict[str, Any] = {
    "iss": EXPECTED.issuer,
    "aud": EXPECTED.audience,
    "email": EXPECTED.email,
    "email_verified": True,
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 3600,
}


def key_of(_: str) -> rsa.RSAPublicKey:
    return KEY.public_key()


def bearer(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return f"Bearer {jwt.encode(claims, key, algorithm)}"


def check(header: str, now: datetime = NOW, keys: Callable[[str], Any] = key_of) -> None:
    verify(header, EXPECTED, keys, now)


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def refused(header: str, now: datetime = NOW) -> str:
    with pytest.raises(NotAuthentic) as refusal:
        check(header, now)
    return str(refusal.value)


def test_the_right_token_is_let_in() -> None:
    check(bearer())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://chunker.example.com"},
        {"aud": None},
        {"iss": "https://accounts.google.com"},
        {"iss": None},
        {"email": "somebody@example.com"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"exp": None},
        {"iat": None},
        {"exp": "tomorrow"},
        {"iat": True},
    ],
)
def test_a_token_for_somebody_or_something_else_is_refused(changes: dict[str, Any]) -> None:
    assert refused(bearer(**changes))


@pytest.mark.parametrize("minutes", [-2, 62])
def test_a_token_is_refused_before_and_after_its_time(minutes: int) -> None:
    assert refused(bearer(), NOW + timedelta(minutes=minutes)) == "the token is not valid now"


@pytest.mark.parametrize("seconds", [-59, 3600 + 59])
def test_a_minute_of_skew_is_allowed(seconds: int) -> None:
    check(bearer(), NOW + timedelta(seconds=seconds))


def test_another_key_is_refused() -> None:
    assert refused(bearer(OTHER_KEY))


def test_a_token_without_signature_is_refused() -> None:
    assert refused(bearer(None, "none"))


def test_a_token_that_is_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded(CLAIMS)}"
    signature = hmac.digest(public, signed.encode(), "sha256")

    assert refused(f"Bearer {signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}")


def test_a_token_whose_claims_were_changed_is_refused() -> None:
    head, _, signature = bearer().split(".")

    assert refused(f"{head}.{encoded({**CLAIMS, 'sub': 'me'})}.{signature}")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "bearer x", "Basic eDp5", "Bearer a.b.c", "Bearer é.ü.ß"]
)
def test_what_is_no_token_is_refused(header: str) -> None:
    assert refused(header)


@example("\ud800")
@given(st.text())
def test_no_header_breaks_it(text: str) -> None:
    assert refused(f"Bearer {text}")


def test_the_refusal_does_not_repeat_the_token() -> None:
    header = bearer(OTHER_KEY)

    assert header.removeprefix("Bearer ")[:20] not in refused(header)


def test_keys_that_are_out_of_reach_are_nobodys_fault() -> None:
    def unreachable(_: str) -> Any:
        raise jwt.PyJWKClientConnectionError("no route")

    with pytest.raises(TransientError):
        check(bearer(), keys=unreachable)


def test_keys_that_are_no_json_are_nobodys_fault() -> None:
    def broken(_: str) -> Any:
        return json.loads("<html>")

    with pytest.raises(TransientError):
        check(bearer(), keys=broken)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**400, -1, 2**60])
@pytest.mark.parametrize("name", ["iat", "exp"])
def test_a_time_that_is_on_no_clock_is_refused(name: str, value: float) -> None:
    with pytest.raises(NotAuthentic):
        check_claims({**CLAIMS, name: value}, EXPECTED, NOW)


def test_a_key_that_the_issuer_does_not_publish_is_refused() -> None:
    def unknown(_: str) -> Any:
        raise jwt.PyJWKClientError("no such key")

    with pytest.raises(NotAuthentic):
        check(bearer(), keys=unknown)


def test_claims_alone_are_checked_by_the_services_own_clock() -> None:
    check_claims(CLAIMS, EXPECTED, NOW + timedelta(minutes=59))

    with pytest.raises(NotAuthentic):
        check_claims(CLAIMS, EXPECTED, NOW + timedelta(hours=2))
