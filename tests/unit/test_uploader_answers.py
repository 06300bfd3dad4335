"""How what Google says, or refuses to say, becomes a Failure, and which refusals of single operations are final."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.api_core.exceptions import from_grpc_error
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError
from hypothesis import example, given
from hypothesis import strategies as st

from infra.local.ads.gaql import Condition, parse
from services.uploader.destination import Refused
from services.uploader.destinations.google_ads import GoogleAds
from services.uploader.filling import unless_passing
from shared.clock import SystemClock
from shared.model.codec import DocumentError, decode, encode
from shared.model.run import Target
from shared.model.state import Job
from shared.names import is_job
from shared.verdict import Failure, PauseAccount, Retry, Snooze, judge

TARGET = Target("1234567890", "buyers", "google_ads", "71", "CONTACT_INFO", "", "GRANTED", "GRANTED")


class Grant(Credentials):
    """A grant whose renewal is refused."""

    def __init__(self, error: RefreshError) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.error = error

    def refresh(self, request: Any) -> None:
        raise self.error


class Unreached:
    """No request may be made without a token."""

    def __getattr__(self, name: str) -> Any:
        return self._called

    def _called(self, **_: object) -> Any:
        raise AssertionError("a request was made without a token")


def answered(error: RefreshError) -> object:
    return GoogleAds(Unreached(), Unreached(), Grant(error), SystemClock()).run_job(
        TARGET, "customers/1/offlineUserDataJobs/2", 1.0
    )


def test_a_refused_grant_is_the_accounts_trouble_and_no_parts() -> None:
    failure = answered(RefreshError("invalid_grant", retryable=False))

    assert isinstance(failure, Failure)
    assert isinstance(judge(failure), PauseAccount)


def test_a_token_server_in_passing_trouble_is_asked_again_without_a_rest() -> None:
    failure = answered(RefreshError("try again", retryable=True))

    assert isinstance(failure, Failure)
    assert judge(failure) == Retry("transient", quiet=False)


@pytest.mark.parametrize("code", ["InternalError.TRANSIENT_ERROR", "DatabaseError.CONCURRENT_MODIFICATION"])
def test_a_passing_refusal_of_one_operation_is_the_whole_requests(code: str) -> None:
    refused = (Refused(0, "OfflineUserDataJobError.INVALID_SHA256_FORMAT"), Refused(4, code))

    assert unless_passing(refused) == Failure("", (code,))


def test_a_lasting_refusal_of_operations_is_theirs_alone() -> None:
    refused = (Refused(3, "OfflineUserDataJobError.INVALID_SHA256_FORMAT"),)

    assert unless_passing(refused) == refused
    assert unless_passing(()) == ()


def test_an_operation_that_is_too_large_by_itself_is_no_reason_to_cut_the_frame() -> None:
    refused = (Refused(3, "OfflineUserDataJobError.TOO_MANY_USER_IDENTIFIERS"),)

    assert unless_passing(refused) == refused


# What arrives unwrapped

FAILURE_KEY = "google.ads.googleads.v26.errors.googleadsfailure-bin"


class Ended(grpc.RpcError, grpc.Call):
    """A call as gRPC ends it, with what the client makes its exception from."""

    def __init__(self, status: str, trailing: Sequence[tuple[str, str | bytes]]) -> None:
        self.status, self.trailing = grpc.StatusCode[status], tuple(trailing)

    def code(self) -> grpc.StatusCode:
        return self.status

    def details(self) -> str:
        return "no words"

    def trailing_metadata(self) -> Any:
        return self.trailing

    def initial_metadata(self) -> Any:
        return ()

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> float:
        return 0.0

    def cancel(self) -> bool:
        return False

    def add_callback(self, callback: object) -> bool:
        return False


@dataclass
class Refusing:
    """A service whose every method ends as given."""

    error: Exception

    def __getattr__(self, name: str) -> Any:
        return self._called

    def _called(self, **_: object) -> Any:
        raise self.error


def unwrapped(status: str, *trailing: tuple[str, str | bytes]) -> object:
    service = Refusing(from_grpc_error(Ended(status, trailing)))
    return GoogleAds(service, service, Asked(), SystemClock()).run_job(
        TARGET, "customers/1/offlineUserDataJobs/2", 1.0
    )


def described(*errors: dict[str, Any]) -> tuple[str, bytes]:
    return FAILURE_KEY, GoogleAdsFailure.serialize(GoogleAdsFailure(errors=list(errors)))


def quota(value: str, seconds: int, nanos: int) -> dict[str, Any]:
    delay = {"seconds": seconds, "nanos": nanos}
    return {"error_code": {"quota_error": value}, "details": {"quota_error_details": {"retry_delay": delay}}}


def test_a_spent_quota_is_unwrapped_with_its_delay() -> None:
    trailing = described(quota("RESOURCE_TEMPORARILY_EXHAUSTED", 47, 500_000_000))

    failure = unwrapped("RESOURCE_EXHAUSTED", ("request-id", "r1"), trailing)

    assert failure == Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",), 47.5)
    assert judge(failure) == Snooze("quota_short", 47.5)


def test_of_several_delays_the_longest_counts() -> None:
    errors = quota("RESOURCE_TEMPORARILY_EXHAUSTED", 5, 0), quota("RESOURCE_EXHAUSTED", 7200, 0)

    failure = unwrapped("RESOURCE_EXHAUSTED", described(*errors))

    assert isinstance(failure, Failure)
    assert judge(failure) == Snooze("quota_day", 7200)


def test_an_internal_error_is_unwrapped_and_its_code_decides() -> None:
    failure = unwrapped("INTERNAL", described({"error_code": {"database_error": "CONCURRENT_MODIFICATION"}}))

    assert failure == Failure("INTERNAL", ("DatabaseError.CONCURRENT_MODIFICATION",))


def test_a_value_that_the_package_does_not_know_is_named_by_its_number() -> None:
    failure = unwrapped("INTERNAL", described({"error_code": {"internal_error": 99}}))

    assert failure == Failure("INTERNAL", ("InternalError.99",))


@pytest.mark.parametrize("status", ["INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "UNAUTHENTICATED"])
def test_an_answer_without_a_failure_has_its_status_alone(status: str) -> None:
    assert unwrapped(status, ("request-id", "r1")) == Failure(status)


# What is asked


class Asked(Credentials):
    """Both services at once: every request is kept and answered with nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = "a-token"
        self.queries: list[str] = []

    def refresh(self, request: Any) -> None:
        raise AssertionError("the token is good")

    def search(self, request: Any, **_: object) -> list[Any]:
        self.queries.append(request.query)
        return []


NUMBERS = st.integers(0, 2**63 - 1)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_question_about_a_job_names_this_job_and_no_other(account: int, job: int, external: int) -> None:
    asked = Asked()
    destination = GoogleAds(asked, asked, asked, SystemClock())
    name = f"customers/{account}/offlineUserDataJobs/{job}"

    destination.job_status(TARGET, name, 1.0)
    destination.find_job(TARGET, external, 1.0)

    conditions = [parse(query).conditions for query in asked.queries]
    assert conditions == [
        (Condition("offline_user_data_job.resource_name", (name,)),),
        (Condition("offline_user_data_job.external_id", (str(external),)),),
    ]


@example("customers/1/offlineUserDataJobs/2' OR offline_user_data_job.id > '0")
@given(st.text(min_size=1) | st.builds("customers/1/offlineUserDataJobs/2{}".format, st.text(min_size=1)))
def test_a_ledger_that_names_anything_but_a_job_is_not_read(name: str) -> None:
    """So that nothing else gets into a question."""
    document = encode(Job("filling", 0, 7, resource="customers/1/offlineUserDataJobs/2"))
    forged = {**json.loads(document), "resource": name}

    try:
        resource = decode(Job, json.dumps(forged).encode()).resource
    except DocumentError:
        return
    assert is_job(resource)


@given(st.text() | st.floats() | st.none() | st.booleans())
def test_an_external_id_is_a_number_or_the_ledger_is_not_read(value: Any) -> None:
    document = {**json.loads(encode(Job("filling", 0, 7))), "external_id": value}

    with pytest.raises(DocumentError):
        decode(Job, json.dumps(document).encode())
