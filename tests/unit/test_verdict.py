"""What is done about every answer that Google Ads can give."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import reasons
from shared.verdict import (
    FailPart,
    FailRecord,
    Failure,
    JobExists,
    JobGone,
    JobStarted,
    NameTaken,
    PauseAccount,
    Retry,
    Snooze,
    Split,
    Verdict,
    judge,
)
from tests.unit.verdict_snapshot import STATUSES, codes

CODES = tuple(codes())
CODE = st.sampled_from(CODES)
STATUS = st.sampled_from(("", *STATUSES))
ANYTHING = (
    st.text() | CODE | st.builds("{}.{}".format, st.sampled_from(["QuotaError", "InternalError"]), st.text())
)
_SILENT = JobGone | JobStarted | JobExists | NameTaken
TASK_LIFE = 29 * 86400


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_verdict_whose_reason_is_in_the_catalogue(status: str) -> None:
    assert_sound(judge(Failure(status)))


def test_every_code_has_a_verdict_whose_reason_is_in_the_catalogue() -> None:
    assert len(CODES) > 1000
    for code in CODES:
        for status in STATUSES:
            assert_sound(judge(Failure(status, (code,))))


@given(st.text() | st.sampled_from(STATUSES), st.lists(ANYTHING).map(tuple), st.floats() | st.integers())
def test_every_failure_whatever_it_holds_has_a_verdict(
    status: str, codes: tuple[str, ...], delay: float
) -> None:
    assert_sound(judge(Failure(status, codes, delay)))


def assert_sound(verdict: Verdict) -> None:
    reason = getattr(verdict, "reason_code", "")
    assert reason in reasons.CATALOGUE if reason else isinstance(verdict, _SILENT)
    if isinstance(verdict, Snooze):
        assert 1 <= verdict.seconds <= TASK_LIFE


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
            PauseAccount("terms_not_accepted"),
        ),
        ("NotAllowlistedError.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", PauseAccount("not_allowlisted")),
        ("AuthenticationError.OAUTH_TOKEN_EXPIRED", PauseAccount("grant_refused")),
        ("AuthenticationError.OAUTH_TOKEN_REVOKED", PauseAccount("grant_refused")),
        ("AuthorizationError.USER_PERMISSION_DENIED", PauseAccount("access_denied")),
        ("AuthorizationError.CUSTOMER_NOT_ENABLED", PauseAccount("customer_not_enabled")),
        ("OfflineUserDataJobError.TOO_MANY_USER_IDENTIFIERS", Split("request_too_large")),
        ("DatabaseError.REQUEST_TOO_LARGE", Split("request_too_large")),
        ("SizeLimitError.REQUEST_SIZE_LIMIT_EXCEEDED", Split("request_too_large")),
        ("OfflineUserDataJobError.INVALID_SHA256_FORMAT", FailRecord("record_refused")),
        ("OfflineUserDataJobError.INVALID_USER_LIST_ID", FailPart("audience_gone")),
        ("UserListError.NAME_ALREADY_USED", NameTaken()),
        ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED", Snooze("quota_short", 30)),
        ("QuotaError.RESOURCE_EXHAUSTED", PauseAccount("quota_day", 3600)),
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


@pytest.mark.parametrize(
    ("status", "reason"), [("UNAUTHENTICATED", "grant_refused"), ("PERMISSION_DENIED", "account_refused")]
)
def test_a_refused_caller_is_the_accounts_trouble(status: str, reason: str) -> None:
    assert judge(Failure(status)) == PauseAccount(reason)


@pytest.mark.parametrize(
    "code",
    [
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


@pytest.mark.parametrize("delay", [0, -1, -1e300, float("-inf"), float("nan")])
def test_a_delay_that_is_none_leaves_the_wait_to_the_table(delay: float) -> None:
    assert judge(Failure("RESOURCE_EXHAUSTED", retry_delay=delay)) == Snooze("quota_short", 30)


@pytest.mark.parametrize("delay", [1e300, float("inf"), 10**400])
def test_no_wait_is_longer_than_a_task_can_be_put_off(delay: float) -> None:
    assert judge(Failure("RESOURCE_EXHAUSTED", retry_delay=delay)) == Snooze("quota_short", TASK_LIFE)


# Several codes in one failure

GRAVEST_FIRST = (
    "AuthorizationError.CUSTOMER_NOT_ENABLED",
    "DatabaseError.CONCURRENT_MODIFICATION",
    "QuotaError.RESOURCE_EXHAUSTED",
    "QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",
    "InternalError.TRANSIENT_ERROR",
    "OfflineUserDataJobError.EXTERNAL_UPDATE_ID_ALREADY_EXISTS",
    "OfflineUserDataJobError.JOB_ALREADY_STARTED",
    "MutateError.RESOURCE_NOT_FOUND",
    "UserListError.NAME_ALREADY_USED",
    "DatabaseError.REQUEST_TOO_LARGE",
    "OfflineUserDataJobError.CONFLICTING_OPERATION",
    "OfflineUserDataJobError.INVALID_SHA256_FORMAT",
)


@given(st.lists(st.sampled_from(GRAVEST_FIRST), min_size=1))
def test_of_several_codes_the_gravest_decides_wherever_it_stands(codes: list[str]) -> None:
    gravest = min(codes, key=GRAVEST_FIRST.index)

    assert judge(Failure("INVALID_ARGUMENT", tuple(codes))) == judge(Failure("", (gravest,)))


@given(STATUS, st.lists(CODE, min_size=1, max_size=4))
def test_the_order_of_codes_changes_no_kind_of_verdict(status: str, codes: list[str]) -> None:
    verdicts = [judge(Failure(status, each)) for each in permutations(codes)]

    assert len({(type(verdict), getattr(verdict, "quiet", False)) for verdict in verdicts}) == 1


@given(STATUS, st.lists(CODE, min_size=1, max_size=5).map(tuple))
def test_a_failure_is_never_judged_otherwise_than_one_of_its_codes(
    status: str, codes: tuple[str, ...]
) -> None:
    assert judge(Failure(status, codes)) in [judge(Failure(status, (code,))) for code in codes]


def test_of_two_causes_of_one_gravity_the_first_is_told() -> None:
    codes = ("AuthorizationError.CUSTOMER_NOT_ENABLED", "AuthenticationError.OAUTH_TOKEN_REVOKED")

    assert judge(Failure("", codes)) == PauseAccount("customer_not_enabled")
    assert judge(Failure("", codes[::-1])) == PauseAccount("grant_refused")


def test_nothing_is_given_up_while_a_passing_cause_is_named_too() -> None:
    codes = ("FieldError.REQUIRED", "InternalError.TRANSIENT_ERROR")

    assert judge(Failure("INVALID_ARGUMENT", codes)) == Retry("transient")


# Codes that say nothing


@pytest.mark.parametrize(
    "code", ["AdError.CANNOT_CREATE_DEPRECATED_ADS", "ErrorReason.RATE_LIMIT_EXCEEDED", "no code"]
)
def test_a_group_that_our_calls_do_not_answer_leaves_the_word_to_the_status(code: str) -> None:
    for status in STATUSES:
        assert judge(Failure(status, (code,))) == judge(Failure(status))


@pytest.mark.parametrize("value", ["99", "UNKNOWN", "UNSPECIFIED"])
def test_without_a_telling_status_a_newer_value_is_judged_by_its_group(value: str) -> None:
    """A single operation's refusal has no status of its own."""
    assert judge(Failure("", (f"QuotaError.{value}",))) == Snooze("quota_short", 3600)
    assert judge(Failure("", (f"InternalError.{value}",))) == Retry("transient")
    assert judge(Failure("", (f"AuthenticationError.{value}",))) == PauseAccount("grant_refused")
    assert judge(Failure("", (f"OfflineUserDataJobError.{value}",))) == FailPart("request_refused")


@pytest.mark.parametrize("code", ["QuotaError.99", "InternalError.99", "UnknownError"])
@pytest.mark.parametrize("status", ["UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED", "PERMISSION_DENIED"])
def test_a_code_that_says_nothing_leaves_the_word_to_the_status(code: str, status: str) -> None:
    """A value that is newer than this table must not fail a part for good."""
    assert judge(Failure(status, (code,))) == judge(Failure(status))
