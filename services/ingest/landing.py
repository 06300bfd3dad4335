"""What a Cloud Storage notification says: which object, which generation, when. Rule: Cloud Storage, "Pub/Sub notifications",
payload format JSON_API_V1."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.edge.push import Message
from shared.errors import UnusableMessage
from shared.model.segment import Source

FINALIZE = "OBJECT_FINALIZE"

_NAME_BYTES = 1024
_NUMBER = re.compile(r"\d{1,19}", re.ASCII)
_FIRST_YEAR = 2000
"""Older than any object; a year of four digits keeps the landing keys in order."""


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


def _source(resource: Mapping[str, object]) -> Source:
    return Source(
        bucket=_text(resource["bucket"]),
        name=_name(resource["name"]),
        generation=_number(resource["generation"], 1),
        size=_number(resource["size"], 0),
        created=_moment(_text(resource["timeCreated"])),
    )


def _name(value: object) -> str:
    """Cloud Storage's own rule for names: what breaks it was never an object, and no question about it could be answered."""
    name = _text(value)
    if not 1 <= len(name.encode()) <= _NAME_BYTES or "\r" in name or "\n" in name:
        raise ValueError("not an object's name")
    return name


def _number(value: object, least: int) -> int:
    """JSON_API_V1 writes int64 as text. Generation 0 would mean: whichever there is."""
    text = _text(value)
    if not _NUMBER.fullmatch(text) or not least <= int(text) < 2**63:
        raise ValueError("not a number of Cloud Storage")
    return int(text)


def _moment(text: str) -> datetime:
    """Cloud Storage writes RFC 3339 in UTC; a time without zone is not one of its stamps."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or (moment := moment.astimezone(UTC)).year < _FIRST_YEAR:
        raise ValueError("not a stamp of Cloud Storage")
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
