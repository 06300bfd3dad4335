"""The token bucket: how many dispatches a stretch of time allows."""

from hypothesis import example, given
from hypothesis import strategies as st

from infra.local.tasks.bucket import TokenBucket

RATES, BURSTS = st.floats(0.01, 500), st.integers(1, 500)


def drained(bucket: TokenBucket, start: float, end: float) -> tuple[TokenBucket, int]:
    """Takes every token as soon as it is there."""
    taken = 0
    now = start
    while bucket.next_at() <= end:
        now = max(now, bucket.next_at())
        bucket = bucket.taken(now)
        taken += 1
    return bucket, taken


def test_a_full_bucket_allows_a_burst_and_then_its_rate() -> None:
    bucket = TokenBucket.full(rate=2, burst=5, now=100)

    after_burst, burst = drained(bucket, 100, 100)
    _, later = drained(after_burst, 100, 103)

    assert burst == 5
    assert later == 6


def test_an_idle_bucket_holds_no_more_than_its_burst() -> None:
    bucket, _ = drained(TokenBucket.full(rate=10, burst=3, now=0), 0, 0)

    _, taken = drained(bucket, 1000, 1000)

    assert taken == 3


def test_a_new_rate_takes_no_more_tokens_than_there_were() -> None:
    bucket, _ = drained(TokenBucket.full(rate=1, burst=5, now=0), 0, 0)

    assert bucket.reset(rate=100, burst=100, now=0).next_at() == 0.01


@example(263.3203125, 1, 9.353855382713354)
@example(249.0, 1, 10.5625)
@given(RATES, BURSTS, st.floats(0, 20))
def test_no_stretch_of_time_allows_more_than_burst_and_rate(rate: float, burst: int, seconds: float) -> None:
    start = 1_800_000_000.0

    _, taken = drained(TokenBucket.full(rate, burst, start), start, start + seconds)

    assert abs(taken - (burst + seconds * rate)) <= 1.01
