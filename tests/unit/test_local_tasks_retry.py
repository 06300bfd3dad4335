"""When a failed task is tried again, and when it is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.tasks.retry import retry_delay, spent
from infra.local.tasks.settings import RetryConfig

CONFIGS = st.builds(
    lambda one, other, doublings: RetryConfig(
        min_backoff=min(one, other), max_backoff=max(one, other), max_doublings=doublings
    ),
    st.floats(0, 10_000),
    st.floats(0, 10_000),
    st.integers(0, 100),
)


def test_the_documented_example_holds() -> None:
    """ "the requests will retry at 10s, 20s, 40s, 80s, 160s, 240s, 300s, 300s" """
    retry = RetryConfig(min_backoff=10, max_backoff=300, max_doublings=3)

    assert [retry_delay(retry, attempts) for attempts in range(1, 9)] == [10, 20, 40, 80, 160, 240, 300, 300]


def test_without_doublings_the_interval_grows_linearly() -> None:
    retry = RetryConfig(min_backoff=5, max_backoff=18, max_doublings=0)

    assert [retry_delay(retry, attempts) for attempts in range(1, 6)] == [5, 10, 15, 18, 18]


@given(CONFIGS, st.integers(1, 10**6))
def test_the_interval_stays_in_bounds_and_never_shrinks(retry: RetryConfig, attempts: int) -> None:
    delay = retry_delay(retry, attempts)

    assert retry.min_backoff <= delay <= retry.max_backoff
    assert delay <= retry_delay(retry, attempts + 1)


@pytest.mark.parametrize(
    ("max_attempts", "max_duration", "attempts", "age", "given_up"),
    [
        (3, 100, 3, 99, False),
        (3, 100, 2, 100, False),
        (3, 100, 3, 100, True),
        (3, 0, 2, 10**6, False),
        (3, 0, 3, 0, True),
        (-1, 100, 10**6, 99, False),
        (-1, 100, 1, 100, True),
        (-1, 0, 10**6, 10**6, False),
    ],
)
def test_a_task_is_given_up_when_every_limit_it_has_is_reached(
    max_attempts: int, max_duration: float, attempts: int, age: float, given_up: bool
) -> None:
    retry = RetryConfig(max_attempts=max_attempts, max_duration=max_duration)

    assert spent(retry, attempts, age) is given_up
