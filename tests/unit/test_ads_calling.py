"""One request under an account's credential: what it costs to be allowed to make it comes off its time."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError

from services.uploader.destinations.api import api
from services.uploader.destinations.calling import OUT_OF_TIME, Call, Calling
from services.uploader.destinations.client import Connection
from shared.ports import Readings
from shared.verdict import Failure, Retry, judge
from tests.support.documents import TARGET
from tests.support.recording import StandingClock


@dataclass
class Twice(StandingClock):
    """Simulated time that passes twice as fast as real time."""

    seconds: float = 0.0

    def readings(self) -> Readings:
        return Readings(self.seconds, self.seconds, self.seconds)

    def real(self, seconds: float) -> float:
        return seconds / 2


class Slow(Credentials):
    """A token whose renewal takes so many seconds of the clock."""

    def __init__(self, clock: Twice, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.clock, self.lasts, self.renewals = clock, seconds, 0

    def refresh(self, request: Any) -> None:
        self.renewals += 1
        self.clock.seconds += self.lasts
        self.token = f"token-{self.renewals}"


@dataclass
class Service:
    asked: list[dict[str, Any]] = field(default_factory=list)

    def search(self, **given: Any) -> str:
        self.asked.append(given)
        return "answered"


@dataclass
class World:
    lasts: float = 0.0
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock, self.service = Twice(), Service()
        self.credentials = Slow(self.clock, self.lasts)
        self.connection = Connection(lambda _: self.service, self.credentials)
        self.calling = Calling(api("v26"), self, self.clock)

    def of(self, credential: str) -> Connection:
        self.names.append(credential)
        return self.connection

    def search(self, seconds: float = 20.0, login: str = "", credential: str = "") -> object:
        target = replace(TARGET, login_customer_id=login, credential=credential)
        return self.calling.answer(
            target, seconds, lambda call: call("GoogleAdsService", "search", "request")
        )


def test_a_request_has_its_time_limit_and_no_retries_of_the_clients_own() -> None:
    world = World()

    assert world.search() == "answered"

    assert world.service.asked == [{"request": "request", "timeout": 20.0, "retry": None, "metadata": []}]


def test_a_manager_account_is_named_with_each_request() -> None:
    world = World()

    for login in ("1111111111", "", "2222222222"):
        world.search(login=login)

    sent = [asked["metadata"] for asked in world.service.asked]
    assert sent == [[("login-customer-id", "1111111111")], [], [("login-customer-id", "2222222222")]]


def test_each_account_is_asked_under_the_credential_that_it_names() -> None:
    world = World()

    for credential in ("fjordmat", ""):
        world.search(credential=credential)

    assert world.names == ["fjordmat", ""]


def test_what_a_token_takes_comes_off_the_requests_time() -> None:
    world = World(lasts=14.0)

    world.search(seconds=20.0)

    (asked,) = world.service.asked
    assert asked["timeout"] == 13.0


@pytest.mark.parametrize("lasts", [40.0, 41.0, 4000.0])
def test_a_token_that_took_all_the_time_leaves_none_for_the_request(lasts: float) -> None:
    world = World(lasts=lasts)

    assert world.search(seconds=20.0) == OUT_OF_TIME

    assert world.service.asked == []
    assert judge(OUT_OF_TIME) == Retry("transient")
    assert world.search() == "answered"


def test_a_renewal_costs_one_token_at_the_next_request() -> None:
    world = World()
    world.search()
    world.search()
    assert world.credentials.renewals == 1

    world.calling.renew(TARGET)

    world.search()
    assert world.credentials.renewals == 2


class NoneAtAll:
    """A deployment without default credentials."""

    def of(self, credential: str) -> Connection:
        raise DefaultCredentialsError("there are none")


def test_without_any_credentials_there_is_nothing_to_renew_and_nobody_is_asked() -> None:
    calling = Calling(api("v26"), NoneAtAll(), StandingClock())

    def ask(call: Call) -> str:
        raise AssertionError("no request may be made")

    calling.renew(TARGET)
    assert calling.answer(TARGET, 20.0, ask) == Failure(
        "UNAUTHENTICATED", ("CredentialError.DEFAULT_REFUSED",)
    )
