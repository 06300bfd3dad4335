"""The fake Secret Manager: secrets and their versions, as AccessSecretVersion sees them. Pure; versions are put by control order.

Rules: Secret Manager, "Access a secret version" and its quotas page.
"""

import re
from dataclasses import dataclass, field

from infra.local.refused import Refused, invalid

SECRET = re.compile(r"projects/[a-z0-9-]+/secrets/[A-Za-z0-9_-]{1,255}", re.ASCII)
VERSION = re.compile(rf"(?P<secret>{SECRET.pattern})/versions/(?P<version>latest|[1-9]\d{{0,9}})", re.ASCII)
MAX_BYTES = 65_536


@dataclass(frozen=True)
class Version:
    """`name` has the version's number, also where `latest` was asked for."""

    name: str
    payload: bytes = field(repr=False)


@dataclass(slots=True)
class SecretsEngine:
    _secrets: dict[str, list[bytes]] = field(default_factory=dict, repr=False)

    def put(self, secret: str, payload: bytes) -> None:
        """One more version; a secret that there is not yet is made. ValueError for what the real one would not take."""
        if not SECRET.fullmatch(secret):
            raise ValueError("a secret is named projects/P/secrets/S")
        if not 1 <= len(payload) <= MAX_BYTES:
            raise ValueError(f"a payload has 1 to {MAX_BYTES:,} bytes")
        self._secrets.setdefault(secret, []).append(payload)

    def access(self, name: str) -> Version:
        found = VERSION.fullmatch(name)
        if not found:
            raise invalid(
                f"{name!r} is not of the form projects/P/secrets/S/versions/V, V a number or latest"
            )
        versions = self._secrets.get(found["secret"], [])
        number = len(versions) if found["version"] == "latest" else int(found["version"])
        if not 1 <= number <= len(versions):
            raise Refused("NOT_FOUND", f"Secret Version [{name}] not found or has no versions.")
        return Version(f"{found['secret']}/versions/{number}", versions[number - 1])
