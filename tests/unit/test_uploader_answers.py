"""How what Google says, or refuses to say, becomes a Failure, and which refusals of single operations are final."""

from typing import Any

import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError

from services.uploader.destination import Refused
from services.uploader.destinations.google_ads import GoogleAds
from services.uploader.filling import unless_passing
from shared.model.run import Target
from shared.verdict import Failure, PauseAccount, Retry, judge

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
    return GoogleAds(Unreached(), Unreached(), Grant(error)).run_job(
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
