"""What a Cloud Storage notification says: which object, which generation, when. Rule: Cloud Storage, "Pub/Sub notifications",
payload format JSON_API_V1."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.edge.push import Message
from shared.errors import UnusableMessage
from shared.model.segment import Source

FINALIZE = "OBJECT_FINALIZE"


@dataclass(frozen=True)
class Landing:
    """`metadata` is the object's own, written by whoever uploaded it: `validate-only: true` asks that nothing be sent."""

    source: Source
    metadata: Mapping[str, str]

    @property
    def validate_only(self) -> bool:
        return self.metadata.get("validate-only", "").lower() == "true"


def read_landing(message: Message) -> Landing | None:
    """None for an event that is no new content; UnusableMessage for what is no notification at all."""
    if message.attributes.get("eventType") != FINALIZE:
        if "eventType" in message.attributes:
            return None
        raise UnusableMessage("message_unusable", "the message is no Cloud Storage notification")
    try:
        resource = json.loads(message.data)
        return Landing(_source(resource), _metadata(resource))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise UnusableMessage(
            "message_unusable", "the notification's object resource is not readable"
        ) from None


def _source(resource: Mapping[str, str]) -> Source:
    return Source(
        bucket=_text(resource["bucket"]),
        name=_text(resource["name"]),
        generation=int(resource["generation"]),
        size=int(resource["size"]),
        created=_moment(resource["timeCreated"]),
    )


def _moment(text: str) -> datetime:
    """Cloud Storage writes RFC 3339 in UTC; a time without zone is not one of its stamps."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment


def _metadata(resource: Mapping[str, object]) -> dict[str, str]:
    found = resource.get("metadata") or {}
    if not isinstance(found, Mapping):
        raise TypeError("metadata is no object")
    return {_text(key): _text(value) for key, value in found.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
