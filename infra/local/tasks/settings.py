"""What a queue is set to, as frozen values, with the service's defaults and limits.

Source: the comments of google.cloud.tasks.v2 (Queue, RateLimits, RetryConfig, HttpTarget, UriOverride).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil

from infra.local.refused import invalid
from infra.local.tasks import headers

MAX_RATE, MAX_CONCURRENT = 500.0, 5000


@dataclass(frozen=True)
class RateLimits:
    """`rate`: dispatches a second; `concurrent`: how many may run at once."""

    rate: float = 500.0
    concurrent: int = 1000

    @property
    def burst(self) -> int:
        """Chosen by the service, "generally at least equal to max_dispatches_per_second"."""
        return max(1, ceil(self.rate))


@dataclass(frozen=True)
class RetryConfig:
    """`max_attempts` -1 and `max_duration` 0 are no limit. Times in seconds."""

    max_attempts: int = 100
    max_duration: float = 0.0
    min_backoff: float = 0.1
    max_backoff: float = 3600.0
    max_doublings: int = 16


@dataclass(frozen=True)
class UriOverride:
    """What takes the place of parts of a task's URL; None leaves a part alone. Port 0, "" as path or query
    remove it. `always` False: only where the task's URL lacks the part."""

    scheme: str | None = None
    host: str | None = None
    port: int | None = None
    path: str | None = None
    query: str | None = None
    always: bool = True


@dataclass(frozen=True)
class Identity:
    """The service account in whose name a request is signed. No `audience`: the request's own URL."""

    email: str
    audience: str = ""


@dataclass(frozen=True)
class HttpTarget:
    """What a queue puts in the place of its tasks' own settings; "" and None leave them as they are."""

    uri: UriOverride = UriOverride()
    method: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    identity: Identity | None = None


@dataclass(frozen=True)
class QueueSettings:
    limits: RateLimits = field(default_factory=RateLimits)
    retry: RetryConfig = field(default_factory=RetryConfig)
    target: HttpTarget = field(default_factory=HttpTarget)


def check(settings: QueueSettings) -> None:
    """Raises Refused for the first value outside its limits."""
    for complaint in _complaints(settings):
        raise invalid(complaint)


def _complaints(settings: QueueSettings) -> Iterator[str]:
    limits, retry, uri = settings.limits, settings.retry, settings.target.uri
    if not 0 < limits.rate <= MAX_RATE:
        yield f"max_dispatches_per_second is above 0 and at most 500, not {limits.rate:g}"
    if not 0 < limits.concurrent <= MAX_CONCURRENT:
        yield f"max_concurrent_dispatches is between 1 and 5000, not {limits.concurrent}"
    if retry.max_attempts < -1:
        yield f"max_attempts is -1 (unlimited) or more, not {retry.max_attempts}"
    if not 0 <= retry.min_backoff <= retry.max_backoff or retry.max_doublings < 0 or retry.max_duration < 0:
        yield "a retry config has 0 <= min_backoff <= max_backoff, and nothing negative"
    if uri.host == "" or (uri.port is not None and not 0 <= uri.port <= 65_535):
        yield "a URI override has a host that is not empty and a port between 0 and 65535"
    yield from headers.complaints(settings.target.headers)
