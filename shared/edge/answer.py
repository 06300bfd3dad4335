"""What a handler says to whoever delivered the work. HTTP numbers live here and nowhere else.

Pub/Sub: any 2xx acknowledges, everything else is a negative acknowledgement with the subscription's backoff.
Cloud Tasks: 2xx ends the task, 429 and 503 slow the whole queue, other answers retry the one task with the queue's backoff.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ack:
    """Fulfilled, or a successor is known to the queue."""

    note: str = ""


@dataclass(frozen=True)
class Nack:
    """Deliver it again; counted. `reason_code` goes to the log."""

    reason_code: str


@dataclass(frozen=True)
class Snooze:
    """Deliver it again in `seconds`; not counted. Only tasks can be snoozed."""

    reason_code: str
    seconds: float


Answer = Ack | Nack | Snooze


@dataclass(frozen=True)
class HttpAnswer:
    """The body is for people who read delivery logs: words, never data."""

    status: int
    words: str


OK = HttpAnswer(204, "")


def to_http(answer: Ack | Nack) -> HttpAnswer:
    return OK if isinstance(answer, Ack) else HttpAnswer(500, answer.reason_code)
