"""Waiting for news or for a moment of simulated time, whichever comes first: no loop asks again and again."""

import asyncio
from contextlib import suppress
from math import inf

from infra.local.clock import SimClock


class Alarm:
    """`ring` wakes all who wait. Who looks for work and then waits, without an await between, misses none."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, moment: float = inf) -> None:
        """Returns at the next ring or at `moment` (epoch seconds of simulated time; inf: only at a ring)."""
        left = None if moment == inf else max(0.0, self._clock.real(moment - self._clock.now()))
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._rung.wait()
