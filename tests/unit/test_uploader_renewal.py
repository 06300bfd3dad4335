"""A token that expired early is renewed, and the request repeated, once; the repeat is a call like every other."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from services.uploader.sending import OutOfTime, PauseChanged, Refusal, Sending
from shared.names import pause_json
from shared.ops.leasing import LeaseLost
from shared.ops.pausing import Found
from shared.pausing import NOT_PAUSED
from shared.ports import Blob, Readings
from shared.verdict import Failure, PauseAccount, token_expired
from tests.support.documents import TARGET
from tests.support.recording import NOW, StandingClock

EXPIRED = Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_EXPIRED",))
STATUS_ALONE = Failure("UNAUTHENTICATED")
CALL = 300.0


@dataclass
class Terms:
    call: float = CALL


@dataclass
class Told:
    """Desk, lease, destination and request in one: notes what is asked of each, in order."""

    answers: list[object]
    leases: list[bool] = field(default_factory=list)
    budgets: list[bool] = field(default_factory=list)
    pauses: bool = False
    paused: bool = False
    notes: list[str] = field(default_factory=list)
    clock: StandingClock = field(default_factory=StandingClock)
    terms: Terms = field(default_factory=Terms)
    started: Readings = field(default_factory=lambda: Readings(0, 0, 0))
    pause: Found = field(default_factory=lambda: Found(TARGET.account, NOT_PAUSED))

    @property
    def ports(self) -> "Told":
        return self

    @property
    def destination(self) -> "Told":
        return self

    @property
    def ledger(self) -> "Told":
        return self

    def stat(self, name: str) -> Blob | None:
        """The document of the account's pause: there is none before somebody has paused it."""
        self.notes.append(name)
        return Blob(name, 1, NOW, 0, "") if self.paused else None

    def lasts(self, seconds: float) -> bool:
        self.notes.append(f"budget {seconds:g}")
        return self.budgets.pop(0) if self.budgets else True

    def ready(self) -> None:
        self.notes.append("ready")

    def live(self) -> bool:
        self.notes.append("live")
        return self.leases.pop(0) if self.leases else True

    def renew(self, target: object) -> None:
        self.notes.append("renewed" if target == TARGET else "renewed another's")
        self.paused = self.pauses

    def request(self, seconds: float) -> Any:
        self.notes.append("asked")
        return self.answers.pop(0)


def call(told: Told) -> object:
    return Sending(told, told, TARGET).call(told.request)  # type: ignore[arg-type]


CHECKED = [f"budget {CALL:g}", "ready", pause_json(TARGET.account), "live", "asked"]


@pytest.mark.parametrize("refusal", [EXPIRED, STATUS_ALONE])
def test_the_repeat_is_checked_as_the_first_was(refusal: Failure) -> None:
    told = Told([refusal, "taken"])

    assert call(told) == "taken"

    assert told.notes == [*CHECKED, "renewed", *CHECKED]


def test_a_good_answer_renews_nothing() -> None:
    told = Told(["taken"])

    assert call(told) == "taken"

    assert told.notes == CHECKED


def test_only_when_the_repeat_is_refused_too_the_verdict_stands() -> None:
    told = Told([EXPIRED, EXPIRED])

    with pytest.raises(Refusal) as refused:
        call(told)

    assert refused.value.verdict == PauseAccount("grant_refused")
    assert told.notes == [*CHECKED, "renewed", *CHECKED]


def test_the_verdict_is_about_the_second_answer() -> None:
    told = Told([EXPIRED, Failure("ABORTED", ("CredentialError.OUT_OF_REACH",))])

    with pytest.raises(Refusal) as refused:
        call(told)

    assert refused.value.failure.codes == ("CredentialError.OUT_OF_REACH",)


def test_no_repeat_is_made_that_the_lease_would_not_outlast() -> None:
    told = Told([EXPIRED, "taken"], leases=[True, False])

    with pytest.raises(LeaseLost):
        call(told)

    assert told.notes.count("asked") == 1


def test_no_repeat_is_made_that_the_dispatch_has_no_time_for() -> None:
    told = Told([EXPIRED, "taken"], budgets=[True, False])

    with pytest.raises(OutOfTime):
        call(told)

    assert told.notes.count("asked") == 1


def test_no_repeat_is_made_when_somebody_has_paused_the_account_meanwhile() -> None:
    told = Told([EXPIRED, "taken"], pauses=True)

    with pytest.raises(PauseChanged):
        call(told)

    assert told.notes.count("asked") == 1


@pytest.mark.parametrize(
    "failure",
    [
        Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_REVOKED",)),
        Failure("UNAUTHENTICATED", ("CredentialError.REFUSED",)),
        Failure("UNAUTHENTICATED", ("CredentialError.DEFAULT_REFUSED",)),
        Failure("PERMISSION_DENIED"),
        Failure("UNAVAILABLE"),
    ],
)
def test_no_other_refusal_is_repeated_at_once(failure: Failure) -> None:
    told = Told([failure])

    assert not token_expired(failure)
    with pytest.raises(Refusal):
        call(told)
    assert told.notes == CHECKED
