"""What is done about every answer that Google Ads can give."""

from collections.abc import Iterator

import grpc
import pytest
from google.ads.googleads.v26.errors.types.errors import ErrorCode
from hypothesis import given
from hypothesis import strategies as st

from shared import reasons
from shared.verdict import (
    FailPart,
    Failure,
    JobExists,
    JobGone,
    JobStarted,
    PauseAccount,
    Retry,
    Snooze,
    Verdict,
    judge,
)


def every_code() -> Iterator[str]:
    for field in ErrorCode.pb().DESCRIPTOR.fields:
        for value in field.enum_type.values:
            yield f"{field.enum_type.name}.{value.name}"


CODES = tuple(every_code())
STATUSES = tuple(status.name for status in grpc.StatusCode)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_verdict_whose_reason_is_in_the_catalogue(status: str) -> None:
    assert_sound(judge(Failure(status)))


def test_every_code_has_a_verdict_whose_reason_is_in_the_catalogue() -> None:
    assert len(CODES) > 1000
    for code in CODES:
        for status in STATUSES:
            assert_sound(judge(Failure(status, (code,))))


@given(st.text(), st.lists(st.text()).map(tuple), st.floats(0, 1e6))
def test_every_failure_whatever_it_holds_has_a_verdict(
    status: str, codes: tuple[str, ...], delay: float
) -> None:
    assert_sound(judge(Failure(status, codes, delay)))


def assert_sound(verdict: Verdict) -> None:
    reason = getattr(verdict, "reason_code", "")
    assert reason in reasons.CATALOGUE if reason else isinstance(verdict, JobGone | JobStarted | JobExists)
    if isinstance(verdict, Snooze):
        assert verdict.seconds > 0


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("DatabaseError.CONCURRENT_MODIFICATION", Retry("concurrent_modification", quiet=True)),
        ("InternalError.TRANSIENT_ERROR", Retry("transient")),
        ("InternalError.INTERNAL_ERROR", Retry("transient")),
        ("InternalError.DEADLINE_EXCEEDED", Retry("ambiguous", quiet=True)),
        ("OfflineUserDataJobError.EXTERNAL_UPDATE_ID_ALREADY_EXISTS", JobExists()),
        ("OfflineUserDataJobError.JOB_ALREADY_STARTED", JobStarted()),
        ("RequestError.RESOURCE_NOT_FOUND", JobGone()),
        ("MutateError.RESOURCE_NOT_FOUND", JobGone()),
        (
            "OfflineUserDataJobError.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
            PauseAccount("account_refused"),
        ),
        ("NotAllowlistedError.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", PauseAccount("account_refused")),
        ("AuthenticationError.OAUTH_TOKEN_REVOKED", PauseAccount("account_refused")),
        ("AuthorizationError.CUSTOMER_NOT_ENABLED", PauseAccount("account_refused")),
        ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED", Snooze("quota_short", 30)),
        ("QuotaError.RESOURCE_EXHAUSTED", Snooze("quota_short", 3600)),
    ],
)
def test_the_code_decides_whatever_the_status(code: str, verdict: Verdict) -> None:
    assert code in CODES
    for status in STATUSES:
        assert judge(Failure(status, (code,))) == verdict


@pytest.mark.parametrize("status", ["DEADLINE_EXCEEDED", "UNAVAILABLE", "CANCELLED", "UNKNOWN"])
def test_an_answer_that_leaves_open_whether_the_call_still_works_makes_the_account_rest(status: str) -> None:
    assert judge(Failure(status)) == Retry("ambiguous", quiet=True)


@pytest.mark.parametrize("status", ["INTERNAL", "ABORTED"])
def test_a_definite_passing_trouble_does_not(status: str) -> None:
    assert judge(Failure(status)) == Retry("transient")


@pytest.mark.parametrize("status", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
def test_a_refused_caller_is_the_accounts_trouble(status: str) -> None:
    assert judge(Failure(status)) == PauseAccount("account_refused")


@pytest.mark.parametrize(
    "code",
    [
        "OfflineUserDataJobError.INVALID_USER_LIST_ID",
        "OfflineUserDataJobError.CONFLICTING_OPERATION",
        "FieldError.REQUIRED",
    ],
)
def test_a_bad_request_fails_the_part(code: str) -> None:
    assert code in CODES
    assert judge(Failure("INVALID_ARGUMENT", (code,))) == FailPart("request_refused")


@pytest.mark.parametrize(
    "status", ["INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE", "UNIMPLEMENTED"]
)
def test_what_no_repeat_can_help_fails_the_part(status: str) -> None:
    assert judge(Failure(status)) == FailPart("request_refused")


def test_the_destinations_own_delay_counts() -> None:
    failure = Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",), retry_delay=7.5)

    assert judge(failure) == Snooze("quota_short", 7.5)


def test_a_delay_makes_no_snooze_of_anything_else() -> None:
    assert judge(Failure("INTERNAL", retry_delay=7.5)) == Retry("transient")


def test_the_first_code_that_says_something_decides() -> None:
    codes = ("FieldError.REQUIRED", "DatabaseError.CONCURRENT_MODIFICATION", "QuotaError.RESOURCE_EXHAUSTED")

    assert judge(Failure("INVALID_ARGUMENT", codes)) == Retry("concurrent_modification", quiet=True)


@pytest.mark.parametrize("code", ["QuotaError.99", "InternalError.99", "UnknownError"])
@pytest.mark.parametrize("status", ["UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED", "PERMISSION_DENIED"])
def test_a_code_that_says_nothing_leaves_the_word_to_the_status(code: str, status: str) -> None:
    """A value that is newer than this table must not fail a part for good."""
    assert judge(Failure(status, (code,))) == judge(Failure(status))
