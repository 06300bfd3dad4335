"""An account's credential: how long it is kept, when it is read again, and what becomes of one that is refused."""

import json
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import pytest
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from services.uploader.destinations.credentials import CredentialUnusable
from services.uploader.destinations.failures import passing
from services.uploader.destinations.grant import KEPT_SECONDS, Grant
from shared.errors import SecretDenied, SecretMissing, SluiceError, TransientError
from shared.ports import Readings
from tests.support.recording import StandingClock


@dataclass
class Passing(StandingClock):
    seconds: float = 0.0

    def readings(self) -> Readings:
        return Readings(self.seconds, self.seconds, self.seconds)


@dataclass
class Vault:
    """Secret Manager with one secret: its content, or the error that reading it meets."""

    holds: bytes | SluiceError
    asked: list[str] = field(default_factory=list)

    def access(self, name: str) -> bytes:
        self.asked.append(name)
        if isinstance(self.holds, SluiceError):
            raise self.holds
        return self.holds


@dataclass(frozen=True)
class Answer:
    status: int
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class TokenServer:
    """Gives tokens to the refresh tokens that it knows; `trouble` is met by everybody."""

    known: set[str]
    trouble: GoogleAuthError | None = None
    given: int = 0
    asked: int = 0

    def __call__(self, body: bytes = b"", **_: object) -> Answer:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        if not any(f"refresh_token={each}" in body.decode() for each in self.known):
            return Answer(400, b'{"error": "invalid_grant", "error_description": "Bad Request"}')
        self.given += 1
        return Answer(200, json.dumps({"access_token": f"token-{self.given}", "expires_in": 3600}).encode())


def stored(refresh_token: str) -> bytes:
    document = {
        "type": "authorized_user",
        "client_id": "c",
        "client_secret": "hush",
        "refresh_token": refresh_token,
    }
    return json.dumps(document).encode()


@dataclass
class World:
    vault: Vault
    server: TokenServer
    clock: Passing = field(default_factory=Passing)

    def __post_init__(self) -> None:
        self.grant = Grant("fjordmat", self.vault, self.clock)

    def token(self) -> str:
        """As it is come by before each request."""
        if not self.grant.valid:
            self.grant.refresh(self.server)
        return str(self.grant.token)


@pytest.fixture
def world() -> World:
    return World(Vault(stored("hush-1")), TokenServer({"hush-1"}))


def test_a_secret_and_a_token_are_come_by_once_for_many_requests(world: World) -> None:
    assert [world.token() for _ in range(3)] == ["token-1"] * 3

    assert world.vault.asked == ["sluice-credential-fjordmat"]
    assert world.server.asked == 1


def test_a_secret_is_looked_at_again_when_its_time_is_over_and_costs_no_token_when_it_is_the_same(
    world: World,
) -> None:
    world.token()
    world.clock.seconds = KEPT_SECONDS - 1
    world.token()
    assert len(world.vault.asked) == 1

    world.clock.seconds = KEPT_SECONDS

    assert world.token() == "token-1"
    assert (len(world.vault.asked), world.server.asked) == (2, 1)


def test_a_rotated_secret_is_in_use_when_its_time_is_over_though_the_old_token_would_do(world: World) -> None:
    world.token()
    world.vault.holds, world.server.known = stored("hush-2"), {"hush-2"}
    world.clock.seconds = KEPT_SECONDS

    assert world.token() == "token-2"


def test_a_refused_grant_is_replaced_at_once_by_what_was_stored_meanwhile(world: World) -> None:
    world.token()
    world.vault.holds, world.server.known = stored("hush-2"), {"hush-2"}
    world.grant.token = None

    assert world.token() == "token-2"
    assert (len(world.vault.asked), world.server.asked) == (2, 3)


def test_a_refused_grant_that_nobody_replaced_is_not_asked_for_twice(world: World) -> None:
    world.server.known = set()

    with pytest.raises(CredentialUnusable) as refused:
        world.token()

    assert refused.value.trouble == "REFUSED"
    assert (len(world.vault.asked), world.server.asked) == (2, 1)


def test_a_grant_whose_replacement_is_refused_too_is_refused(world: World) -> None:
    world.token()
    world.vault.holds, world.server.known = stored("hush-2"), set()
    world.grant.token = None

    with pytest.raises(CredentialUnusable) as refused:
        world.token()

    assert refused.value.trouble == "REFUSED"
    assert world.server.asked == 3


def test_a_refused_grant_whose_secret_is_out_of_reach_may_have_been_replaced(world: World) -> None:
    world.token()
    world.server.known = set()
    world.vault.holds = TransientError("nobody answers")
    world.grant.token = None

    with pytest.raises(TransientError):
        world.token()


@pytest.mark.parametrize("trouble", [TransportError("no route"), RefreshError("try again", retryable=True)])
def test_a_token_server_in_trouble_says_nothing_about_the_grant(
    world: World, trouble: GoogleAuthError
) -> None:
    world.server.trouble = trouble

    with pytest.raises(GoogleAuthError) as met:
        world.token()

    assert passing(met.value)
    assert len(world.vault.asked) == 1
    world.server.trouble = None
    assert world.token() == "token-1"


def test_a_secret_out_of_reach_is_no_trouble_once_it_was_read(world: World) -> None:
    world.token()
    world.vault.holds = TransientError("nobody answers")
    world.clock.seconds = KEPT_SECONDS

    assert [world.token(), world.token()] == ["token-1", "token-1"]

    assert len(world.vault.asked) == 2


def test_a_secret_out_of_reach_that_was_never_read_is_waited_for(world: World) -> None:
    world.vault.holds = TransientError("nobody answers")

    with pytest.raises(TransientError):
        world.token()


@pytest.mark.parametrize(
    ("holds", "trouble"),
    [(SecretMissing("gone"), "MISSING"), (SecretDenied("no"), "DENIED"), (b"hush", "MALFORMED")],
)
def test_a_secret_that_is_taken_away_ends_its_token_when_its_time_is_over(
    world: World, holds: bytes | SluiceError, trouble: str
) -> None:
    world.token()
    world.vault.holds = holds
    world.clock.seconds = KEPT_SECONDS

    for _ in range(2):
        with pytest.raises(CredentialUnusable) as refused:
            world.token()
        assert refused.value.trouble == trouble
    world.vault.holds = stored("hush-1")
    assert world.token() == "token-2"


def test_threads_that_come_together_cost_one_token(world: World) -> None:
    barrier = Barrier(8)

    def request(_: int) -> str:
        barrier.wait(20)
        world.grant.refresh(world.server)
        return str(world.grant.token)

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(request, range(8)))

    assert tokens == {"token-1"}
    assert (len(world.vault.asked), world.server.asked) == (1, 1)


def test_nothing_of_a_grant_is_in_what_it_shows_of_itself_or_of_its_errors(world: World) -> None:
    world.token()
    world.grant.token = None
    world.server.known = set()

    with pytest.raises(CredentialUnusable) as refused:
        world.token()

    shown: list[Any] = [world.grant, refused.value, *traceback.format_exception(refused.value)]
    assert [each for each in shown if "hush" in repr(each)] == []
