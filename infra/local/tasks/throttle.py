"""System throttling: how a worker's errors slow its whole queue. Pure.

Cloud Tasks says that 429, 503 and a high rate of errors make it use a higher backoff and that Retry-After is
considered, but not how much. The rule here:

- after a 429 or 503 the queue stands still for 1 s, doubled with each further one in a row up to 60 s, or for
as long as Retry-After says, if that is longer (at most an hour); - when more than half of the last 20
attempts failed, each further failure lets the queue stand still for 1 s; - a success ends the row.
"""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from infra.local.delivery import Answer

OVERLOADED = frozenset({429, 503})
SHORTEST_HOLD, LONGEST_HOLD, LONGEST_RETRY_AFTER = 1.0, 60.0, 3600.0
REMEMBERED = 20


@dataclass(frozen=True)
class Throttle:
    """`held_until`: no dispatch before (epoch seconds); `streak`: 429s and 503s in a row; `failures`: of the
    last attempts, newest last."""

    held_until: float = 0.0
    streak: int = 0
    failures: tuple[bool, ...] = ()


def succeeded(answer: Answer) -> bool:
    return answer.status is not None and 200 <= answer.status <= 299


def throttled(throttle: Throttle, answer: Answer, now: float) -> Throttle:
    """The queue's throttling after this answer."""
    failures = (*throttle.failures, not succeeded(answer))[-REMEMBERED:]
    if succeeded(answer):
        return Throttle(throttle.held_until, 0, failures)
    streak = throttle.streak + 1 if answer.status in OVERLOADED else throttle.streak
    hold = _hold(answer, streak, failures, now)
    return Throttle(max(throttle.held_until, now + hold), streak, failures)


def retry_after(header: str, now: float) -> float:
    """Seconds that a Retry-After header asks for, in either of its forms; 0 for none and for nonsense."""
    if header.isascii() and header.isdigit():
        return min(float(header), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, zoned.timestamp() - now), LONGEST_RETRY_AFTER)


def _hold(answer: Answer, streak: int, failures: tuple[bool, ...], now: float) -> float:
    if answer.status in OVERLOADED:
        # The 7th in a row is past 60 s.
        doubled = min(LONGEST_HOLD, SHORTEST_HOLD * 2.0 ** min(streak - 1, 7))
        return max(doubled, retry_after(answer.retry_after, now))
    crowded = len(failures) == REMEMBERED and sum(failures) > REMEMBERED / 2
    return SHORTEST_HOLD if crowded else 0.0
