"""A credential that accounts name: read from its secret, kept for a while, read again when Google refuses it.

A rotated secret works without a deployment: at the latest `KEPT_SECONDS` after its new version was stored, and at once where the old
one is refused. Content is in google-auth's objects only; what is kept beside them is a digest, to see that it has changed.
"""

import hashlib
from threading import Lock
from typing import Any

from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError

from services.uploader.destinations.credentials import CredentialUnusable, Trouble, read
from services.uploader.destinations.failures import passing
from shared.errors import SecretDenied, SecretMissing, TransientError
from shared.log import get_logger
from shared.names import credential_secret
from shared.ports import Clock, Readings, Secrets

KEPT_SECONDS = 300.0
"""How long a grant that somebody took away or replaced may still be used. A look costs a request to Secret Manager: at most 12 an hour for
each credential of a process."""


class Grant(Credentials):
    """google-auth's own kind, so that one channel lasts whatever the secret comes to hold. Threads may share it."""

    def __init__(self, name: str, secrets: Secrets, clock: Clock) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._secrets, self._clock = name, secrets, clock
        self._lock = Lock()
        self._held: Credentials | None = None
        self._digest = b""
        self._read_at: Readings | None = None

    @property
    def valid(self) -> bool:
        """Old content is to be looked at again although its token would still do."""
        return bool(super().valid) and not self._old()

    def refresh(self, request: Any) -> None:
        """CredentialUnusable where somebody must mend the secret or the grant; TransientError, or an error of google-auth that is
        passing, where the same may succeed later. Of a refused grant the secret is read again: only another one is worth a second try."""
        with self._lock:
            self._bring_up_to_date()
            if super().valid or self._granted(request) or (self._look() and self._granted(request)):
                return
        raise self._unusable("REFUSED", "Google refuses the grant")

    def _bring_up_to_date(self) -> None:
        """Secret Manager out of reach is no trouble as long as there is something to go on with."""
        if self._held is not None and not self._old():
            return
        try:
            self._look()
        except TransientError:
            if self._held is None:
                raise
            self._read_at = self._clock.readings()

    def _granted(self, request: Any) -> bool:
        """False where Google refuses the grant for good."""
        assert self._held is not None
        try:
            self._held.refresh(request)
        except GoogleAuthError as error:
            if passing(error):
                raise
            return False
        self.token, self.expiry = self._held.token, self._held.expiry
        return True

    def _look(self) -> bool:
        """Read the secret; True when it holds something else than before, and then the old token is gone."""
        content = self._content()
        self._read_at, digest = self._clock.readings(), hashlib.sha256(content).digest()
        if self._held is not None and digest == self._digest:
            return False
        self._forget()
        try:
            self._held, self._digest = read(content), digest
        except CredentialUnusable as error:
            self._tell(error)
            raise
        return True

    def _content(self) -> bytes:
        try:
            return self._secrets.access(credential_secret(self._name))
        except SecretMissing:
            trouble = self._unusable("MISSING", "there is no such secret, or no enabled version of it")
        except SecretDenied:
            trouble = self._unusable("DENIED", "the uploader may not read the secret")
        self._forget()
        raise trouble

    def _forget(self) -> None:
        self._held, self.token = None, None

    def _unusable(self, trouble: Trouble, words: str) -> CredentialUnusable:
        error = CredentialUnusable(trouble, words)
        self._tell(error)
        return error

    def _tell(self, error: CredentialUnusable) -> None:
        get_logger().error("credential_unusable", credential=self._name, problem=str(error))

    def _old(self) -> bool:
        return self._read_at is None or self._clock.readings().since(self._read_at) >= KEPT_SECONDS
