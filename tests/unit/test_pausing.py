"""What an account's pause becomes, and what it says: pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.codec import decode, encode
from shared.model.state import Pause
from shared.pausing import NOT_PAUSED, event, explained, is_over, paused, resumed
from shared.sweeping import AccountStep, Announce, Paused, Resume, SetQueue, decide_account

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
ACCOUNT = "1234567890"
CLOSED = replace(paused(NOT_PAUSED, "sluice", NOW, "customer_not_enabled"), announced=True)
SPENT = replace(paused(NOT_PAUSED, "sluice", NOW, "quota_day", seconds=60), announced=True)
MINUTE = timedelta(minutes=1)


@given(st.lists(st.booleans(), max_size=20))
def test_pauses_are_counted_and_every_change_has_an_event_of_its_own(changes: list[bool]) -> None:
    pause, ids = NOT_PAUSED, []
    for wanted in changes:
        if wanted != pause.paused:
            pause = (
                paused(pause, "operator", NOW, "paused_by_operator")
                if wanted
                else resumed(pause, "operator", NOW)
            )
            ids.append(event(ACCOUNT, pause).event_id)

    assert len(set(ids)) == len(ids)
    assert pause.episode == sum(each.endswith("paused") for each in ids)


def test_an_event_has_the_same_bytes_before_and_after_it_was_told() -> None:
    assert encode(event(ACCOUNT, CLOSED)) == encode(event(ACCOUNT, replace(CLOSED, announced=False)))


def test_a_pause_survives_its_document() -> None:
    assert decode(Pause, encode(SPENT)) == SPENT


def test_a_pause_that_somebody_must_end_says_how() -> None:
    assert explained(ACCOUNT, CLOSED).endswith(f"Then: sluice accounts resume {ACCOUNT}")


def test_a_pause_that_ends_by_itself_says_when() -> None:
    assert "by itself, soon after 2026-11-26T08:01:00Z" in explained(ACCOUNT, SPENT)


def test_an_account_that_works_has_nothing_to_say() -> None:
    assert explained(ACCOUNT, resumed(CLOSED, "operator", NOW)) == ""


@pytest.mark.parametrize(
    ("pause", "held", "now", "step"),
    [
        (CLOSED, True, NOW, Paused("customer_not_enabled", "")),
        (CLOSED, False, NOW, SetQueue(held=True)),
        (replace(CLOSED, announced=False), False, NOW, Announce()),
        (SPENT, True, NOW, Paused("quota_day", "2026-11-26T08:01:00+00:00")),
        (SPENT, True, NOW + MINUTE, Resume()),
        (SPENT, False, NOW + MINUTE, Resume()),
        (resumed(CLOSED, "operator", NOW), True, NOW, Announce()),
        (replace(resumed(CLOSED, "operator", NOW), announced=True), True, NOW, SetQueue(held=False)),
        (replace(resumed(CLOSED, "operator", NOW), announced=True), False, NOW, None),
        (NOT_PAUSED, False, NOW, None),
    ],
)
def test_a_sweep_does_about_an_account_what_its_pause_asks_for(
    pause: Pause, held: bool, now: datetime, step: AccountStep | None
) -> None:
    assert decide_account(pause, held, now) == step


def test_a_pause_without_an_end_never_ends_by_itself() -> None:
    assert not is_over(CLOSED, NOW + timedelta(days=1000))
