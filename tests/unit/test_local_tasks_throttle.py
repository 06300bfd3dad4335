"""How a worker's errors slow its whole queue."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.delivery import Answer
from infra.local.tasks.throttle import Throttle, retry_after, throttled

NOW = 1_800_000_000.0
OK, BROKEN, BUSY = Answer(200), Answer(500), Answer(503)


def after(*answers: Answer) -> float:
    """For how many seconds the queue stands still after these answers, all of them given now."""
    throttle = reduce(lambda state, answer: throttled(state, answer, NOW), answers, Throttle())
    return max(0.0, throttle.held_until - NOW)


@pytest.mark.parametrize(
    "answer", [OK, Answer(204), BROKEN, Answer(404), Answer(None, failure="UNAVAILABLE")]
)
def test_single_answers_of_other_kinds_do_not_slow_the_queue(answer: Answer) -> None:
    assert after(answer) == 0


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_worker_is_given_longer_each_time(status: int) -> None:
    busy = Answer(status)

    assert [after(*[busy] * times) for times in (1, 2, 3, 6, 7, 50)] == [1, 2, 4, 32, 60, 60]


def test_a_success_ends_the_row() -> None:
    assert after(BUSY, BUSY, BUSY, OK) == 4  # what was decided stays
    assert throttled(Throttle(streak=3), OK, NOW).streak == 0


def test_retry_after_is_considered_when_it_asks_for_more() -> None:
    assert after(Answer(503, retry_after="30")) == 30
    assert after(*[BUSY] * 5, Answer(503, retry_after="2")) == 32
    assert after(Answer(503, retry_after="999999")) == 3600


def test_a_high_rate_of_errors_slows_the_queue_by_a_second_each() -> None:
    assert after(*[OK] * 10, *[BROKEN] * 10) == 0
    assert after(*[OK] * 9, *[BROKEN] * 11) == 1
    assert after(*[BROKEN] * 19) == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("0", 0),
        ("120", 120),
        ("Fri, 15 Jan 2027 08:02:00 GMT", 120),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.text(max_size=40))
def test_no_header_breaks_the_dispatcher(header: str) -> None:
    assert 0 <= retry_after(header, NOW) <= 3600
