"""What Google Ads says of a request that it did not carry out, as a Failure: codes and a status, never the texts, which may quote a value.

INTERNAL and RESOURCE_EXHAUSTED arrive unwrapped: their failure is read from the trailing metadata.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import grpc
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError

from shared.verdict import Failure

VERSION = "v26"

_FAILURE_KEY = f"google.ads.googleads.{VERSION}.errors.googleadsfailure-bin"


def failure_of(error: Exception) -> Failure:
    match error:
        case GoogleAdsException():
            return _described(error.error.code().name, _errors(error.failure))
        case GoogleAPICallError():
            return _unwrapped(error)
        case GoogleAuthError():
            return Failure("ABORTED" if error.retryable else "UNAUTHENTICATED")
        case grpc.Call():
            return Failure(error.code().name)
        case _:
            return Failure("UNKNOWN")


def _unwrapped(error: GoogleAPICallError) -> Failure:
    status = error.grpc_status_code.name if error.grpc_status_code else "UNKNOWN"
    cause = error.errors[0] if error.errors else None
    for key, value in cause.trailing_metadata() or () if isinstance(cause, grpc.Call) else ():
        if key == _FAILURE_KEY and isinstance(value, bytes):
            return _described(status, _errors(GoogleAdsFailure.deserialize(value)))
    return Failure(status)


def _errors(failure: Any) -> Sequence[Any]:
    """The client hands over failures of either kind, proto-plus or not."""
    plain = GoogleAdsFailure.pb(failure) if isinstance(failure, GoogleAdsFailure) else failure
    errors: Sequence[Any] = plain.errors
    return errors


def _described(status: str, errors: Sequence[Any]) -> Failure:
    """`errors` are GoogleAdsError messages."""
    return Failure(status, tuple(code(error.error_code) for error in errors), quota_delay(errors))


def quota_delay(errors: Iterable[Any]) -> float:
    """The longest of the delays in seconds, 0 where none is named."""
    delays = [error.details.quota_error_details.retry_delay for error in errors]
    return max((delay.seconds + delay.nanos / 1e9 for delay in delays), default=0.0)


def code(error_code: Any) -> str:
    """Like "DatabaseError.CONCURRENT_MODIFICATION": the enum's type and the value's name; a newer value is named by its number."""
    field = error_code.WhichOneof("error_code")
    if field is None:
        return "UnknownError"
    enum = error_code.DESCRIPTOR.fields_by_name[field].enum_type
    number = getattr(error_code, field)
    value = enum.values_by_number.get(number)
    return f"{enum.name}.{value.name if value else number}"
