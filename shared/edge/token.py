"""Is the caller who it must be? Every push and every task carries an OIDC token of the deployment's own service account.

Rules: Google's "Authenticate push requests" and "Validate an ID token": signature by the issuer's published key, issuer, audience,
e-mail verified and expected, not expired. Never switched off; a laptop's issuer is another address, not another rule.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from shared.errors import NotAuthentic, TransientError

_LEEWAY = 60
_LATEST = 2**53
"""Seconds; beyond every calendar, and no float or infinity is compared with the clock."""
_BEARER = "Bearer "


@dataclass(frozen=True)
class Expected:
    issuer: str
    audience: str
    email: str


def verify(header: str, expected: Expected, key_of: Callable[[str], Any], now: datetime) -> None:
    """NotAuthentic says what is wrong with the Authorization header, without repeating it."""
    if not header.startswith(_BEARER):
        raise NotAuthentic("a Bearer token is required")
    token = header.removeprefix(_BEARER)
    if not token.isascii():
        raise NotAuthentic("the token is refused: it is not one")
    check_claims(_signed_claims(token, expected, key_of), expected, now)


def check_claims(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    """`now` is the service's own clock; a minute of skew is allowed."""
    if claims.get("email") != expected.email or claims.get("email_verified") is not True:
        raise NotAuthentic("the token is of another service account")
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    if not issued - _LEEWAY <= now.timestamp() <= expires + _LEEWAY:
        raise NotAuthentic("the token is not valid now")


def _signed_claims(token: str, expected: Expected, key_of: Callable[[str], Any]) -> Mapping[str, Any]:
    """Times are left to check_claims, which reads the clock that the service was given."""
    options: jwt.types.Options = {
        "require": ["iss", "aud", "exp", "iat"],
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
    }
    try:
        return jwt.decode(
            token, _key(token, key_of), ["RS256"], options, audience=expected.audience, issuer=expected.issuer
        )
    except jwt.PyJWTError as error:
        raise NotAuthentic(f"the token is refused: {type(error).__name__}") from error


def _key(token: str, key_of: Callable[[str], Any]) -> Any:
    """An issuer that is away, or answers something that is not JSON, says nothing about the caller."""
    try:
        return key_of(token)
    except (jwt.PyJWKClientConnectionError, json.JSONDecodeError) as error:
        raise TransientError("the issuer's keys are out of reach") from error


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    if type(value) not in (int, float) or not 0 <= value <= _LATEST:
        raise NotAuthentic(f"the token's {name} is not a time")
    return float(value)
