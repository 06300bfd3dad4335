"""What the fake Google Ads makes of a request whose identifiers were lost on the way."""

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)

from infra.local.ads.operations import JobSoFar, check, garble

REQUEST = AddOfflineUserDataJobOperationsRequest.pb()


def test_every_so_manyth_operation_is_refused_and_the_others_are_taken() -> None:
    people = [{"create": {"user_identifiers": [{"third_party_user_id": str(number)}]}} for number in range(7)]
    operations = REQUEST(operations=people).operations

    garble(operations, 3)

    batch = check(operations, "CRM_ID", JobSoFar())
    assert [problem.path[0] for problem in batch.problems] == [("operations", place) for place in (0, 3, 6)]
    assert {problem.error for problem in batch.problems} == {
        "OfflineUserDataJobError.MISSING_USER_IDENTIFIER"
    }
    assert len(batch.digests) == 4


def test_an_operation_that_has_no_identifiers_is_left_as_it_is() -> None:
    operations = REQUEST(operations=[{"remove_all": True}, {}]).operations

    garble(operations, 1)

    assert operations == REQUEST(operations=[{"remove_all": True}, {}]).operations
