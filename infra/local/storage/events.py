"""Which notifications a change of an object gives. Pure.

Cloud Storage, Pub/Sub notifications: event types, attributes, payload. The change and its notifications are
recorded in one transaction (objects.py), so that neither is there without the other.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from infra.local.clock import rfc3339
from infra.local.storage.records import NotificationConfig, StoredObject
from infra.local.storage.resources import GOOGLE, object_resource


class EventType(StrEnum):
    FINALIZE = "OBJECT_FINALIZE"  # a new generation is there
    DELETE = "OBJECT_DELETE"  # a generation is gone: deleted or overwritten
    METADATA_UPDATE = "OBJECT_METADATA_UPDATE"  # a generation has a new metageneration
    ARCHIVE = "OBJECT_ARCHIVE"  # may be asked for; happens only in buckets with versions, so never here


class PayloadFormat(StrEnum):
    JSON = "JSON_API_V1"  # the object's resource
    NONE = "NONE"  # attributes only


@dataclass(frozen=True)
class Change:
    """What happened to `stored` at `at` (epoch seconds). Generations are 0 where nothing was overwritten."""

    event_type: EventType
    stored: StoredObject
    at: float
    overwrote: int = 0
    overwritten_by: int = 0


@dataclass(frozen=True)
class Notification:
    topic: str
    data: bytes
    attributes: dict[str, str]


def finalized(new: StoredObject, old: StoredObject | None) -> list[Change]:
    """A new generation; the one that it overwrote is deleted."""
    if old is None:
        return [Change(EventType.FINALIZE, new, new.updated)]
    return [
        Change(EventType.FINALIZE, new, new.updated, overwrote=old.version.generation),
        Change(EventType.DELETE, old, new.updated, overwritten_by=new.version.generation),
    ]


def notifications(configs: Iterable[NotificationConfig], changes: Iterable[Change]) -> list[Notification]:
    wanted = list(configs)
    return [notification(config, change) for change in changes for config in wanted if wants(config, change)]


def wants(config: NotificationConfig, change: Change) -> bool:
    return change.stored.target.name.startswith(config.name_prefix) and (
        not config.event_types or change.event_type in config.event_types
    )


def notification(config: NotificationConfig, change: Change) -> Notification:
    data = b""
    if config.payload_format == PayloadFormat.JSON:
        data = json.dumps(object_resource(change.stored, GOOGLE)).encode()
    return Notification(config.topic, data, {**config.custom_attributes, **_attributes(config, change)})


def _attributes(config: NotificationConfig, change: Change) -> dict[str, str]:
    target = change.stored.target
    attributes = {
        "notificationConfig": f"projects/_/buckets/{config.bucket}/notificationConfigs/{config.id}",
        "eventType": change.event_type,
        "payloadFormat": config.payload_format,
        "bucketId": target.bucket,
        "objectId": target.name,
        "objectGeneration": str(change.stored.version.generation),
        "eventTime": rfc3339(change.at),
    }
    if change.overwrote:
        attributes["overwroteGeneration"] = str(change.overwrote)
    if change.overwritten_by:
        attributes["overwrittenByGeneration"] = str(change.overwritten_by)
    return attributes
