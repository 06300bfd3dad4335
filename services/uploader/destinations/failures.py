"""How a call that failed becomes a Failure: from its trailing metadata, which the client unwraps for some statuses only.

INTERNAL and RESOURCE_EXHAUSTED arrive unwrapped, so that all are read the same way, from the bytes. What cannot be read says nothing: the
status stands alone.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from google.ads.googleads.errors import GoogleAdsException
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError, TransportError
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from services.uploader.destinations.api import Api
from services.uploader.destinations.credentials import CredentialUnusable
from shared.errors import TransientError
from shared.verdict import Failure

_DETAILS_KEY = "grpc-status-details-bin"
_RETRY_AFTER = "retry-after"
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)

Trailing = Mapping[str, str | bytes]


def failure_of(error: Exception, api: Api) -> Failure:
    match error:
        case CredentialUnusable():
            return Failure("UNAUTHENTICATED", (f"CredentialError.{error.trouble}",))
        case TransientError():
            return Failure("ABORTED", ("CredentialError.OUT_OF_REACH",))
        case GoogleAuthError():
            return _of_default_credentials(error)
        case GoogleAdsException():
            return _described(error.error.code().name, error.error, api)
        case GoogleAPICallError():
            status = error.grpc_status_code.name if error.grpc_status_code else "UNKNOWN"
            return _described(status, error.errors[0] if error.errors else None, api)
        case grpc.Call():
            return _described(error.code().name, error, api)
        case _:
            return Failure("UNKNOWN")


def passing(error: GoogleAuthError) -> bool:
    """Whether the token server may well grant it later. google-auth calls no failed connection retryable, and wraps those to
    the metadata server."""
    return bool(
        error.retryable or isinstance(error, TransportError) or isinstance(error.__cause__, TransportError)
    )


def code(error_code: Any) -> str:
    """Like "DatabaseError.CONCURRENT_MODIFICATION": the enum's type and the value's name; a newer value is named by its number."""
    field = error_code.WhichOneof("error_code")
    if field is None:
        return "UnknownError"
    enum = error_code.DESCRIPTOR.fields_by_name[field].enum_type
    number = getattr(error_code, field)
    value = enum.values_by_number.get(number)
    return f"{enum.name}.{value.name if value else number}"


def _of_default_credentials(error: GoogleAuthError) -> Failure:
    """An account's own credential tells of its refusal itself."""
    if passing(error):
        return Failure("ABORTED", ("CredentialError.OUT_OF_REACH",))
    return Failure("UNAUTHENTICATED", ("CredentialError.DEFAULT_REFUSED",))


def _described(status: str, call: object, api: Api) -> Failure:
    """Google's own delay for a quota is the most exact one; gRPC's and HTTP's ways of saying it count where there is none."""
    trailing: Trailing = dict(call.trailing_metadata() or ()) if isinstance(call, grpc.Call) else {}
    errors = _errors(trailing.get(api.failure_key), api)
    delay = quota_delay(errors) or _retry_info(trailing.get(_DETAILS_KEY))
    return Failure(
        status,
        tuple(code(error.error_code) for error in errors),
        delay or _retry_after(trailing.get(_RETRY_AFTER)),
    )


def _errors(value: str | bytes | None, api: Api) -> tuple[Any, ...]:
    if not isinstance(value, bytes):
        return ()
    try:
        return tuple(api.failure.pb().FromString(value).errors)
    except DecodeError:
        return ()


def quota_delay(errors: Iterable[Any]) -> float:
    """The longest of the delays in seconds, 0 where none is named."""
    return max((_seconds(each.details.quota_error_details.retry_delay) for each in errors), default=0.0)


def _retry_info(value: str | bytes | None) -> float:
    """google.rpc.RetryInfo among the details of the status (AIP-193)."""
    if not isinstance(value, bytes):
        return 0.0
    try:
        details = [
            each
            for each in Status.FromString(value).details
            if each.type_url.endswith("/google.rpc.RetryInfo")
        ]
        return max((_seconds(RetryInfo.FromString(each.value).retry_delay) for each in details), default=0.0)
    except DecodeError:
        return 0.0


def _retry_after(value: str | bytes | None) -> float:
    """RFC 9110, section 10.2.3, in seconds; its dates are not read: they would need a clock that agrees with Google's."""
    return float(value) if isinstance(value, str) and _SECONDS.fullmatch(value) else 0.0


def _seconds(delay: Any) -> float:
    return float(delay.seconds + delay.nanos / 1e9)
