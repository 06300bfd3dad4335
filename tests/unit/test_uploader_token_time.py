"""What a token costs comes off its request's time: when the request ends was settled before either."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

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


def asked(service: Service, cost: float) -> object:
    clock = Spent()
    credentials: Any = SlowGrant(clock, cost)
    return GoogleAds(service, service, credentials, clock).run_job(TARGET, "jobs/1", LIMIT)


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
