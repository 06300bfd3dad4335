"""What topics and subscriptions are set to, as frozen values, and the limits that Pub/Sub puts on them.

Source: the comments of google.pubsub.v1 (Topic, Subscription, RetryPolicy, DeadLetterPolicy, PushConfig).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from infra.local.refused import invalid

MINUTE, DAY = 60.0, 86_400.0
SHORTEST_RETENTION, LONGEST_RETENTION = 10 * MINUTE, 31 * DAY
SHORTEST_DEADLINE, LONGEST_DEADLINE = 10, 600
LONGEST_BACKOFF = 600.0
# Pub/Sub never pushes at once after a failure, even where the retry policy's minimum is 0.
SHORTEST_PUSH_BACKOFF = 0.1


@dataclass(frozen=True)
class TopicSettings:
    """`retention`: for how many seconds messages can be sought back; None leaves it to subscriptions."""

    retention: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RetryPolicy:
    """Seconds between deliveries of a message: from `minimum`, doubled by each failure, to `maximum`."""

    minimum: float = 10.0
    maximum: float = 600.0


@dataclass(frozen=True)
class DeadLetterPolicy:
    topic: str
    attempts: int = 5


@dataclass(frozen=True)
class Push:
    """Where messages are pushed. No `email`: without a token. No `audience`: the endpoint is the audience."""

    endpoint: str
    email: str = ""
    audience: str = ""


@dataclass(frozen=True)
class SubscriptionSettings:
    """All durations in seconds. `idle_life` None: an unused subscription never expires."""

    topic: str
    ack_deadline: int = 10
    retention: float = 7 * DAY
    retain_acked: bool = False
    filter: str = ""
    push: Push | None = None
    retry: RetryPolicy | None = None
    dead_letter: DeadLetterPolicy | None = None
    idle_life: float | None = 31 * DAY
    labels: Mapping[str, str] = field(default_factory=dict)


def redelivery_delay(settings: SubscriptionSettings, failures: int) -> float:
    """Seconds until a message that failed `failures` times (1 or more) may be delivered again.

    Without a policy a puller gets it back at once, while a push endpoint gets the default policy's patience.
    """
    retry = settings.retry or (RetryPolicy() if settings.push else RetryPolicy(0.0, 0.0))
    # 64 doublings are past every maximum, and further ones would leave the range of floats.
    delay = min(retry.maximum, retry.minimum * 2.0 ** min(failures - 1, 64))
    return max(delay, SHORTEST_PUSH_BACKOFF) if settings.push else delay


def check_topic(settings: TopicSettings) -> None:
    if settings.retention is not None:
        _check_retention(settings.retention)


def check_subscription(settings: SubscriptionSettings) -> None:
    """Raises Refused for the first value outside its limits. The filter is checked where it is parsed."""
    for complaint in _complaints(settings):
        raise invalid(complaint)
    _check_retention(settings.retention)


def check_deadline(seconds: int) -> None:
    if not SHORTEST_DEADLINE <= seconds <= LONGEST_DEADLINE:
        raise invalid(f"an ack deadline is between 10 and 600 seconds, not {seconds}")


def _complaints(settings: SubscriptionSettings) -> Iterator[str]:
    if not SHORTEST_DEADLINE <= settings.ack_deadline <= LONGEST_DEADLINE:
        yield f"ack_deadline_seconds is between 10 and 600, not {settings.ack_deadline}"
    if (retry := settings.retry) and not 0 <= retry.minimum <= retry.maximum <= LONGEST_BACKOFF:
        yield "a retry policy has 0 s <= minimum_backoff <= maximum_backoff <= 600 s"
    if (dead := settings.dead_letter) and not 5 <= dead.attempts <= 100:
        yield f"max_delivery_attempts is between 5 and 100 (0 means 5), not {dead.attempts}"
    if settings.push and not settings.push.endpoint.startswith(("http://", "https://")):
        yield f"push_endpoint is an http:// or https:// URL, not {settings.push.endpoint!r}"
    if settings.idle_life is not None and settings.idle_life < DAY:
        yield "expiration_policy.ttl is at least one day"


def _check_retention(seconds: float) -> None:
    if not SHORTEST_RETENTION <= seconds <= LONGEST_RETENTION:
        raise invalid(f"message_retention_duration is between 10 minutes and 31 days, not {seconds:g} s")
