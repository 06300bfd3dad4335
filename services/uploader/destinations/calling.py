"""One request to Google Ads under an account's credential, within its time, and every negative answer as a Failure.

The client has neither default retries nor timeouts: every call passes both, and retries stay in one layer, the queue's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.ads.googleads.errors import GoogleAdsException
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError
from google.protobuf.message import DecodeError

from services.uploader.destinations.api import Api
from services.uploader.destinations.client import Connection, Connections
from services.uploader.destinations.credentials import CredentialUnusable
from services.uploader.destinations.failures import failure_of
from shared.errors import TransientError
from shared.model.run import Target
from shared.ports import Clock
from shared.verdict import Failure

T = TypeVar("T")

_OF_THE_TOKEN = "AuthenticationError."

OUT_OF_TIME = Failure("ABORTED", ("CredentialError.OUT_OF_REACH",))
"""Secret Manager and the token server took all the time that the lease has for the request: it was not made."""


@dataclass(frozen=True)
class Call:
    """The right to make one request. `seconds` of real time are left for it."""

    connection: Connection
    target: Target
    seconds: float

    def __call__(self, service: str, method: str, request: object) -> Any:
        """One channel serves many accounts: `login-customer-id` is sent with each call."""
        login = self.target.login_customer_id
        return getattr(self.connection.service(service), method)(
            request=request,
            timeout=self.seconds,
            retry=None,
            metadata=[("login-customer-id", login)] if login else [],
        )


@dataclass(frozen=True)
class Calling:
    api: Api
    connections: Connections
    clock: Clock

    def answer(self, target: Target, seconds: float, ask: Callable[[Call], T]) -> T | Failure:
        """What `ask` makes of the answer; it may make one call. The error is read after it was caught: a trace of it would print Google's
        texts, which may quote a value, and a parser's, which may quote a secret."""
        try:
            call = self._authorized(target, seconds)
            return ask(call) if call.seconds > 0 else OUT_OF_TIME
        except (
            GoogleAdsException,
            GoogleAPICallError,
            GoogleAuthError,
            grpc.RpcError,
            CredentialUnusable,
            TransientError,
        ) as error:
            caught: Exception = error
        except (DecodeError, ValueError) as error:
            caught = _unreadable(error)
        failure = failure_of(caught, self.api)
        if any(code.startswith(_OF_THE_TOKEN) for code in failure.codes):
            self.renew(target)  # whoever mends the grant must not meet the token of the old one
        return failure

    def renew(self, target: Target) -> None:
        """The next request under the account's credential comes with a new token."""
        try:
            self.connections.of(target.credential).renew()
        except GoogleAuthError:
            return  # there is no connection whose token could be spent; the next request hears why

    def _authorized(self, target: Target, seconds: float) -> Call:
        """What the token costs comes off the request's time: the lease was measured before either."""
        began = self.clock.readings()
        connection = self.connections.of(target.credential)
        connection.authorize()
        return Call(connection, target, seconds - self.clock.real(self.clock.readings().since(began)))


def _unreadable(error: Exception) -> Exception:
    """google-api-core breaks on details of a status that it cannot read, while it wraps the refused call in an error of its own."""
    if isinstance(error.__context__, grpc.RpcError):
        return error.__context__
    raise error
