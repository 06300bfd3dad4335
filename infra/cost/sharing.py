"""How long instances of the uploader are busy when accounts share them. Pure.

An account has one request at a time, so that at a random moment it is sending or not. Who sends when is independent: the number that
send at once is binomial, and an instance takes so many of them. Cloud Run may spread them more thinly, at most one to an instance.
"""

from collections.abc import Iterator
from math import ceil, exp, lgamma, log


def busy_instances(accounts: int, share: float, concurrency: int) -> float:
    """Instances that serve at least one request, on average, where each is filled before another one starts.

    `share`: the part of the time that each account is sending, 0 to 1. ValueError above 1: an account cannot send so much.
    """
    if share > 1.0:
        hours = 24 * share
        raise ValueError(
            f"each account would have to send for {hours:.0f} hours a day: plan fewer parts or segments"
        )
    return sum(ceil(sending / concurrency) * chance for sending, chance in _at_once(accounts, share))


def _at_once(accounts: int, share: float) -> Iterator[tuple[int, float]]:
    """How many send at once, and how likely that is. By logarithms: the numbers of ways are too large for a float."""
    if share in (0.0, 1.0):
        yield int(share) * accounts, 1.0
        return
    for sending in range(accounts + 1):
        ways = lgamma(accounts + 1) - lgamma(sending + 1) - lgamma(accounts - sending + 1)
        yield sending, exp(ways + sending * log(share) + (accounts - sending) * log(1.0 - share))
