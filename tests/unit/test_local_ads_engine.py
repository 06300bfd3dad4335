"""The fake Google Ads on a virtual clock: the life of jobs, who becomes a member, which requests overlap."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.ads.engine import AdsEngine
from infra.local.ads.jobs import Consent, Job, NewJob, Status, UserList
from infra.local.ads.operations import Batch
from infra.local.ads.problems import Refused
from infra.local.ads.timing import Timing
from infra.local.ads.traffic import AccountTraffic, Traffic

CUSTOMER = "1234567890"
DAY = 86_400.0
TIMING = Timing(base_seconds=2, seconds_per_1000=1.5, job_seconds=600)


@dataclass
class VirtualTime:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def engine(time: VirtualTime) -> AdsEngine:
    return ads(time)


def ads(time: VirtualTime) -> AdsEngine:
    engine = AdsEngine(time, TIMING)
    engine.declare(CUSTOMER, [UserList(number, f"list {number}", "CONTACT_INFO") for number in (1, 2)])
    return engine


def batch(*digests: int, kind: str = "create", removes_all: bool = False) -> Batch:
    return Batch(kind, len(digests), removes_all, array("Q", digests))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.problems[0].error


def finish(engine: AdsEngine, time: VirtualTime, job: Job, *batches: Batch) -> None:
    for each in batches:
        engine.add(job, each)
    engine.run(job)
    time.now += TIMING.job_seconds


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0, "PENDING"), (59, "PENDING"), (60, "RUNNING"), (599, "RUNNING"), (600, "SUCCESS"), (DAY, "SUCCESS")],
)
def test_a_started_job_is_pending_then_running_then_a_success(
    engine: AdsEngine, time: VirtualTime, seconds: float, status: str
) -> None:
    job = engine.create(NewJob(CUSTOMER, 1))
    engine.run(job)

    time.now += seconds

    assert engine.status(job) == status


def test_people_are_members_from_the_end_of_their_job(engine: AdsEngine, time: VirtualTime) -> None:
    job = engine.create(NewJob(CUSTOMER, 1))
    engine.add(job, batch(3, 1))
    engine.run(job)

    time.now += 599.9
    assert list(engine.members(CUSTOMER, 1)) == []
    time.now += 0.2
    assert list(engine.members(CUSTOMER, 1)) == [1, 3]


def test_a_job_that_only_removes_all_empties_its_audience(engine: AdsEngine, time: VirtualTime) -> None:
    finish(engine, time, engine.create(NewJob(CUSTOMER, 1)), batch(1, 2))

    finish(engine, time, engine.create(NewJob(CUSTOMER, 1)), batch(kind="", removes_all=True))

    assert list(engine.members(CUSTOMER, 1)) == []


def test_a_finished_job_takes_effect_once(engine: AdsEngine, time: VirtualTime) -> None:
    joining = engine.create(NewJob(CUSTOMER, 1))
    finish(engine, time, joining, batch(1))
    finish(engine, time, engine.create(NewJob(CUSTOMER, 1)), batch(1, kind="remove"))

    assert list(engine.members(CUSTOMER, 1)) == []
    assert not joining.waiting


def test_a_job_whose_consent_is_denied_fails_without_effect(engine: AdsEngine, time: VirtualTime) -> None:
    job = engine.create(NewJob(CUSTOMER, 1, consent=Consent(ad_personalization="DENIED")))

    finish(engine, time, job, batch(1))

    assert engine.status(job) is Status.FAILED
    assert list(engine.members(CUSTOMER, 1)) == []


@given(
    jobs=st.lists(
        st.tuples(
            st.sampled_from(["create", "remove", "all"]), st.sets(st.integers(0, 2**64 - 1), max_size=5)
        )
    )
)
def test_the_members_are_what_the_jobs_say_one_after_the_other(jobs: list[tuple[str, set[int]]]) -> None:
    time = VirtualTime()
    engine, expected = ads(time), set[int]()
    for word, people in jobs:
        kind = "remove" if word == "remove" else "create"
        finish(
            engine,
            time,
            engine.create(NewJob(CUSTOMER, 1)),
            batch(*people, kind=kind, removes_all=word == "all"),
        )
        expected = expected - people if word == "remove" else (set() if word == "all" else expected) | people

    assert list(engine.members(CUSTOMER, 1)) == sorted(expected)


def test_jobs_on_one_audience_wait_for_each_other(engine: AdsEngine, time: VirtualTime) -> None:
    first, second, elsewhere = (engine.create(NewJob(CUSTOMER, number)) for number in (1, 1, 2))
    engine.run(first)

    assert refused(lambda: engine.run(second)) == "DatabaseError.CONCURRENT_MODIFICATION"
    engine.run(elsewhere)
    time.now += TIMING.job_seconds
    engine.run(second)


def test_a_job_that_nobody_runs_for_five_days_is_gone(engine: AdsEngine, time: VirtualTime) -> None:
    job = engine.create(NewJob(CUSTOMER, 1, external_id=5))

    time.now += 5 * DAY - 1
    assert engine.job(CUSTOMER, job.id) is job
    time.now += 1
    assert refused(lambda: engine.job(CUSTOMER, job.id)) == "RequestError.RESOURCE_NOT_FOUND"
    assert engine.create(NewJob(CUSTOMER, 1, external_id=5)).id != job.id


def test_a_job_that_was_run_stays_known(engine: AdsEngine, time: VirtualTime) -> None:
    job = engine.create(NewJob(CUSTOMER, 1, external_id=5))
    finish(engine, time, job)

    time.now += 30 * DAY

    assert engine.job(CUSTOMER, job.id) is job
    assert refused(lambda: engine.create(NewJob(CUSTOMER, 1, external_id=5))).endswith("ALREADY_EXISTS")


def test_declaring_an_audience_again_keeps_its_members(engine: AdsEngine, time: VirtualTime) -> None:
    finish(engine, time, engine.create(NewJob(CUSTOMER, 1)), batch(1))

    engine.declare(CUSTOMER, [UserList(1, "again", "CONTACT_INFO")])

    assert list(engine.members(CUSTOMER, 1)) == [1]


def test_an_upload_key_type_that_does_not_exist_is_refused(engine: AdsEngine) -> None:
    with pytest.raises(ValueError, match="upload_key_type"):
        engine.declare(CUSTOMER, [UserList(3, "odd", "SHOE_SIZE")])


def test_a_request_takes_its_base_and_a_share_for_each_identifier() -> None:
    assert TIMING.request_seconds(0) == 2
    assert TIMING.request_seconds(10_000) == 17


# Traffic


def test_requests_after_each_other_spoil_nothing(time: VirtualTime) -> None:
    traffic = Traffic(time)
    for _ in range(3):
        with traffic.passage(CUSTOMER, adding=True) as passage:
            time.now += 1
        assert not passage.spoilt

    assert traffic.account(CUSTOMER).max_in_flight == 1


def test_requests_that_overlap_spoil_each_other_and_nobody_else(time: VirtualTime) -> None:
    traffic = Traffic(time)
    with (
        traffic.passage("0000000001", adding=False) as elsewhere,
        traffic.passage(CUSTOMER, adding=False) as first,
        traffic.passage(CUSTOMER, adding=False) as second,
    ):
        pass
    assert (first.spoilt, second.spoilt, elsewhere.spoilt) == (True, True, False)
    with traffic.passage(CUSTOMER, adding=False) as later:
        pass

    assert not later.spoilt
    assert traffic.account(CUSTOMER).max_in_flight == 2


def test_the_busy_ratio_is_the_share_between_the_first_and_the_last_add(time: VirtualTime) -> None:
    traffic = Traffic(time)

    def request(seconds: float, *, adding: bool) -> None:
        with traffic.passage(CUSTOMER, adding=adding):
            time.now += seconds
        time.now += 5  # idle

    request(100, adding=False)
    request(10, adding=True)
    request(20, adding=False)
    request(10, adding=True)
    request(100, adding=False)

    assert traffic.account(CUSTOMER).busy_ratio() == pytest.approx(40 / 50)


def test_an_account_without_adds_is_not_busy() -> None:
    assert AccountTraffic().busy_ratio() == 0.0
