"""OpenID Connect tokens: what Pub/Sub and Cloud Tasks put on the requests that they make.

Form as Google signs them (OpenID Connect, "an ID token's payload"); the times are simulated.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import jwt

from infra.local.identity.keys import ALGORITHM, KeyPair

LIFETIME_SECONDS = 3600


@dataclass(frozen=True)
class Issuer:
    """Signs tokens. `url` is the issuer's name, `now` gives epoch seconds of simulated time."""

    url: str
    key: KeyPair
    now: Callable[[], float]

    def sign(self, audience: str, email: str) -> str:
        """A token that says: the bearer is this service account, and means this audience."""
        issued_at, subject = int(self.now()), _subject(email)
        claims = {
            "iss": self.url,
            "aud": audience,
            "azp": subject,
            "sub": subject,
            "email": email,
            "email_verified": True,
            "iat": issued_at,
            "exp": issued_at + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self.key.private, algorithm=ALGORITHM, headers={"kid": self.key.id})


def _subject(email: str) -> str:
    """Google's subjects are numbers of 21 digits, the same for the same account for ever."""
    return str(int.from_bytes(hashlib.sha256(email.encode()).digest()[:8], "big")).rjust(21, "1")
