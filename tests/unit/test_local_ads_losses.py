"""What the fake Google Ads makes of a request whose identifiers were lost on the way, also when it is made again."""

from typing import Any

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)
from hypothesis import given
from hypothesis import strategies as st

from infra.local.ads.losses import Garbling
from infra.local.ads.operations import JobSoFar, check

REQUEST = AddOfflineUserDataJobOperationsRequest.pb()
CRM_ID = "CRM_ID"


def request(*numbers: int) -> Any:
    people = [{"create": {"user_identifiers": [{"third_party_user_id": str(each)}]}} for each in numbers]
    return REQUEST(operations=people)


def digests(*numbers: int) -> list[int]:
    """Those that the fake knows these people by."""
    if not numbers:
        return []
    return check(request(*numbers).operations, CRM_ID, JobSoFar()).digests.tolist()


def garble(sent: Any, every: int) -> list[int]:
    return Garbling().garble(sent, every).digests.tolist()


def test_every_so_manyth_operation_is_refused_and_the_others_are_taken() -> None:
    sent = request(*range(7))

    lost = garble(sent, 3)

    batch = check(sent.operations, CRM_ID, JobSoFar())
    assert [problem.path[0] for problem in batch.problems] == [("operations", place) for place in (0, 3, 6)]
    assert {problem.error for problem in batch.problems} == {
        "OfflineUserDataJobError.MISSING_USER_IDENTIFIER"
    }
    assert batch.digests.tolist() == digests(1, 2, 4, 5)
    assert lost == digests(0, 3, 6)


def test_nobody_is_lost_where_nothing_is_garbled() -> None:
    sent = request(1, 2)

    assert garble(sent, 0) == []
    assert sent == request(1, 2)


def test_an_operation_that_has_no_identifiers_is_left_as_it_is() -> None:
    sent = REQUEST(operations=[{"remove_all": True}, {}])

    assert garble(sent, 1) == []
    assert sent == REQUEST(operations=[{"remove_all": True}, {}])


def test_who_could_not_have_been_taken_was_not_lost() -> None:
    nobody = REQUEST(operations=[{"create": {"user_identifiers": [{"hashed_email": "a@example.com"}]}}])

    assert garble(nobody, 1) == []


def test_requests_are_told_apart_by_what_they_ask_for() -> None:
    garbling = Garbling()

    losses = [garbling.garble(each, 1) for each in (request(1), request(2), request(1))]

    assert losses[0] == losses[2]
    assert losses[0].request != losses[1].request


@given(first=st.integers(0, 5), later=st.lists(st.integers(0, 5), max_size=4), people=st.integers(1, 9))
def test_a_request_that_is_made_again_loses_those_whom_it_lost_at_first(
    first: int, later: list[int], people: int
) -> None:
    garbling, numbers = Garbling(), range(people)

    lost = [garbling.garble(request(*numbers), every).digests.tolist() for every in (first, *later)]

    assert lost == [digests(*(numbers[::first] if first else ()))] * (1 + len(later))
