"""Secret Manager as the ports' Secrets."""

from dataclasses import dataclass

from google.api_core.exceptions import (
    FailedPrecondition,
    GoogleAPICallError,
    NotFound,
    PermissionDenied,
    RetryError,
)
from google.auth.exceptions import GoogleAuthError

from shared.errors import SecretDenied, SecretMissing, TransientError
from shared.gcp.clients import Clients

_TIMEOUT = 10
"""Real seconds: the uploader asks while it holds an account's lease."""


@dataclass(frozen=True)
class CloudSecrets:
    clients: Clients
    project: str

    def access(self, name: str) -> bytes:
        """Asked once: retries stay in one layer, the queue's. FAILED_PRECONDITION is a version that is disabled or destroyed."""
        path = f"projects/{self.project}/secrets/{name}/versions/latest"
        try:
            answer = self.clients.secrets.access_secret_version(name=path, timeout=_TIMEOUT, retry=None)
        except (NotFound, FailedPrecondition) as error:
            raise SecretMissing(f"Secret Manager: {name}: {type(error).__name__}") from error
        except PermissionDenied as error:
            raise SecretDenied(f"Secret Manager: {name}: {type(error).__name__}") from error
        except (GoogleAPICallError, RetryError, GoogleAuthError) as error:
            raise TransientError(f"Secret Manager: {name}: {type(error).__name__}") from error
        return bytes(answer.payload.data)
