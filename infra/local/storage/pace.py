"""One write a second to one object name.

Cloud Storage quotas: "Maximum rate of writes to the same object name: one write per second". The real service
tolerates short bursts; this one is strict, so that nothing comes to rely on them. Deletes and metadata
changes are writes.
"""

from infra.local.storage.records import Target
from infra.local.storage.refusal import Reason, Refused

SECONDS_BETWEEN_WRITES = 1.0


class WritePace:
    """Remembers the names written in the last second, oldest first. Times are epoch seconds."""

    def __init__(self) -> None:
        self._written: dict[Target, float] = {}

    def admit(self, target: Target, now: float) -> None:
        """Counts a write that is about to be done, or refuses it."""
        self._forget_until(now - SECONDS_BETWEEN_WRITES)
        if target in self._written:
            raise Refused(
                Reason.TOO_OFTEN,
                f"The object {target.bucket}/{target.name} exceeded the rate limit for object mutation "
                "operations (create, update, and delete). Please reduce your request rate.",
            )
        self._written[target] = now

    def _forget_until(self, moment: float) -> None:
        while self._written:
            oldest = next(iter(self._written))
            if self._written[oldest] > moment:
                return
            del self._written[oldest]
