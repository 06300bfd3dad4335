"""The token bucket that limits a queue's rate of dispatches (Cloud Tasks, RateLimits.max_burst_size).
Pure."""

from dataclasses import dataclass
from math import ulp
from typing import Self


@dataclass(frozen=True)
class TokenBucket:
    """`tokens` as they were at `at` (epoch seconds); `rate` of them come back each second, up to `burst`."""

    rate: float
    burst: int
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, burst: int, now: float) -> Self:
        return cls(rate, burst, burst, now)

    def taken(self, now: float) -> "TokenBucket":
        """After a dispatch, not before `next_at`. What rounding takes too much is repaid by waiting."""
        return TokenBucket(self.rate, self.burst, self._tokens(now) - 1, now)

    def reset(self, rate: float, burst: int, now: float) -> "TokenBucket":
        """With other limits, and no more tokens than there were."""
        return TokenBucket(rate, burst, min(self._tokens(now), burst), now)

    def next_at(self) -> float:
        """From when on a token is there."""
        return self.at + max(0.0, 1 - self.tokens) / self.rate

    def _tokens(self, now: float) -> float:
        """What comes back because a moment was rounded up is kept, or a bucket of one would lose a little with each dispatch."""
        return min(self.burst + self.rate * ulp(now), self.tokens + (now - self.at) * self.rate)
