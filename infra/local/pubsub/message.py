"""A published message, and what Pub/Sub refuses to publish ("Quotas and limits": resource limits)."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.refused import invalid

MAX_BYTES = 10_000_000
MAX_ATTRIBUTES = 100
MAX_KEY_BYTES, MAX_VALUE_BYTES = 256, 1024


@dataclass(frozen=True, slots=True)
class Message:
    """`sequence` is the id and the order of publication; `published`: epoch seconds, whole microseconds."""

    sequence: int
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    published: float

    @property
    def id(self) -> str:
        return str(self.sequence)

    @property
    def size(self) -> int:
        return size(self.data, self.attributes)


def size(data: bytes, attributes: Mapping[str, str]) -> int:
    return len(data) + sum(len(key.encode()) + len(value.encode()) for key, value in attributes.items())


def check(data: bytes, attributes: Mapping[str, str]) -> None:
    """Raises Refused for content that cannot be published."""
    if not data and not attributes:
        raise invalid("a message needs data or at least one attribute")
    if size(data, attributes) > MAX_BYTES:
        raise invalid(f"a message has at most {MAX_BYTES:,} bytes")
    if len(attributes) > MAX_ATTRIBUTES:
        raise invalid(f"a message has at most {MAX_ATTRIBUTES} attributes")
    for key, value in attributes.items():
        _check_attribute(key, value)


def _check_attribute(key: str, value: str) -> None:
    if not key or key.startswith("goog") or len(key.encode()) > MAX_KEY_BYTES:
        raise invalid("an attribute's key has 1 to 256 bytes and does not begin with goog")
    if len(value.encode()) > MAX_VALUE_BYTES:
        raise invalid(f"an attribute's value has at most {MAX_VALUE_BYTES} bytes")
