"""What comes between the last look at the lease and a request comes off the request's time: when it must end was settled before."""

from dataclasses import dataclass, field
from typing import Any

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsResponse,
)
from hypothesis import given
from hypothesis import strategies as st

from services.uploader.destinations.api import api
from services.uploader.destinations.calling import Calling
from services.uploader.destinations.client import Connection
from services.uploader.destinations.google_ads import GoogleAds
from shared.model.run import Target
from shared.ports import Readings
from shared.verdict import Failure, Retry, judge
from tests.support.recording import StandingClock

TARGET = Target("1234567890", "buyers", "google_ads", "71", "CONTACT_INFO", "", "GRANTED", "GRANTED")
LIMIT = 300.0


@dataclass
class Spent(StandingClock):
    """A clock that stands but for what is added."""

    seconds: float = 0.0

    def readings(self) -> Readings:
        return Readings(0.0, self.seconds, 0.0)


@dataclass
class SlowGrant:
    """Credentials whose token takes its time."""

    clock: Spent
    cost: float
    valid: bool = False

    def refresh(self, request: object) -> None:
        self.clock.seconds += self.cost
        self.valid = True


@dataclass
class Service:
    """Keeps the time limits of the requests that it gets."""

    limits: list[float] = field(default_factory=list)

    def run_offline_user_data_job(self, timeout: float, **_: object) -> None:
        self.limits.append(timeout)


@dataclass
class Sleepy(Service):
    """Whoever has made a request for it stands still before the call."""

    clock: Spent = field(default_factory=Spent)
    stands: float = 0.0

    @property
    def add_offline_user_data_job_operations(self) -> Any:
        self.clock.seconds += self.stands
        return self._add

    def _add(self, timeout: float, **_: object) -> AddOfflineUserDataJobOperationsResponse:
        self.limits.append(timeout)
        return AddOfflineUserDataJobOperationsResponse()


def asked(service: Service, cost: float) -> object:
    clock = Spent()
    return adapter(service, SlowGrant(clock, cost), clock).run_job(TARGET, "jobs/1", LIMIT)


def added(service: Sleepy) -> object:
    granted = SlowGrant(service.clock, 0, valid=True)
    return adapter(service, granted, service.clock).add(TARGET, "jobs/1", b"", LIMIT)


def adapter(service: Service, credentials: Any, clock: Spent) -> GoogleAds:
    return GoogleAds(Calling(api("v26"), Single(Connection(lambda _: service, credentials)), clock))


@dataclass(frozen=True)
class Single:
    """The same connection for every account."""

    connection: Connection

    def of(self, _: str) -> Connection:
        return self.connection


@given(st.floats(0, LIMIT, exclude_max=True))
def test_a_request_and_its_token_share_one_limit(cost: float) -> None:
    service = Service()

    assert asked(service, cost) == "started"

    assert service.limits == [LIMIT - cost]


@given(st.floats(LIMIT, 1e6))
def test_no_request_follows_a_token_that_took_all_the_time(cost: float) -> None:
    service = Service()

    answer = asked(service, cost)

    assert isinstance(answer, Failure)
    assert isinstance(judge(answer), Retry)
    assert service.limits == []


@given(st.floats(0, LIMIT, exclude_max=True))
def test_a_request_that_was_long_in_the_making_has_what_is_left(stands: float) -> None:
    service = Sleepy(stands=stands)

    assert added(service) == ()

    assert service.limits == [LIMIT - stands]


@given(st.floats(LIMIT, 1e6))
def test_who_stood_still_for_all_the_time_between_making_a_request_and_the_call_makes_none(
    stands: float,
) -> None:
    service = Sleepy(stands=stands)

    answer = added(service)

    assert isinstance(answer, Failure)
    assert isinstance(judge(answer), Retry)
    assert service.limits == []
