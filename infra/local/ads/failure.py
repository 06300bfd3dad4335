"""Problems on the wire: GoogleAdsFailure, in the trailing metadata of a failed call or in a partial failure.

Google Ads API, "API errors": the failure travels under `google.ads.googleads.v26.errors.googleadsfailure-bin`
beside the `request-id`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.ads.googleads.v26.enums.types.offline_user_data_job_failure_reason import (
    OfflineUserDataJobFailureReasonEnum,
)
from google.ads.googleads.v26.errors.types import errors
from google.rpc import status_pb2

from infra.local.ads.problems import Problem, Refused, Unsupported
from infra.local.control.control import Injected

Metadata = tuple[tuple[str, str | bytes], ...]

FAILURE = errors.GoogleAdsFailure.pb()
FAILURE_KEY = f"{FAILURE.DESCRIPTOR.full_name.lower()}-bin"
REQUEST_ID_KEY = "request-id"
# Clients take 8 KiB of metadata by default, and one error is some 200 bytes.
MAX_ERRORS_IN_METADATA = 20

# Which field of ErrorCode holds which enum: {"DatabaseError": "database_error", ...}.
CODE_FIELDS = {field.enum_type.name: field for field in errors.ErrorCode.pb().DESCRIPTOR.fields}
# Where a bare reason of the fault list is looked for: what the served methods can answer.
THROWN = (
    "AuthenticationError",
    "AuthorizationError",
    "DatabaseError",
    "FieldError",
    "InternalError",
    "NotAllowlistedError",
    "OfflineUserDataJobError",
    "QuotaError",
    "RequestError",
    "SizeLimitError",
    "UserListError",
)
STATUS = {
    "AuthenticationError": grpc.StatusCode.UNAUTHENTICATED,
    "AuthorizationError": grpc.StatusCode.PERMISSION_DENIED,
    "NotAllowlistedError": grpc.StatusCode.PERMISSION_DENIED,
    "InternalError": grpc.StatusCode.INTERNAL,
    "QuotaError": grpc.StatusCode.RESOURCE_EXHAUSTED,
}
# What a job can be told to fail with; "" is none.
JOB_FAILURES = (
    "",
    *(reason.name for reason in OfflineUserDataJobFailureReasonEnum.OfflineUserDataJobFailureReason),
)
RETRY_DELAY_SECONDS = {
    "QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED": 30,
    "QuotaError.RESOURCE_EXHAUSTED": 3600,
}


@dataclass(frozen=True)
class Ending:
    """How a call ends that does not succeed."""

    code: grpc.StatusCode
    words: str
    metadata: Metadata


def ending(error: Refused | Unsupported | Injected, request_id: str) -> Ending:
    """The gRPC end of a call that was refused, is not supported, or was made to fail by the fault list."""
    if isinstance(error, Unsupported):
        return Ending(grpc.StatusCode.UNIMPLEMENTED, str(error), _metadata((), request_id))
    if isinstance(error, Injected):
        problems = [_injected(error.reason)] if error.reason else []
        return Ending(grpc.StatusCode[error.code], f"injected {error}", _metadata(problems, request_id))
    return Ending(_code(error.problems[0]), error.problems[0].message, _metadata(error.problems, request_id))


def partial(problems: Sequence[Problem], request_id: str) -> status_pb2.Status:
    """The `partial_failure_error` of an answer; empty when nothing is wrong."""
    answer = status_pb2.Status()
    if problems:
        answer.code = grpc.StatusCode.INVALID_ARGUMENT.value[0]
        answer.message = f"Multiple errors in 'details'. First error: {problems[0].message}"
        answer.details.add().Pack(failure(problems, request_id))
    return answer


def failure(problems: Iterable[Problem], request_id: str) -> Any:
    """A GoogleAdsFailure message."""
    message = FAILURE(request_id=request_id)
    for problem in problems:
        _write(problem, message.errors.add())
    return message


def _write(problem: Problem, error: Any) -> None:
    enum, _, value = problem.error.partition(".")
    field = CODE_FIELDS[enum]
    setattr(error.error_code, field.name, field.enum_type.values_by_name[value].number)
    error.message = problem.message
    for name, index in problem.path:
        error.location.field_path_elements.add(field_name=name, index=index)
    if seconds := RETRY_DELAY_SECONDS.get(problem.error):
        error.details.quota_error_details.retry_delay.seconds = seconds


def _metadata(problems: Sequence[Problem], request_id: str) -> Metadata:
    name: Metadata = ((REQUEST_ID_KEY, request_id),)
    if not problems:
        return name
    message = failure(problems[:MAX_ERRORS_IN_METADATA], request_id)
    return ((FAILURE_KEY, message.SerializeToString()), *name)


def _code(problem: Problem) -> grpc.StatusCode:
    return STATUS.get(problem.error.partition(".")[0], grpc.StatusCode.INVALID_ARGUMENT)


def _injected(reason: str) -> Problem:
    """A fault's reason as a problem: "Enum.VALUE", or a VALUE alone that one of the usual enums has."""
    enum, dot, value = reason.partition(".")
    candidates = (
        [enum] if dot else [each for each in THROWN if reason in CODE_FIELDS[each].enum_type.values_by_name]
    )
    value = value or reason
    if not candidates or value not in CODE_FIELDS[candidates[0]].enum_type.values_by_name:
        raise ValueError(f"no Google Ads error is called {reason}")
    return Problem(f"{candidates[0]}.{value}", f"injected {reason}")
