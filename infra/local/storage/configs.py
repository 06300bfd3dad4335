"""Notification configurations of a bucket: which changes are published to which topic.

Cloud Storage JSON API, Notifications. Whether the topic exists is not asked here: its notifications wait in
the outbox until it does.
"""

import json
import re
import sqlite3
from typing import Any

from infra.local.storage import buckets
from infra.local.storage.events import EventType, PayloadFormat
from infra.local.storage.index import Index
from infra.local.storage.records import Document, NotificationConfig
from infra.local.storage.refusal import Reason, Refused

COLUMNS = "bucket, topic, event_types, payload_format, name_prefix, custom_attributes"
_TOPIC = re.compile(r"(?://pubsub\.googleapis\.com/)?(projects/[^/]+/topics/[^/]+)")


class Configs:
    def __init__(self, index: Index) -> None:
        self._index = index

    def insert(self, bucket: str, document: Document) -> NotificationConfig:
        """`document`: a Notification resource."""
        config = parse(bucket, document)
        with self._index.transaction() as db:
            buckets.require(db, bucket)
            cursor = db.execute(
                f"INSERT INTO notification_configs ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", _row(config)
            )
            return require(db, bucket, str(cursor.lastrowid))

    def get(self, bucket: str, config_id: str) -> NotificationConfig:
        with self._index.transaction() as db:
            return require(db, bucket, config_id)

    def all_of(self, bucket: str) -> list[NotificationConfig]:
        with self._index.transaction() as db:
            buckets.require(db, bucket)
            return of_bucket(db, bucket)

    def delete(self, bucket: str, config_id: str) -> None:
        with self._index.transaction() as db:
            require(db, bucket, config_id)
            db.execute("DELETE FROM notification_configs WHERE id = ?", (int(config_id),))


def parse(bucket: str, document: Document) -> NotificationConfig:
    """The id is "" until the configuration is stored."""
    topic = _TOPIC.fullmatch(str(document.get("topic", "")))
    if topic is None:
        raise Refused(Reason.INVALID, f"Invalid Google Cloud Pub/Sub topic: {document.get('topic')!r}")
    event_types = tuple(_one_of(EventType, each) for each in document.get("event_types") or ())
    return NotificationConfig(
        "",
        bucket,
        topic[1],
        event_types,
        _one_of(PayloadFormat, document.get("payload_format")),
        str(document.get("object_name_prefix") or ""),
        _custom_attributes(document.get("custom_attributes") or {}),
    )


def _one_of(known: type[EventType] | type[PayloadFormat], value: Any) -> str:
    if value not in tuple(known):
        raise Refused(Reason.INVALID, f"Invalid notification: {value!r} is none of {', '.join(known)}.")
    return str(value)


def _custom_attributes(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Refused(Reason.INVALID, "Invalid notification: custom_attributes must be texts by name.")
    return given


def of_bucket(db: sqlite3.Connection, bucket: str) -> list[NotificationConfig]:
    select = f"SELECT id, {COLUMNS} FROM notification_configs WHERE bucket = ? ORDER BY id"
    return [_config(row) for row in db.execute(select, (bucket,))]


def require(db: sqlite3.Connection, bucket: str, config_id: str) -> NotificationConfig:
    for config in of_bucket(db, bucket):
        if config.id == config_id:
            return config
    raise Refused(Reason.NOT_FOUND, f"The notification configuration {config_id} of {bucket} does not exist.")


def _row(config: NotificationConfig) -> tuple[str, ...]:
    return (
        config.bucket,
        config.topic,
        json.dumps(config.event_types),
        config.payload_format,
        config.name_prefix,
        json.dumps(config.custom_attributes),
    )


def _config(row: tuple[Any, ...]) -> NotificationConfig:
    number, bucket, topic, event_types, payload_format, name_prefix, custom_attributes = row
    return NotificationConfig(
        str(number),
        bucket,
        topic,
        tuple(json.loads(event_types)),
        payload_format,
        name_prefix,
        json.loads(custom_attributes),
    )
