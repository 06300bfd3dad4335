"""A partial failure: the request was carried out, and some of its operations were not.

Google Ads API, AddOfflineUserDataJobOperationsResponse.partial_failure_error: "Returned only when partial_failure = true and all errors
occur inside the operations. If any errors occur outside the operations (for example, auth errors), we return an RPC level error."
An error's path begins at the request (ErrorLocation.field_path_elements), so that `operations` and an index say which operation it is.
"""

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from services.uploader.destination import Refused
from services.uploader.destinations.failures import code, quota_delay
from shared.verdict import Failure

UNREADABLE = Failure("UNKNOWN")
"""Something was refused and nobody can tell what. That is no success, and as ambiguous as no answer: the frame is sent again, and who is
sent twice is in once."""

_STATUSES = {status.value[0]: status.name for status in grpc.StatusCode if status is not grpc.StatusCode.OK}


def refusals(status: Any, operations: int, failure: Any) -> tuple[Refused, ...] | Failure:
    """`status` is the answer's google.rpc.Status, `operations` how many the request had, `failure` the version's GoogleAdsFailure.

    One Refused for each operation that was not taken, in their order, with the code that came first. An error that names no operation is
    one of the request, which Google tells on the RPC level: with any of them the whole answer is a Failure of these. Raises nothing.
    """
    if not status.code and not status.details:
        return ()
    errors = _errors(status.details, failure)
    if not errors:
        return UNREADABLE
    outside = [error for error in errors if _index(error) is None]
    return _failure(status.code, outside) if outside else _refused(errors, operations)


def _errors(details: Iterable[Any], failure: Any) -> list[Any]:
    """[] when they cannot be read to the end."""
    try:
        failures = [failure.pb().FromString(each.value) for each in details if _is_failure(each)]
    except DecodeError:
        return []
    return [error for each in failures for error in each.errors]


def _is_failure(detail: Any) -> bool:
    return str(detail.type_url).endswith(".GoogleAdsFailure")


def _index(error: Any) -> int | None:
    """The operation's index in the request; None for an error of something else."""
    path = error.location.field_path_elements
    if not path or path[0].field_name != "operations" or not path[0].HasField("index"):
        return None
    return int(path[0].index)


def _failure(status: int, errors: list[Any]) -> Failure:
    if not any(error.error_code.WhichOneof("error_code") for error in errors):
        return UNREADABLE
    codes = tuple(code(error.error_code) for error in errors)
    return Failure(_STATUSES.get(status, UNREADABLE.status), codes, quota_delay(errors))


def _refused(errors: Iterable[Any], operations: int) -> tuple[Refused, ...] | Failure:
    codes: dict[int, str] = {}
    for error in errors:
        if (index := _index(error)) is not None:
            codes.setdefault(index, code(error.error_code))
    if not all(0 <= index < operations for index in codes):
        return UNREADABLE
    return tuple(Refused(*one) for one in sorted(codes.items()))
