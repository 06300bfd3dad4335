"""What Google's services are asked to do for something, in the units that they count. Pure."""

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Usage:
    """Counts, bytes and seconds; fractions where they are per part.

    `storage_a` and `storage_b` are the calls of Cloud Storage that succeeded, by the class that Google charges, `storage_deletes` are
    free, `storage_refused` were answered with an error. `notifications` are what the landing bucket published. Of Cloud Tasks
    `tasks_other` is everything but creating and dispatching. `published_bytes` and `pushed_bytes` have the least that Pub/Sub charges
    for a request in them, and so has `event_bytes`, which are the messages on `completions`, delivered once. Requests and seconds
    are those of our own services; the seconds that the uploader waited for Google Ads are in `ads_seconds` and not in its own.
    `parts_bytes` and `work_bytes` are what the buckets hold afterwards.
    """

    storage_a: float = 0.0
    storage_b: float = 0.0
    storage_deletes: float = 0.0
    storage_refused: float = 0.0
    notifications: float = 0.0
    tasks_created: float = 0.0
    tasks_dispatched: float = 0.0
    tasks_other: float = 0.0
    published: float = 0.0
    published_bytes: float = 0.0
    pushed: float = 0.0
    pushed_bytes: float = 0.0
    events: float = 0.0
    event_bytes: float = 0.0
    secret_accesses: float = 0.0
    ads_requests: float = 0.0
    ads_seconds: float = 0.0
    ingest_requests: float = 0.0
    chunker_requests: float = 0.0
    uploader_requests: float = 0.0
    ingest_seconds: float = 0.0
    chunker_seconds: float = 0.0
    uploader_seconds: float = 0.0
    log_bytes: float = 0.0
    parts_bytes: float = 0.0
    work_bytes: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(a + b for a, b in zip(self._values(), other._values(), strict=True)))

    def __sub__(self, other: Self) -> Self:
        return self + -1.0 * other

    def __rmul__(self, factor: float) -> Self:
        return type(self)(*(factor * value for value in self._values()))

    def _values(self) -> tuple[float, ...]:
        return tuple(getattr(self, each.name) for each in fields(self))
