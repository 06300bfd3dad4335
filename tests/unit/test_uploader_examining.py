"""Questions to a destination take the account's lease like any request, and change nothing but it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from services.uploader.destination import FoundList
from services.uploader.examining import TURN, Examined, Unasked, chosen, examine
from shared import names
from shared.model.run import Target
from shared.model.state import Lease
from shared.ops.pausing import pause_by_hand
from shared.ports import Readings
from shared.verdict import Failure
from tests.support.documents import TARGET
from tests.support.recording import NOW, Recording, StandingClock
from tests.support.refusals import (
    BAD_LIST,
    CLOSED,
    NOT_ALLOWLISTED,
    OPEN_LIST,
    SHORT,
    SILENT,
)

ACCOUNT, LEASE = TARGET.account, names.lease_json(TARGET.account)
SECOND = replace(TARGET, audience="newsletter", list_id="7100000002")
THERE = (OPEN_LIST,)


@dataclass
class WaitingClock(StandingClock):
    """Time passes only in sleep; `meanwhile` is what others do then."""

    passed: float = 0
    meanwhile: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def readings(self) -> Readings:
        return Readings(self.passed, self.passed, self.passed)

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        self.meanwhile()


@dataclass
class Scripted:
    """`lists` and `upload` are what it answers, called where they can be. `leases`: the account's, as each request found it."""

    ports: Recording
    lists: Any = THERE
    upload: Any = "welcome"
    asked: list[str] = field(default_factory=list)
    leases: list[str] = field(default_factory=list)

    def find_list(self, target: Target, seconds: float) -> tuple[FoundList, ...] | Failure:
        found: tuple[FoundList, ...] | Failure = self._answer(f"find {target.list_id}", self.lists)
        return found

    def examine(self, target: Target, seconds: float) -> Literal["welcome"] | Failure:
        said: Literal["welcome"] | Failure = self._answer(f"examine {target.list_id}", self.upload)
        return said

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"that would change something: {name}")

    def _answer(self, question: str, answer: Any) -> Any:
        self.asked.append(question)
        self.leases.append(lease(self.ports))
        return answer() if callable(answer) else answer


def lease(ports: Recording) -> str:
    entry = ports.ledger.read(Lease, LEASE)
    return entry.value.state if entry else "none"


def hold(ports: Recording) -> None:
    """Somebody sends."""
    ports.ledger.swap(LEASE, Lease("theirs", "held", 620), 0)


def let_go(ports: Recording) -> None:
    entry = ports.ledger.read(Lease, LEASE)
    assert entry
    ports.ledger.swap(LEASE, entry.value.freed(), entry.generation)


def asked(destination: Scripted, *targets: Target) -> Examined:
    return examine(destination.ports, destination, targets or (TARGET,))


@pytest.fixture
def ports() -> Recording:
    return Recording(clock=WaitingClock())


def test_every_question_is_asked_under_the_lease_and_the_lease_is_given_back(ports: Recording) -> None:
    destination = Scripted(ports)

    examined = asked(destination, TARGET, SECOND)

    assert examined == Examined({"high-value": THERE, "newsletter": THERE}, "welcome")
    assert destination.asked == ["find 7100000001", "find 7100000002", "examine 7100000001"]
    assert set(destination.leases) == {"held"}
    assert lease(ports) == "free"


def test_a_busy_lease_is_waited_for_a_minute_and_left_as_it_is(ports: Recording) -> None:
    hold(ports)
    destination = Scripted(ports)

    examined = asked(destination)

    assert examined == Examined({"high-value": Unasked("lease_busy")}, Unasked("lease_busy"))
    assert destination.asked == []
    assert ports.clock.readings().monotonic == TURN
    assert lease(ports) == "held"


def test_the_turn_comes_when_the_lease_is_given_back(ports: Recording) -> None:
    hold(ports)
    ports.clock = WaitingClock(meanwhile=lambda: let_go(ports))

    assert asked(Scripted(ports)).upload == "welcome"
    assert ports.clock.readings().monotonic < TURN


@pytest.mark.parametrize("refusal", [CLOSED, SHORT, SILENT])
def test_an_answer_about_the_account_or_the_moment_ends_the_questions(
    ports: Recording, refusal: Failure
) -> None:
    destination = Scripted(ports, lists=refusal)

    examined = asked(destination, TARGET, SECOND)

    assert examined == Examined({"high-value": refusal, "newsletter": Unasked("ended")}, Unasked("ended"))
    assert len(destination.asked) == 1


def test_an_answer_about_one_list_keeps_no_other_from_being_asked_about(ports: Recording) -> None:
    destination = Scripted(ports, lists=BAD_LIST)

    examined = asked(destination, TARGET, SECOND)

    assert examined == Examined({"high-value": BAD_LIST, "newsletter": BAD_LIST}, "welcome")


def test_after_an_answer_that_did_not_arrive_the_account_is_silent(ports: Recording) -> None:
    asked(Scripted(ports, upload=SILENT))

    assert lease(ports) == "quiet"


def test_a_refusal_pauses_nobody(ports: Recording) -> None:
    examined = asked(Scripted(ports, upload=NOT_ALLOWLISTED))

    assert examined.upload == NOT_ALLOWLISTED
    assert ports.work.stat(names.pause_json(ACCOUNT)) is None
    assert ports.published == []
    assert lease(ports) == "free"


def test_an_account_that_rests_is_asked_all_the_same(ports: Recording) -> None:
    pause_by_hand(ports, ACCOUNT)

    assert asked(Scripted(ports)).upload == "welcome"


def test_nothing_more_is_asked_once_somebody_has_decided_about_the_account(ports: Recording) -> None:
    def pause() -> tuple[FoundList, ...]:
        pause_by_hand(ports, ACCOUNT)
        return THERE

    examined = asked(Scripted(ports, lists=pause))

    assert examined == Examined({"high-value": THERE}, Unasked("pause_changed"))
    assert lease(ports) == "free"


def test_answers_that_take_too_long_leave_the_rest_unasked(ports: Recording) -> None:
    def slow() -> tuple[FoundList, ...]:
        ports.clock.sleep(400)
        return THERE

    examined = asked(Scripted(ports, lists=slow), TARGET, SECOND)

    assert examined.lists == {"high-value": THERE, "newsletter": Unasked("out_of_time")}
    assert examined.upload == Unasked("out_of_time")


def test_a_lease_that_went_to_somebody_else_ends_the_questions_and_stays_theirs(ports: Recording) -> None:
    def robbed() -> tuple[FoundList, ...]:
        entry = ports.ledger.read(Lease, LEASE)
        assert entry
        ports.ledger.swap(LEASE, Lease("theirs", "held", 620), entry.generation)
        ports.clock.sleep(320)
        return THERE

    examined = asked(Scripted(ports, lists=robbed))

    assert examined.upload == Unasked("lease_lost")
    assert lease(ports) == "held"


def test_whoever_is_interrupted_in_the_middle_leaves_silence(ports: Recording) -> None:
    def interrupted() -> tuple[FoundList, ...]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(Scripted(ports, lists=interrupted))

    assert lease(ports) == "quiet"


def test_it_is_asked_about_a_list_that_takes_people(ports: Recording) -> None:
    found = {
        "high-value": (replace(OPEN_LIST, kind="RULE_BASED"),),
        "newsletter": (replace(OPEN_LIST, list_id="42"),),
    }

    assert chosen((TARGET, SECOND), found) == replace(SECOND, list_id="42")
    assert chosen((TARGET, SECOND), {"high-value": (), "newsletter": BAD_LIST}) == TARGET
    assert chosen((replace(TARGET, list_id=""),), {"high-value": ()}) is None


def test_without_any_list_nobody_is_asked_about_access(ports: Recording) -> None:
    examined = asked(Scripted(ports, lists=()), replace(TARGET, list_id=""))

    assert examined.upload == Unasked("no_list")
