"""The envelope of a Pub/Sub push request. Rule: Pub/Sub, "Receive push messages"."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.errors import UnusableMessage


@dataclass(frozen=True)
class Message:
    """`attempt` is 0 where the subscription has no dead-letter policy. `published`: None where it cannot be read."""

    data: bytes
    attributes: Mapping[str, str]
    message_id: str
    attempt: int
    published: datetime | None = None


def read_push(body: bytes) -> Message:
    """UnusableMessage when the body is no push envelope."""
    try:
        envelope = json.loads(body)
        message = envelope["message"]
        attributes = message.get("attributes") or {}
        data = base64.b64decode(message.get("data", ""), validate=True)
        found = Message(
            data,
            dict(attributes.items()),
            message["messageId"],
            envelope.get("deliveryAttempt", 0),
            _moment(message.get("publishTime")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise UnusableMessage("message_unusable", "the body is no Pub/Sub push envelope") from None
    return _checked(found)


def _moment(text: Any) -> datetime | None:
    """RFC 3339 with a zone. Nanoseconds are cut: Python knows microseconds."""
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None


def _checked(message: Message) -> Message:
    texts: list[Any] = [message.message_id, *message.attributes.values()]
    if not all(isinstance(text, str) for text in texts) or type(message.attempt) is not int:
        raise UnusableMessage("message_unusable", "the push envelope's fields have wrong types")
    return message
