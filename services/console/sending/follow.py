"""Following a segment from the ledger until its last run has an outcome."""

from collections.abc import Callable

from services.console.standing import Standing, standing
from shared.world import Ports

PAUSE = 5.0
"""Seconds between two looks: some reads of small objects, for minutes or hours."""


def follow(ports: Ports, segment: str, told: Callable[[int, Standing], None]) -> Standing:
    """`told` hears of run and standing whenever one of them changes. A run that starts by itself after one that came to nothing is
    followed too."""
    run, last = 1, None
    while True:
        seen = standing(ports, segment, run)
        if seen != last:
            told(run, seen)
        if seen.outcome and not seen.next_run:
            return seen
        if seen.outcome:
            run, last = run + 1, None
            continue
        last = seen
        ports.clock.sleep(PAUSE)
