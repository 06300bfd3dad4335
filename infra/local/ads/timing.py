"""How long Google Ads takes, in simulated seconds: a request by its identifiers, a job queued, then run."""

from dataclasses import dataclass

# The share of a started job's time that it is still PENDING.
QUEUED_SHARE = 0.1


@dataclass(frozen=True)
class Timing:
    base_seconds: float = 2.0
    seconds_per_1000: float = 1.5
    job_seconds: float = 600.0

    def request_seconds(self, identifiers: int) -> float:
        return self.base_seconds + self.seconds_per_1000 * identifiers / 1000

    @property
    def queued_seconds(self) -> float:
        return self.job_seconds * QUEUED_SHARE
