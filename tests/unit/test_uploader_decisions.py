"""What the uploader decides without asking anybody: what a job's state means, when to look again, what is missing, what is spent."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.load import load_topology
from services.uploader.delivery import RETRY_COUNT, read_delivery
from services.uploader.destination import JobPhase, JobStatus
from services.uploader.finish import missing_parts
from services.uploader.follow import is_lost, next_look, noted_missing, result_of
from services.uploader.handler import is_spent
from shared.errors import UnusableMessage
from shared.model.codec import encode
from shared.model.state import Job, Result
from shared.model.task import Task
from shared.model.topology import Follow
from shared.ops.enqueue import patience
from tests.support.documents import NOON, RUN, stored

JOB = Job("filling", 0, 1)
PACE = Follow(first_seconds=600, longest_seconds=1800)
LIMITS = load_topology().tasks


# A job's end


def test_a_success_is_told_with_its_match_rate() -> None:
    status = JobStatus(
        "customers/1/offlineUserDataJobs/2", "SUCCESS", "3", match_rate="MATCH_RANGE_91_TO_100"
    )

    assert result_of(status) == Result("SUCCESS", status.resource, "MATCH_RANGE_91_TO_100")


def test_a_failure_is_told_with_its_reason() -> None:
    status = JobStatus(
        "customers/1/offlineUserDataJobs/2", "FAILED", "3", failure="INSUFFICIENT_TRANSACTIONS"
    )

    assert result_of(status) == Result(
        "FAILED", status.resource, reason_code="job_failed", failure="INSUFFICIENT_TRANSACTIONS"
    )


@pytest.mark.parametrize("phase", ["PENDING", "RUNNING"])
def test_a_job_that_has_not_ended_has_no_result(phase: JobPhase) -> None:
    assert result_of(JobStatus("job", phase, "3")) is None


# Looking again


@given(st.integers(0, 10_000))
def test_looks_at_a_job_become_rarer_up_to_the_longest_wait(n: int) -> None:
    assert PACE.first_seconds <= next_look(n, PACE) <= next_look(n + 1, PACE) <= PACE.longest_seconds


def test_the_longest_wait_is_reached() -> None:
    assert [next_look(n, PACE) for n in range(4)] == [600, 900, 1350, 1800]


@given(st.integers(0, 10_000))
def test_a_waiting_task_asks_rarer_and_never_stops(n: int) -> None:
    assert 5 <= patience(n) <= patience(n + 1) <= 600


def test_a_waiting_task_asks_every_minute_in_the_first_hour() -> None:
    assert sum(patience(n) for n in range(61)) == pytest.approx(3600, rel=0.05)
    assert patience(61) == 600


# A job that is not found


def missed(*minutes: float) -> Job:
    """A job that was not found at these times."""
    job = JOB
    for minute in minutes:
        job = noted_missing(job, NOON + timedelta(minutes=minute))
    return job


@pytest.mark.parametrize(
    ("minutes", "lost"),
    [
        ((), False),
        ((0,), False),
        ((0, 10, 20, 30, 59), False),
        ((0, 10, 20, 60), False),
        ((0, 10, 20, 30, 60), True),
        ((0, 10, 20, 30, 40, 50, 61), True),
    ],
)
def test_a_job_is_lost_when_it_was_missed_several_times_over_an_hour(
    minutes: tuple[float, ...], lost: bool
) -> None:
    assert is_lost(missed(*minutes), NOON + timedelta(minutes=max(minutes, default=0))) == lost


# What is missing of a stage


def receipt(status: str, k: int = 0) -> Mapping[str, str]:
    return {"status": status, "k": str(k)}


@pytest.mark.parametrize(
    ("receipts", "k", "missing"),
    [
        ([], 0, 3),
        ([receipt("taken"), receipt("taken")], 0, 1),
        ([receipt("taken"), receipt("taken"), receipt("failed")], 0, 0),
        ([receipt("taken", 1), receipt("taken", 1), receipt("failed", 0)], 1, 0),
        # what another job took is not in this one
        ([receipt("taken", 0), receipt("taken", 1), receipt("taken", 1)], 1, 1),
    ],
)
def test_a_part_is_there_when_it_failed_or_when_this_very_job_took_it(
    receipts: list[Mapping[str, str]], k: int, missing: int
) -> None:
    assert missing_parts(3, receipts, stored(Job("filling", k, 1))) == missing


def test_without_a_job_only_failed_parts_are_there() -> None:
    assert missing_parts(2, [receipt("failed"), receipt("failed")], None) == 0


# Giving up


@given(st.integers(0, 100), st.floats(0, 1e6))
def test_a_task_is_spent_when_attempts_and_time_both_are(attempts: int, age: float) -> None:
    assert is_spent(attempts, age, LIMITS) == (
        attempts >= LIMITS.max_attempts and age >= LIMITS.max_retry_duration_seconds
    )


# A dispatch


TASK = Task(RUN.segment, 1, "upload", 1, 2, 0, 3, 4, NOON)


def test_a_dispatch_is_the_task_and_its_earlier_dispatches() -> None:
    assert read_delivery(encode(TASK), {RETRY_COUNT: "7"}) == (TASK, 7)
    assert read_delivery(encode(TASK), {}) == (TASK, 0)


@pytest.mark.parametrize("count", ["", "-1", "1.5", "x", "٣"])
def test_a_count_that_is_none_is_not_cloud_tasks(count: str) -> None:
    with pytest.raises(UnusableMessage):
        read_delivery(encode(TASK), {RETRY_COUNT: count})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"schema_version":1', b'"schema_version":2'),
        (b'"kind":"upload"', b'"kind":"download"'),
        (b'"part":2', b'"part":"2"'),
        (b'"n":3', b'"m":3'),
        (RUN.segment.encode(), b"../../config"),
    ],
)
def test_a_body_that_is_no_task_is_unusable(old: bytes, new: bytes) -> None:
    body = encode(TASK)
    assert old in body

    with pytest.raises(UnusableMessage):
        read_delivery(body.replace(old, new), {})


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body: bytes) -> None:
    with pytest.raises(UnusableMessage):
        read_delivery(body, {})


@given(st.dictionaries(st.text(), st.text()))
def test_no_headers_break_it(headers: dict[str, Any]) -> None:
    assert read_delivery(encode(TASK), headers)[0] == TASK
