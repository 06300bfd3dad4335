"""The lease: who may take it, and that no clock makes two holders' calls overlap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.lease import SLACK, Busy, Free, Terms, covers, judge, shortfall
from shared.model.state import Lease

TERMS = Terms(call=300, margin=10, settle=60)
WRITTEN = datetime(2026, 11, 23, 8, tzinfo=UTC)
HELD = Lease("token", "held", TERMS.term)
GAP = TERMS.term + TERMS.settle
SECONDS = st.floats(0, 5_000)
SKEWS = st.floats(-900, 900)


def after(seconds: float) -> datetime:
    return WRITTEN + timedelta(seconds=seconds)


def test_no_lease_is_a_free_lease() -> None:
    assert judge(None, WRITTEN, WRITTEN, False, TERMS) == Free()


def test_a_freed_lease_may_be_taken_at_once() -> None:
    assert judge(HELD.freed(), WRITTEN, WRITTEN, False, TERMS) == Free()


def test_a_lease_whose_receipt_exists_may_be_taken_at_once() -> None:
    assert judge(HELD, WRITTEN, WRITTEN, True, TERMS) == Free()


def test_a_held_lease_is_left_alone_until_its_term_and_the_silence_after_it_are_over() -> None:
    assert judge(HELD, WRITTEN, after(0), False, TERMS) == Busy(GAP + SLACK)
    assert judge(HELD, WRITTEN, after(GAP + SLACK - 1), False, TERMS) == Busy(1)
    assert judge(HELD, WRITTEN, after(GAP + SLACK), False, TERMS) == Free(GAP)


def test_a_quiet_lease_rests() -> None:
    quiet = HELD.quietened(60)

    assert judge(quiet, WRITTEN, after(20), False, TERMS) == Busy(40)
    assert judge(quiet, WRITTEN, after(60), False, TERMS) == Free(60)


def test_a_lease_that_was_given_back_names_no_receipt() -> None:
    """A receipt that comes late must not free it for the next holder."""
    held = Lease("token", "held", TERMS.term, released_by="receipts/00001.json")

    assert held.freed().released_by == held.quietened(60).released_by == ""


@given(SECONDS, SKEWS)
def test_who_must_wait_is_told_how_long(age: float, skew: float) -> None:
    verdict = judge(HELD, WRITTEN, after(age + skew), False, TERMS)

    if isinstance(verdict, Busy):
        assert verdict.wait > 0
        assert isinstance(judge(HELD, WRITTEN, after(age + skew + verdict.wait + 0.001), False, TERMS), Free)


@given(elapsed=SECONDS)
def test_a_call_is_started_only_if_it_ends_a_margin_before_the_lease(elapsed: float) -> None:
    assert covers(elapsed, TERMS) == (elapsed + TERMS.call + TERMS.margin <= TERMS.term)


def test_a_fresh_lease_covers_a_call_and_a_second_one() -> None:
    assert covers(0, TERMS)
    assert covers(TERMS.call + TERMS.margin, TERMS)
    assert not covers(TERMS.call + TERMS.margin + 1, TERMS)


@given(
    delay=st.floats(0, 30),
    last_start=st.floats(0, 2_000),
    theft=st.floats(0, 3_000),
    skew=SKEWS,
)
def test_no_clock_makes_two_holders_calls_overlap(
    delay: float, last_start: float, theft: float, skew: float
) -> None:
    """The holder counts from before its write, which the storage stamps `delay` later; the thief's wall clock is
    wrong by `skew`. Times are true seconds since the holder began to count."""
    stamped, old = delay, after(delay)
    holder_calls = covers(last_start, TERMS)
    verdict = judge(HELD, old, after(theft + skew), False, TERMS)

    if holder_calls and isinstance(verdict, Free) and theft >= stamped:
        first_call = theft + shortfall(verdict.gap, old, after(theft))
        assert first_call >= last_start + TERMS.call + TERMS.settle - 1e-3


@given(quiet_for=st.floats(0, 600), skew=SKEWS)
def test_no_clock_shortens_the_silence_after_a_doubtful_call(quiet_for: float, skew: float) -> None:
    verdict = judge(HELD.quietened(60), WRITTEN, after(quiet_for + skew), False, TERMS)

    if isinstance(verdict, Free):
        assert quiet_for + shortfall(verdict.gap, WRITTEN, after(quiet_for)) >= 60 - 1e-3


@pytest.mark.parametrize("gap", [0, 60])
def test_after_a_true_release_nobody_waits(gap: int) -> None:
    assert shortfall(gap, WRITTEN, after(gap)) == 0
