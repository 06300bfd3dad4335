"""What the token endpoint gives a token for: the JWT bearer grant (RFC 7523), for which a service account signs an assertion, and
refresh tokens (users.py).

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
from infra.local.identity.refusal import GrantRefused
from infra.local.identity.tokens import Issuer
from infra.local.identity.users import UserGrants

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_SECONDS = 3600
# google-auth writes this audience whatever the key file's token_uri says.
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"


class TokenState(Enum):
    """What an access token is worth."""

    VALID = auto()
    EXPIRED = auto()
    REVOKED = auto()
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
    users: UserGrants = field(default_factory=UserGrants)
    _expiries: dict[str, float] = field(default_factory=dict)
    _ended: dict[str, TokenState] = field(default_factory=dict)

    def exchange(self, grant_type: str, assertion: str) -> dict[str, Any]:
        """The token endpoint's answer: an access token, or an ID token where the assertion asks for one."""
        if grant_type != GRANT_TYPE:
            raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        claims = self._claims(assertion)
        if audience := claims.get("target_audience"):
            return {"id_token": self.issuer.sign(str(audience), self.account.email)}
        if not claims.get("scope"):
            raise GrantRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return _access_token(self._issue())

    def refresh(self, refresh_token: str, client_id: str, client_secret: str) -> dict[str, Any]:
        """The token endpoint's answer to a client that comes with a person's grant."""
        grant = self.users.asked_for(refresh_token, client_id, client_secret)
        grant.tokens.append(self._issue())
        return _access_token(grant.tokens[-1])

    def end(self, refresh_token: str, state: TokenState) -> None:
        """EXPIRED: the access tokens of the grant so far are spent, before their time. REVOKED: the grant is, too.
        KeyError for a grant that there is not."""
        grant = self.users.known(refresh_token)
        grant.revoked = grant.revoked or state is TokenState.REVOKED
        self._ended.update(dict.fromkeys(grant.tokens, state))

    def state(self, token: str) -> TokenState:
        if token in self._ended:
            return self._ended[token]
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


def _access_token(token: str) -> dict[str, Any]:
    return {"access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"}
