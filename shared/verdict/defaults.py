"""What is done about a code without a row, by its group; and about an answer that has no code that says anything, by its gRPC status.

Groups are those that the methods we call list as thrown (offline_user_data_job_service.proto, google_ads_service.proto,
user_list_service.proto), and those that their operations and lists may answer besides. Any other group says nothing: its status decides.
"""

from shared.verdict.values import (
    LONG_WAIT,
    SHORT_WAIT,
    FailPart,
    PauseAccount,
    Retry,
    Row,
    Snooze,
)

_AMBIGUOUS = Retry("ambiguous", quiet=True)
_TRANSIENT = Retry("transient")
_DENIED = PauseAccount("access_denied")

REFUSED = FailPart("request_refused")
"""The last word: an answer that names no passing cause would be given again."""

_THROWN = "List of thrown errors"
_GUIDE = "Google Ads API, Error types"

GROUPS = (
    Row("AuthenticationError", PauseAccount("grant_refused"), _GUIDE),
    Row("AuthorizationError", _DENIED, _GUIDE),
    Row("HeaderError", _DENIED, "HeaderError: both values are about a customer ID of the request's header"),
    Row(
        "ResourceAccessDeniedError",
        _DENIED,
        "ResourceAccessDeniedError: its one value is a user without write access",
    ),
    Row("OperationAccessDeniedError", _DENIED, "OperationAccessDeniedError: unauthorised invocations"),
    Row(
        "NotAllowlistedError",
        PauseAccount("not_allowlisted"),
        "Google Ads API, Customer Match since 2026-04-01",
    ),
    Row(
        "QuotaError", Snooze("quota_short", LONG_WAIT), "QuotaError: all values are about too much in a time"
    ),
    Row("InternalError", _TRANSIENT, _GUIDE),
    *(
        Row(group, REFUSED, _THROWN)
        for group in (
            "ChangeEventError",
            "ChangeStatusError",
            "ClickViewError",
            "CollectionSizeError",
            "DatabaseError",
            "DistinctError",
            "FieldError",
            "FieldMaskError",
            "MutateError",
            "NewResourceCreationError",
            "NotEmptyError",
            "OfflineUserDataJobError",
            "QueryError",
            "RangeError",
            "RequestError",
            "StringFormatError",
            "StringLengthError",
            "UserListError",
        )
    ),
    *(
        Row(group, REFUSED, f"{group}: what the request holds is at fault")
        for group in ("SizeLimitError", "UserDataError")
    ),
)

STATUSES = (
    Row("CANCELLED", _AMBIGUOUS, "The operation was cancelled, typically by the caller."),
    Row("UNKNOWN", _AMBIGUOUS, "errors raised by APIs that do not return enough error information"),
    Row(
        "DEADLINE_EXCEEDED",
        _AMBIGUOUS,
        "this error may be returned even if the operation has completed successfully.",
    ),
    # Proxies on the way answer with it too, and then the call may be at work behind them.
    Row("UNAVAILABLE", _AMBIGUOUS, "which can be corrected by retrying with a backoff."),
    Row("ABORTED", _TRANSIENT, "The operation was aborted, typically due to a concurrency issue"),
    Row("INTERNAL", _TRANSIENT, "Internal errors."),
    Row(
        "RESOURCE_EXHAUSTED",
        Snooze("quota_short", SHORT_WAIT),
        "Some resource has been exhausted, perhaps a per-user quota",
    ),
    Row(
        "UNAUTHENTICATED",
        PauseAccount("grant_refused"),
        "The request does not have valid authentication credentials for the operation.",
    ),
    Row(
        "PERMISSION_DENIED",
        PauseAccount("account_refused"),
        "The caller does not have permission to execute the specified operation.",
    ),
)
