"""What an answer with a partial failure says of each operation: exactly that, or that it cannot be told; never a wrong one."""

from dataclasses import dataclass
from typing import Any

import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsError, GoogleAdsFailure
from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsResponse,
)
from google.auth.credentials import Credentials
from google.rpc import status_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.uploader.destination import Refused
from services.uploader.destinations.api import api
from services.uploader.destinations.calling import Calling
from services.uploader.destinations.client import Connection
from services.uploader.destinations.google_ads import GoogleAds
from services.uploader.destinations.partial_failures import UNREADABLE, refusals
from shared.verdict import FailPart, FailRecord, Failure, PauseAccount, Retry, Snooze, judge
from shared.wire.google_ads import operation, third_party_user_id
from tests.support.documents import TARGET
from tests.support.recording import StandingClock

FAILURE = GoogleAdsFailure.pb()
HASH, COUNTRY = (
    "OfflineUserDataJobError.INVALID_SHA256_FORMAT",
    "OfflineUserDataJobError.INVALID_COUNTRY_CODE",
)
INVALID_ARGUMENT = 3


def error(code: str, *path: tuple[str, int | None], seconds: int = 0) -> Any:
    """Like HASH; "" for an error without a code."""
    made = GoogleAdsError.pb()()
    if code:
        enum, _, value = code.partition(".")
        (field,) = (each for each in made.error_code.DESCRIPTOR.fields if each.enum_type.name == enum)
        setattr(made.error_code, field.name, field.enum_type.values_by_name[value].number)
    for name, index in path:
        made.location.field_path_elements.add(field_name=name, index=index)
    if seconds:
        made.details.quota_error_details.retry_delay.seconds = seconds
    return made


def at(index: int, code: str = HASH) -> Any:
    return error(code, ("operations", index), ("create", None), ("user_identifiers", 0))


def partial(*errors: Any, code: int = INVALID_ARGUMENT) -> Any:
    status = status_pb2.Status(code=code)
    status.details.add().Pack(FAILURE(errors=errors))
    return status


def read(status: Any) -> tuple[Refused, ...] | Failure:
    """Of a request of ten operations."""
    return refusals(status, 10, GoogleAdsFailure)


# What is told


def test_an_answer_without_a_partial_failure_refuses_nobody() -> None:
    assert read(status_pb2.Status()) == ()


def test_each_operation_that_was_not_taken_is_named_in_their_order() -> None:
    assert read(partial(at(7, COUNTRY), at(2))) == (Refused(2, HASH), Refused(7, COUNTRY))


def test_an_operation_with_several_errors_is_refused_once_for_the_first() -> None:
    assert read(partial(at(2, COUNTRY), at(2), at(2, COUNTRY))) == (Refused(2, COUNTRY),)


def test_an_operation_that_is_refused_without_a_code_is_refused() -> None:
    assert read(partial(at(2, ""))) == (Refused(2, "UnknownError"),)


def test_several_details_are_one_list() -> None:
    status = partial(at(2))
    status.details.extend(partial(at(3)).details)

    assert read(status) == (Refused(2, HASH), Refused(3, HASH))


# What is about the request


@pytest.mark.parametrize(
    "path", [(), (("operations", None),), (("resource_name", None),), (("mutate_operations", 3),)]
)
def test_an_error_that_names_no_operation_is_the_requests_and_blames_no_record(path: Any) -> None:
    code = "OfflineUserDataJobError.INVALID_USER_LIST_ID"

    answer = read(partial(at(4), error(code, *path)))

    assert answer == Failure("INVALID_ARGUMENT", (code,))
    assert judge(answer) == FailPart("audience_gone")


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (HASH, FailRecord("record_refused")),
        ("DatabaseError.CONCURRENT_MODIFICATION", Retry("concurrent_modification", quiet=True)),
        ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED", Snooze("quota_short", 47)),
        (
            "NotAllowlistedError.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
            PauseAccount("not_allowlisted"),
        ),
    ],
)
def test_it_is_judged_like_any_other(code: str, verdict: Any) -> None:
    answer = read(partial(error(code, seconds=47)))

    assert isinstance(answer, Failure)
    assert judge(answer) == verdict


# What cannot be read


def _of(type_url: str, value: bytes, code: int = INVALID_ARGUMENT) -> Any:
    status = status_pb2.Status(code=code)
    status.details.add(type_url=f"type.googleapis.com/{type_url}", value=value)
    return status


FULL_NAME = "google.ads.googleads.v26.errors.GoogleAdsFailure"
GARBLED = {
    "no details": status_pb2.Status(code=INVALID_ARGUMENT, message="Multiple errors"),
    "details of something else": _of("google.rpc.RetryInfo", b""),
    "bytes that are no message": _of(FULL_NAME, b"\xff\xff\xff"),
    "a message that was cut off": _of(FULL_NAME, partial(at(2)).details[0].value[:-1]),
    "no error": partial(),
    "no error, and no code either": partial(code=0),
    "an error without code and path": partial(error("")),
    "an operation that was not sent": partial(at(2), at(10)),
    "an operation before the first": partial(at(2), at(-1)),
    "a status that there is not": status_pb2.Status(code=99),
}


@pytest.mark.parametrize("name", GARBLED)
def test_a_partial_failure_that_cannot_be_read_is_no_success_and_is_sent_again_after_silence(
    name: str,
) -> None:
    answer = read(GARBLED[name])

    assert answer == UNREADABLE
    assert isinstance(answer, Failure)
    assert judge(answer) == Retry("ambiguous", quiet=True)


def test_of_two_details_neither_is_believed_when_one_cannot_be_read() -> None:
    status = partial(at(2))
    status.details.extend(_of(FULL_NAME, b"\xff").details)

    assert read(status) == UNREADABLE


def serialised(errors: list[Any]) -> bytes:
    return bytes(FAILURE(errors=errors).SerializeToString())


DETAILS = st.binary(max_size=60) | st.builds(
    lambda body, cut, junk: body[: len(body) - cut] + junk,
    st.lists(st.integers(-2, 12).map(at), max_size=3).map(serialised),
    st.integers(0, 20),
    st.binary(max_size=4),
)


@given(
    st.integers(-1, 20), st.lists(st.tuples(st.sampled_from([FULL_NAME, "a.b.C", ""]), DETAILS), max_size=3)
)
def test_no_answer_breaks_it_and_none_with_a_failure_is_a_success(
    code: int, details: list[tuple[str, bytes]]
) -> None:
    status = status_pb2.Status(code=code)
    for name, value in details:
        status.details.add(type_url=f"type.googleapis.com/{name}", value=value)

    answer = read(status)

    if isinstance(answer, Failure):
        judge(answer)
        return
    assert bool(answer) == bool(code or details)
    assert all(0 <= one.index < 10 for one in answer)
    assert len({one.index for one in answer}) == len(answer)


# Through the client's own message


class Granted(Credentials):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = "a-token"

    def refresh(self, request: Any) -> None:
        raise AssertionError("the token is good")


class Answering:
    """The service, whose answer to the operations is the given one."""

    def __init__(self, status: Any) -> None:
        self.status = status

    def add_offline_user_data_job_operations(self, **_: object) -> Any:
        answer = AddOfflineUserDataJobOperationsResponse.pb(AddOfflineUserDataJobOperationsResponse())
        answer.partial_failure_error.CopyFrom(self.status)
        return answer


@dataclass(frozen=True)
class Connected:
    service: Answering

    def of(self, _: str) -> Connection:
        return Connection(lambda _: self.service, Granted())


FRAME = b"".join(operation("create", [third_party_user_id(str(person))]) for person in range(3))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (status_pb2.Status(), ()),
        (partial(at(0), at(2)), (Refused(0, HASH), Refused(2, HASH))),
        (partial(at(3)), UNREADABLE),
        (partial(error(HASH)), Failure("INVALID_ARGUMENT", (HASH,))),
    ],
)
def test_an_index_counts_the_operations_of_the_very_request(status: Any, expected: Any) -> None:
    calling = Calling(api("v26"), Connected(Answering(status)), StandingClock())

    answer = GoogleAds(calling).add(TARGET, "customers/1/offlineUserDataJobs/2", FRAME, 1.0)

    assert answer == expected
