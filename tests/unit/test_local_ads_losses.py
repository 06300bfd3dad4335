"""What the fake Google Ads makes of a request whose identifiers were lost on the way, and who stays lost."""

from array import array
from typing import Any

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)
from hypothesis import given
from hypothesis import strategies as st

from infra.local.ads.losses import Loss, Losses, garble
from infra.local.ads.operations import JobSoFar, check

REQUEST = AddOfflineUserDataJobOperationsRequest.pb()
CRM_ID = "CRM_ID"


def request(*numbers: int) -> Any:
    people = [{"create": {"user_identifiers": [{"third_party_user_id": str(each)}]}} for each in numbers]
    return REQUEST(operations=people)


def digests(*numbers: int) -> list[int]:
    return check(request(*numbers).operations, CRM_ID, JobSoFar()).digests.tolist()


def lost(*losses: Loss) -> list[int]:
    found = Losses()
    for each in losses:
        found.note(each)
    return sorted(found.digests())


def test_every_so_manyth_operation_is_refused_and_the_others_are_taken() -> None:
    sent = request(*range(7))

    loss = garble(sent, 3)

    batch = check(sent.operations, CRM_ID, JobSoFar())
    assert [problem.path[0] for problem in batch.problems] == [("operations", place) for place in (0, 3, 6)]
    assert {problem.error for problem in batch.problems} == {
        "OfflineUserDataJobError.MISSING_USER_IDENTIFIER"
    }
    assert batch.digests.tolist() == digests(1, 2, 4, 5)
    assert loss.digests.tolist() == digests(0, 3, 6)


def test_nobody_is_lost_where_nothing_is_garbled() -> None:
    sent = request(1, 2)

    assert not garble(sent, 0).digests
    assert sent == request(1, 2)


def test_an_operation_that_has_no_identifiers_is_left_as_it_is() -> None:
    sent = REQUEST(operations=[{"remove_all": True}, {}])

    assert not garble(sent, 1).digests
    assert sent == REQUEST(operations=[{"remove_all": True}, {}])


def test_who_could_not_have_been_taken_was_not_lost() -> None:
    nobody = REQUEST(operations=[{"create": {"user_identifiers": [{"hashed_email": "a@example.com"}]}}])

    assert not garble(nobody, 1).digests


def test_a_person_in_two_requests_is_lost_as_often_as_each_lost_him() -> None:
    assert lost(garble(request(1, 2), 2), garble(request(1, 3), 2)) == digests(1, 1)


def test_whoever_gets_through_when_the_request_is_made_again_was_not_lost() -> None:
    garbled, whole = garble(request(1, 2), 1), garble(request(1, 2), 0)

    assert lost(garbled, whole) == lost(whole, garbled) == []
    assert lost(garbled, garbled) == sorted(digests(1, 2))


@given(st.lists(st.tuples(st.integers(0, 2), st.frozensets(st.integers(0, 3))), max_size=8))
def test_a_request_has_lost_whom_it_lost_every_time(made: list[tuple[int, frozenset[int]]]) -> None:
    times: dict[int, list[frozenset[int]]] = {}
    for number, missing in made:
        times.setdefault(number, []).append(missing)

    losses = [Loss(bytes([number]), array("Q", sorted(missing))) for number, missing in made]

    assert lost(*losses) == sorted(
        each for missed in times.values() for each in frozenset.intersection(*missed)
    )
