"""When a failed task is tried again, and when it is given up. Pure.

Cloud Tasks, RetryConfig: the interval begins at min_backoff, doubles max_doublings times, then grows by its
last doubling, up to max_backoff. There is no dead letter: a task that is given up is deleted.
"""

from infra.local.tasks.settings import RetryConfig

UNLIMITED_ATTEMPTS, UNLIMITED_DURATION = -1, 0.0


def retry_delay(retry: RetryConfig, attempts: int) -> float:
    """Seconds between the `attempts`th attempt (from 1), which failed, and the next."""
    doublings = min(
        attempts - 1, retry.max_doublings, 64
    )  # past 64, floats would end before max_backoff matters
    steps = max(1, attempts - retry.max_doublings)
    return min(retry.max_backoff, retry.min_backoff * 2.0**doublings * steps)


def spent(retry: RetryConfig, attempts: int, age: float) -> bool:
    """Whether a task with this many attempts, first dispatched `age` seconds ago, is given up.

    Both limits must be reached. One that is unlimited holds nothing back, unless both are: then only the
    task's own life of 31 days ends it ("to retry infinitely, set max_attempts to -1 and max_retry_duration to
    0").
    """
    by_attempts = retry.max_attempts != UNLIMITED_ATTEMPTS
    by_duration = retry.max_duration != UNLIMITED_DURATION
    if not by_attempts and not by_duration:
        return False
    return (not by_attempts or attempts >= retry.max_attempts) and (
        not by_duration or age >= retry.max_duration
    )
