"""The one clock of the local cloud. Simulated seconds pass `speed` times as fast as real ones.

CLOCK_MONOTONIC is the same for all processes of a machine, so that `describe()` is enough for another process to read the same time.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self


@dataclass(frozen=True)
class SimClock:
    """Simulated now = origin + (monotonic - started) * speed. Origin in epoch seconds, started in monotonic seconds."""

    speed: float
    origin: float
    started: float

    @classmethod
    def start(cls, speed: float = 1.0) -> Self:
        return cls(speed, time.time(), time.monotonic())

    def now(self) -> float:
        """Epoch seconds of simulated time."""
        return self.origin + (time.monotonic() - self.started) * self.speed

    def real(self, seconds: float) -> float:
        """How many real seconds `seconds` of simulated time last."""
        return seconds / self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, self.real(seconds)))

    async def sleep_until(self, moment: float) -> None:
        await self.sleep(moment - self.now())

    def describe(self) -> str:
        """The value of SLUICE_CLOCK with which another process reads the same time."""
        return f"{self.speed!r},{self.origin!r},{self.started!r}"


def rfc3339(moment: float) -> str:
    """Epoch seconds as RFC 3339 UTC with microseconds, the form of every timestamp on the wire."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
