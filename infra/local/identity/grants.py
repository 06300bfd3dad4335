"""The JWT bearer grant (RFC 7523): a service account signs an assertion and receives a token for it.

Refusals are worded as Google's token endpoint words them. Clients make assertions by the real clock and count
the real seconds of `expires_in`, so an assertion's times are compared with each other only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import jwt

from infra.local.identity.account import ServiceAccount
from infra.local.identity.keys import ALGORITHM
from infra.local.identity.tokens import Issuer

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_SECONDS = 3600
# google-auth writes this audience whatever the key file's token_uri says.
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"


class GrantRefused(Exception):
    """The token endpoint's answer 400: an OAuth 2.0 error and its description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class TokenState(Enum):
    """What an access token is worth."""

    VALID = auto()
    EXPIRED = auto()
    UNKNOWN = auto()


@dataclass(slots=True)
class Grants:
    """Exchanges assertions for tokens and remembers the access tokens that it gave out.

    `token` makes a fresh secret; `speed` is how many simulated seconds `now` passes in a real one.
    """

    account: ServiceAccount
    issuer: Issuer
    token_uri: str
    now: Callable[[], float]
    speed: float
    token: Callable[[], str]
    _expiries: dict[str, float] = field(default_factory=dict)

    def exchange(self, grant_type: str, assertion: str) -> dict[str, Any]:
        """The token endpoint's answer: an access token, or an ID token where the assertion asks for one."""
        if grant_type != GRANT_TYPE:
            raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        claims = self._claims(assertion)
        if audience := claims.get("target_audience"):
            return {"id_token": self.issuer.sign(str(audience), self.account.email)}
        if not claims.get("scope"):
            raise GrantRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return {"access_token": self._issue(), "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"}

    def state(self, token: str) -> TokenState:
        expiry = self._expiries.get(token)
        if expiry is None:
            return TokenState.UNKNOWN
        return TokenState.VALID if self.now() < expiry else TokenState.EXPIRED

    def _issue(self) -> str:
        token = self.token()
        self._expiries[token] = self.now() + LIFETIME_SECONDS * self.speed
        return token

    def _claims(self, assertion: str) -> dict[str, Any]:
        claims = self._verified(assertion)
        if claims["iss"] != self.account.email:
            raise GrantRefused("invalid_grant", "Invalid grant: account not found")
        if not 0 < claims["exp"] - claims["iat"] <= LIFETIME_SECONDS:
            raise GrantRefused(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
            )
        return claims

    def _verified(self, assertion: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                assertion,
                self.account.key.public,
                algorithms=[ALGORITHM],
                audience=[self.token_uri, GOOGLE_AUDIENCE],
                options={"require": ["iss", "iat", "exp"], "verify_iat": False, "verify_exp": False},
            )
        except jwt.InvalidSignatureError as error:
            raise GrantRefused("invalid_grant", "Invalid JWT Signature.") from error
        except jwt.InvalidTokenError as error:
            raise GrantRefused("invalid_grant", f"Invalid JWT: {error}") from error
