"""Who may send to an account: the pure rules of the lease. One lease per account; docs/protocol.md, S-LEASE, says why.

Times come in two kinds: `created` stamps are Cloud Storage's and may be compared with each other; the local wall clock is only a hint
when to try, and elapsed time is the largest of three clocks.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.model.state import Lease

SLACK = 5


@dataclass(frozen=True)
class Terms:
    """Seconds. `call` bounds one destination call, `margin` is kept between its end and the lease's, `settle` is the silence after."""

    call: int
    margin: int
    settle: int

    @property
    def term(self) -> int:
        return 2 * (self.call + self.margin)


@dataclass(frozen=True)
class Free:
    """Take it. `gap` is what must lie between the old lease's stamp and the new one's before the first call; 0 for a true release."""

    gap: int = 0


@dataclass(frozen=True)
class Busy:
    """Try again in `wait` seconds."""

    wait: float


def judge(lease: Lease | None, stamped: datetime, now: datetime, released: bool, terms: Terms) -> Free | Busy:
    """May the lease be taken? `stamped` is when its object was written; `released`: the receipt it names exists with its token."""
    if lease is None or lease.state == "free" or released:
        return Free()
    age = (now - stamped).total_seconds()
    if lease.state == "quiet":
        return Free(lease.quiet) if age >= lease.quiet else Busy(lease.quiet - age)
    gap = lease.term + terms.settle
    return Free(gap) if age >= gap + SLACK else Busy(gap + SLACK - age)


def shortfall(gap: int, old: datetime, new: datetime) -> float:
    """Seconds still to wait before the first call, by the storage's own stamps: a fast clock steals a lease, never overlaps a call."""
    return max(0.0, gap - (new - old).total_seconds())


def covers(elapsed: float, terms: Terms) -> bool:
    """Does the lease outlast a call that starts now?"""
    return elapsed + terms.call + terms.margin <= terms.term
