"""The local Cloud Scheduler: a call every so often, whatever became of the one before."""

from math import inf

from infra.local.scheduler import Job, Schedule

SWEEP = Job("sweep", "http://127.0.0.1:1/sweep", "http://127.0.0.1:1/", "caller@example.com", 600.0)


def names(schedule: Schedule, now: float) -> list[str]:
    return [job.name for job in schedule.take(now)]


def test_the_first_call_comes_after_one_period_and_then_one_each_period() -> None:
    schedule = Schedule()
    schedule.set(SWEEP, 1000.0)

    assert schedule.next_due() == 1600.0
    assert names(schedule, 1599.0) == []
    assert names(schedule, 1600.0) == ["sweep"]
    assert (names(schedule, 1601.0), schedule.next_due()) == ([], 2200.0)


def test_time_that_was_slept_through_is_made_up_for_once() -> None:
    schedule = Schedule()
    schedule.set(SWEEP, 0.0)

    assert names(schedule, 10_000.0) == ["sweep"]
    assert names(schedule, 10_001.0) == []


def test_a_job_that_is_set_again_takes_the_place_of_the_old_one() -> None:
    schedule = Schedule()
    schedule.set(SWEEP, 0.0)
    schedule.set(Job("sweep", "http://127.0.0.1:2/sweep", "a", "b", 60.0), 100.0)

    assert [job.url for job in schedule.take(160.0)] == ["http://127.0.0.1:2/sweep"]
    assert len(schedule.jobs) == 1


def test_without_jobs_nothing_is_due() -> None:
    assert Schedule().next_due() == inf
