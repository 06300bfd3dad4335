"""What to do about a destination's answer: a pure, total function from the failure to a verdict value.

The failure's own code is judged first, the gRPC status second. Sources of the rows: Google Ads API error reference and
google/rpc/code.proto, which says for each status whether a repeat is safe.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """A destination's negative answer. `codes` are like "DatabaseError.CONCURRENT_MODIFICATION", empty when only a gRPC status came.
    `retry_delay` in seconds, 0 when the destination named none."""

    status: str
    codes: tuple[str, ...] = ()
    retry_delay: float = 0


@dataclass(frozen=True)
class Retry:
    """Counted; the queue's own backoff. `quiet`: the account must rest first, because the call may still be at work."""

    reason_code: str
    quiet: bool = False


@dataclass(frozen=True)
class Snooze:
    """Not counted: the destination said when, or nothing that the part could do would help."""

    reason_code: str
    seconds: float


@dataclass(frozen=True)
class Split:
    """The request is too large: halve the frame and send the halves."""

    reason_code: str


@dataclass(frozen=True)
class FailRecord:
    """These operations of the frame were refused, the others were taken."""

    reason_code: str
    indexes: tuple[int, ...]


@dataclass(frozen=True)
class FailPart:
    """No repeat can help this part."""

    reason_code: str


@dataclass(frozen=True)
class PauseAccount:
    """Nothing of this account can work until somebody mends it."""

    reason_code: str


@dataclass(frozen=True)
class JobGone:
    """The destination does not know the job any more."""


@dataclass(frozen=True)
class JobStarted:
    """The job no longer takes operations: after an ambiguous run it means success."""


@dataclass(frozen=True)
class JobExists:
    """The external id is taken: an earlier create succeeded."""


Verdict = Retry | Snooze | Split | FailRecord | FailPart | PauseAccount | JobGone | JobStarted | JobExists

_LONG_WAIT = 3600
_SHORT_WAIT = 30

_BY_CODE: dict[str, Verdict] = {
    "DatabaseError.CONCURRENT_MODIFICATION": Retry("concurrent_modification", quiet=True),
    "InternalError.TRANSIENT_ERROR": Retry("transient"),
    "InternalError.INTERNAL_ERROR": Retry("transient"),
    "InternalError.DEADLINE_EXCEEDED": Retry("ambiguous", quiet=True),
    "OfflineUserDataJobError.EXTERNAL_UPDATE_ID_ALREADY_EXISTS": JobExists(),
    "OfflineUserDataJobError.JOB_ALREADY_STARTED": JobStarted(),
    "MutateError.RESOURCE_NOT_FOUND": JobGone(),
    "RequestError.RESOURCE_NOT_FOUND": JobGone(),
    "OfflineUserDataJobError.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS": PauseAccount("account_refused"),
    "OfflineUserDataJobError.NOT_ON_ALLOWLIST_FOR_USER_ID": PauseAccount("account_refused"),
    "QuotaError.ACCESS_PROHIBITED": PauseAccount("account_refused"),
    "QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED": Snooze("quota_short", _SHORT_WAIT),
    "QuotaError.EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION": Snooze("quota_short", _SHORT_WAIT),
    "QuotaError.RESOURCE_EXHAUSTED": Snooze("quota_short", _LONG_WAIT),
    "QuotaError.EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION": Snooze("quota_short", _LONG_WAIT),
}
_BY_GROUP: dict[str, Verdict] = {
    "AuthenticationError": PauseAccount("account_refused"),
    "AuthorizationError": PauseAccount("account_refused"),
    "NotAllowlistedError": PauseAccount("account_refused"),
}
_BY_STATUS: dict[str, Verdict] = {
    "DEADLINE_EXCEEDED": Retry("ambiguous", quiet=True),
    "UNAVAILABLE": Retry("ambiguous", quiet=True),
    "CANCELLED": Retry("ambiguous", quiet=True),
    "UNKNOWN": Retry("ambiguous", quiet=True),
    "ABORTED": Retry("transient"),
    "INTERNAL": Retry("transient"),
    "RESOURCE_EXHAUSTED": Snooze("quota_short", _SHORT_WAIT),
    "UNAUTHENTICATED": PauseAccount("account_refused"),
    "PERMISSION_DENIED": PauseAccount("account_refused"),
}


def judge(failure: Failure) -> Verdict:
    """The first code that has a row decides, then the first code's group, then the status; the rest fails the part."""
    verdict = _judge_codes(failure.codes) or _BY_STATUS.get(failure.status)
    if isinstance(verdict, Snooze) and failure.retry_delay:
        return Snooze(verdict.reason_code, failure.retry_delay)
    return verdict or FailPart("request_refused")


def _judge_codes(codes: tuple[str, ...]) -> Verdict | None:
    rows = (_BY_CODE.get(code) or _BY_GROUP.get(code.partition(".")[0]) for code in codes)
    return next((row for row in rows if row), None)
