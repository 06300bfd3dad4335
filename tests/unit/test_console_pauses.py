"""The pauses that the demo reads out of events, and its operator who ends them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.accounts.deciding import Done
from services.console.accounts.survey import Seen
from services.console.demo.journal import Journal
from services.console.demo.operator import READING, Operator
from services.console.demo.pauses import Pause, pauses, requests_within
from services.console.feed import Published
from shared.model.codec import encode
from shared.model.events import Event
from shared.model.state import Pause as Stored
from shared.ops.sweep import Swept
from shared.pausing import NOT_PAUSED, event, paused, resumed
from shared.sweeping import Obligation, Rest, Restart, Step

AT = datetime(2026, 11, 23, tzinfo=UTC)
ACCOUNT, OTHER = "9876543210", "1234567890"
FIRST = paused(NOT_PAUSED, "sluice", AT, "terms_not_accepted")
OVER = resumed(FIRST, "operator", AT + timedelta(seconds=150))
SECOND = paused(OVER, "sluice", AT + timedelta(seconds=300), "grant_refused")
ELSEWHERE = paused(NOT_PAUSED, "operator", AT + timedelta(seconds=100), "paused_by_operator")
OPEN = Pause(ACCOUNT, "terms_not_accepted", "Accept them.", AT, None)


def told(*documents: Stored, account: str = ACCOUNT) -> list[Event]:
    """The events of an account's pause, as the product makes them of what it stores."""
    return [event(account, each) for each in documents]


@given(order=st.permutations(range(4)))
def test_pauses_and_their_ends_are_told_by_events_in_any_order(order: list[int]) -> None:
    events = [*told(FIRST, OVER, SECOND), *told(ELSEWHERE, account=OTHER)]

    found = pauses(events[place] for place in order)

    assert [(each.account, each.cause, each.seconds, each.until is None) for each in found] == [
        (ACCOUNT, "terms_not_accepted", 150, False),
        (OTHER, "paused_by_operator", 0, True),
        (ACCOUNT, "grant_refused", 0, True),
    ]
    assert "sluice accounts resume" in found[0].reason


def test_what_was_told_of_accounts_is_in_the_journal_once() -> None:
    journal, segment = Journal(), Event("s.1.received", "segment.received", AT, "s", 1)

    for each in (*told(FIRST, FIRST, OVER), segment):
        journal.add(Published(each, encode(each)))

    assert list(journal.of_accounts()) == told(FIRST, OVER)


def test_requests_count_that_begin_within_a_pause() -> None:
    pause, open_one = pauses(told(FIRST, OVER)), pauses(told(SECOND))
    calls = [{"started": AT.timestamp() + seconds} for seconds in (-1, 0, 149, 150, 400)]

    assert [requests_within(each, calls) for each in (*pause, *open_one)] == [2, 1]


def done(*swept: Swept, failed: str = "") -> Done:
    return Done(Seen(ACCOUNT, None, FIRST), "resume", "failed" if failed else "done", swept, failed)


@dataclass
class Desk:
    """What the operator did, in order. `sweep` is what a resumption finds."""

    sweep: tuple[Step, ...] = ()
    did: list[str] = field(default_factory=list)

    def operator(self) -> Operator:
        return Operator(lambda account: self.did.append(f"accept {account}"), self._resume, self._say)

    def _resume(self, account: str) -> Done:
        self.did.append(f"resume {account}")
        return done(*(Swept(account, "s", run, step) for run, step in enumerate(self.sweep, 1)))

    def _say(self, account: str, words: str) -> None:
        self.did.append(f"{account} {words}")


def test_a_pause_stands_to_be_read_before_it_is_mended_resumed_and_told() -> None:
    desk = Desk((Rest(), Restart((Obligation("upload", 1, 1),))))
    operator = desk.operator()

    operator.tend([OPEN], 10.0)
    operator.tend([OPEN], 9.9 + READING)
    assert desk.did == []
    operator.tend([OPEN], 10.0 + READING)

    assert desk.did == [
        f"accept {ACCOUNT}",
        f"{ACCOUNT} accepted the customer data terms in Google Ads",
        f"resume {ACCOUNT}",
        f"{ACCOUNT} resumed the account: 2 open runs looked at, 1 in need of help",
    ]


def test_a_pause_is_ended_once_and_a_new_one_again() -> None:
    desk = Desk()
    operator, again = desk.operator(), replace(OPEN, since=AT + timedelta(hours=1))

    for now in range(100):
        operator.tend([OPEN] if now < 50 else [replace(OPEN, until=AT), again], float(now))

    assert desk.did.count(f"resume {ACCOUNT}") == 2


@pytest.mark.parametrize("pause", [replace(OPEN, until=AT), replace(OPEN, cause="grant_refused")])
def test_what_is_over_or_has_another_cause_is_left_alone(pause: Pause) -> None:
    desk = Desk()
    operator = desk.operator()

    for now in (0.0, 2 * READING):
        operator.tend([pause], now)

    assert desk.did == []


def test_a_sweep_that_fails_is_told() -> None:
    said: list[str] = []
    failed = Swept(ACCOUNT, "s", 1, Rest(), "storage does not answer")
    operator = Operator(lambda _: None, lambda _: done(failed), lambda _, words: said.append(words))

    for now in (0.0, READING):
        operator.tend([OPEN], now)

    assert said[-1].endswith("1 open run looked at, 0 in need of help; 1 could not be helped")


def test_a_resumption_that_fails_is_told_and_tried_again() -> None:
    said: list[str] = []
    answers = iter([done(failed="storage does not answer"), done()])
    operator = Operator(lambda _: None, lambda _: next(answers), lambda _, words: said.append(words))

    for now in (0.0, READING, 1.5 * READING, 2 * READING, 9 * READING):
        operator.tend([OPEN], now)

    assert said[1::2] == [
        "could not resume it: storage does not answer",
        "resumed the account: 0 open runs looked at, 0 in need of help",
    ]
