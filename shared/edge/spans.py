"""How a delivery was answered, told to its span."""

from typing import TypeVar

from opentelemetry.trace import Span

from shared.edge.answer import Ack, Nack
from shared.tracing import answered

A = TypeVar("A", bound=Ack | Nack)


def told(span: Span, answer: A) -> A:
    """The answer, as it came."""
    why = answer.note if isinstance(answer, Ack) else answer.reason_code
    answered(span, "ack" if isinstance(answer, Ack) else "nack", why)
    return answer
