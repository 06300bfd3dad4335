"""What a refused call says in its trailing metadata: read where it can be read, and never a reason to break."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.ads.googleads.errors import GoogleAdsException
from google.api_core.grpc_helpers import wrap_errors
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import example, given
from hypothesis import strategies as st

from services.uploader.destinations.api import api
from services.uploader.destinations.calling import Calling
from services.uploader.destinations.client import Connection
from services.uploader.destinations.failures import failure_of
from shared.verdict import Failure, PauseAccount, Retry, Snooze, judge
from tests.support.documents import TARGET
from tests.support.recording import StandingClock

VERSION = api("v26")
DETAILS, AFTER = "grpc-status-details-bin", "retry-after"
WORDS = "no words"
Metadata = tuple[str, str | bytes]


class Granted(Credentials):
    """A token that is always good."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = "a-token"

    def refresh(self, request: object) -> None:
        raise AssertionError("the token is good")


class Ended(grpc.RpcError, grpc.Call):
    """A call as gRPC ends it."""

    def __init__(self, status: str, trailing: Sequence[Metadata]) -> None:
        self.status, self.trailing = grpc.StatusCode[status], tuple(trailing)

    def code(self) -> grpc.StatusCode:
        return self.status

    def details(self) -> str:
        return WORDS

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


@dataclass(frozen=True)
class Refusing:
    """A connection whose service ends every call as given."""

    call: Callable[..., Any]

    def of(self, credential: str) -> Connection:
        return Connection(lambda _: self, Granted())

    def search(self, **given: Any) -> Any:
        return self.call(**given)


def answered(call: Callable[..., Any]) -> Failure:
    calling = Calling(VERSION, Refusing(call), StandingClock())
    failure = calling.answer(TARGET, 1.0, lambda ask: ask("GoogleAdsService", "search", "request"))
    assert isinstance(failure, Failure)
    return failure


def ending(error: Exception) -> Callable[..., Any]:
    def call(**_: object) -> None:
        raise error

    return call


def unwrapped(status: str, *trailing: Metadata) -> Failure:
    """As INTERNAL and RESOURCE_EXHAUSTED arrive, and what holds no failure."""
    return answered(wrap_errors(ending(Ended(status, trailing))))


def wrapped(status: str, *trailing: Metadata) -> Failure:
    """As everything else arrives that holds a failure."""
    call = Ended(status, trailing)
    return answered(wrap_errors(ending(GoogleAdsException(call, call, None, "r1"))))  # type: ignore[arg-type]


def bare(status: str, *trailing: Metadata) -> Failure:
    """As gRPC itself ends a call."""
    return answered(ending(Ended(status, trailing)))


EVERY_WAY = pytest.mark.parametrize("arrives", [unwrapped, wrapped, bare])


def described(**error: Any) -> Metadata:
    return VERSION.failure_key, VERSION.failure.serialize(VERSION.failure(errors=[error]))


def retry_info(seconds: int, nanos: int = 0) -> Metadata:
    detail = Packed()
    detail.Pack(RetryInfo(retry_delay=Duration(seconds=seconds, nanos=nanos)))
    return DETAILS, Status(
        code=8, details=[Packed(type_url="x/google.rpc.Other"), detail]
    ).SerializeToString()


BINARY = st.sampled_from([VERSION.failure_key, DETAILS])
QUOTA = {"error_code": {"quota_error": "RESOURCE_TEMPORARILY_EXHAUSTED"}}
DELAYED = {**QUOTA, "details": {"quota_error_details": {"retry_delay": {"seconds": 47}}}}


@EVERY_WAY
def test_a_failure_is_read_however_it_arrives(arrives: Any) -> None:
    assert arrives("RESOURCE_EXHAUSTED", described(**DELAYED)) == Failure(
        "RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",), 47.0
    )


@EVERY_WAY
def test_a_delay_of_the_status_counts_where_the_quota_names_none(arrives: Any) -> None:
    failure = arrives("RESOURCE_EXHAUSTED", described(**QUOTA), retry_info(12, 500_000_000), (AFTER, "99"))

    assert failure.retry_delay == 12.5
    assert judge(failure) == Snooze("quota_short", 12.5)


def test_a_quotas_own_delay_goes_before_every_other() -> None:
    assert (
        unwrapped("RESOURCE_EXHAUSTED", retry_info(12), (AFTER, "99"), described(**DELAYED)).retry_delay == 47
    )


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("86400", 86400.0)])
def test_a_retry_after_in_seconds_counts_where_nothing_else_is_named(said: str, seconds: float) -> None:
    assert bare("RESOURCE_EXHAUSTED", (AFTER, said)) == Failure("RESOURCE_EXHAUSTED", (), seconds)


@pytest.mark.parametrize(
    "said", ["", "-7", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT", "٣", "nan", "9" * 40, b"7"]
)
def test_a_retry_after_in_no_seconds_is_none(said: str | bytes) -> None:
    assert bare("RESOURCE_EXHAUSTED", (AFTER, said)) == Failure("RESOURCE_EXHAUSTED")


@EVERY_WAY
@pytest.mark.parametrize("key", [VERSION.failure_key, DETAILS])
def test_bytes_that_are_garbled_leave_the_status_alone(arrives: Any, key: str) -> None:
    assert arrives("INTERNAL", (key, b"\xff\xff\xff")) == Failure("INTERNAL")


@example((VERSION.failure_key, b"\x0a\x02\x0a\x00"))
@given(st.tuples(BINARY, st.binary()) | st.tuples(st.just(AFTER), st.text()))
def test_whatever_comes_back_the_status_stands(told: Metadata) -> None:
    for arrives in (unwrapped, wrapped, bare):
        assert arrives("RESOURCE_EXHAUSTED", told).status == "RESOURCE_EXHAUSTED"


def test_details_that_contradict_their_status_leave_it_alone() -> None:
    trailing = (DETAILS, Status(code=5, message="other words").SerializeToString())

    assert unwrapped("INTERNAL", trailing) == Failure("INTERNAL")


def test_a_defect_of_ours_is_no_answer_of_googles() -> None:
    with pytest.raises(ValueError, match="a defect"):
        answered(wrap_errors(ending(ValueError("a defect"))))


def test_the_failure_of_another_version_is_not_read() -> None:
    assert bare("INVALID_ARGUMENT", (api("v24").failure_key, described(**QUOTA)[1])) == Failure(
        "INVALID_ARGUMENT"
    )


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (RefreshError("invalid_grant", retryable=False), PauseAccount("grant_refused")),
        (DefaultCredentialsError("there are none"), PauseAccount("grant_refused")),
        (RefreshError("try again", retryable=True), Retry("transient")),
        (TransportError("no route"), Retry("transient")),
    ],
)
def test_default_credentials_in_trouble_are_judged_by_who_can_mend_it(
    error: GoogleAuthError, verdict: object
) -> None:
    assert judge(failure_of(error, VERSION)) == verdict


def test_a_metadata_server_out_of_reach_is_passing_although_it_is_wrapped() -> None:
    error = RefreshError("no metadata")
    error.__cause__ = TransportError("no route")

    assert judge(failure_of(error, VERSION)) == Retry("transient")
