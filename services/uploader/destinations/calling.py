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
from shared.ports import Clock, Readings
from shared.tracing import calling
from shared.verdict import Failure

T = TypeVar("T")

_OF_THE_TOKEN = "AuthenticationError."

OUT_OF_TIME = Failure("ABORTED", ("CredentialError.OUT_OF_REACH",))
"""Secret Manager and the token server took all the time that the lease has for the request: it was not made."""


class OutOfTime(Exception):
    """The request's time was spent before it was made."""


@dataclass(frozen=True)
class Call:
    """The right to make one request within `seconds` of real time since `began`."""

    connection: Connection
    target: Target
    seconds: float
    began: Readings
    clock: Clock

    def __call__(self, service: str, method: str, request: object) -> Any:
        """One channel serves many accounts: `login-customer-id` is sent with each call. OutOfTime when nothing is left, which is looked
        at last: token and request are made under a lease that was measured before."""
        login, ask = self.target.login_customer_id, getattr(self.connection.service(service), method)
        metadata = [("login-customer-id", login)] if login else []
        left = self.seconds - self.clock.real(self.clock.readings().since(self.began))
        if left <= 0:
            raise OutOfTime
        with calling(method, self.target.account):
            return ask(request=request, timeout=left, retry=None, metadata=metadata)


@dataclass(frozen=True)
class Calling:
    api: Api
    connections: Connections
    clock: Clock

    def answer(self, target: Target, seconds: float, ask: Callable[[Call], T]) -> T | Failure:
        """What `ask` makes of the answer; it may make one call. The error is read after it was caught: a trace of it would print Google's
        texts, which may quote a value, and a parser's, which may quote a secret."""
        began = self.clock.readings()
        try:
            connection = self.connections.of(target.credential)
            connection.authorize()
            return ask(Call(connection, target, seconds, began, self.clock))
        except OutOfTime:
            return OUT_OF_TIME
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


def _unreadable(error: Exception) -> Exception:
    """google-api-core breaks on details of a status that it cannot read, while it wraps the refused call in an error of its own."""
    if isinstance(error.__context__, grpc.RpcError):
        return error.__context__
    raise error
