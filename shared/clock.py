"""The clocks of a running service; the only place in the product that reads the machine's time.

`ScaledClock` is the local cloud's simulated time: same machine, same CLOCK_MONOTONIC, so that every process reads one clock.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from shared.errors import ConfigurationError
from shared.ports import Clock, Readings


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def readings(self) -> Readings:
        return Readings(time.monotonic(), _boottime(), time.time())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def real(self, seconds: float) -> float:
        return seconds


@dataclass(frozen=True)
class ScaledClock:
    """Simulated now = origin + (monotonic - started) * speed; `text` form: "SPEED,ORIGIN,STARTED"."""

    speed: float
    origin: float
    started: float

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            speed, origin, started = (float(number) for number in text.split(","))
        except ValueError as error:
            raise ConfigurationError(
                "SLUICE_CLOCK must be SPEED,ORIGIN,STARTED; unset it for real time"
            ) from error
        return cls(speed, origin, started)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    def readings(self) -> Readings:
        return Readings(time.monotonic() * self.speed, _boottime() * self.speed, self._wall())

    def sleep(self, seconds: float) -> None:
        time.sleep(self.real(seconds))

    def real(self, seconds: float) -> float:
        return seconds / self.speed

    def _wall(self) -> float:
        return self.origin + (time.monotonic() - self.started) * self.speed


def clock_from(text: str) -> Clock:
    return ScaledClock.parse(text) if text else SystemClock()


def _boottime() -> float:
    """CLOCK_BOOTTIME counts a suspended machine's sleep; where it does not exist (macOS) CLOCK_MONOTONIC already does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
