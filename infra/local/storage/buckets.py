"""Buckets. They have no versions, no access lists and keep nothing that was deleted."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from infra.local.storage import object_rows, paging
from infra.local.storage.index import Index
from infra.local.storage.names import require_bucket_name
from infra.local.storage.preconditions import Preconditions, Version, require_for_read, require_for_write
from infra.local.storage.records import Bucket, Document
from infra.local.storage.refusal import Reason, Refused

COLUMNS = "name, project, created, properties"
DEFAULTS = {"location": "US", "locationType": "multi-region", "storageClass": "STANDARD"}
KEPT = frozenset({*DEFAULTS, "labels"})
# Settings that say what holds here anyway.
TRUE_HERE: Document = {
    "versioning": {"enabled": False},
    "softDeletePolicy": {"retentionDurationSeconds": "0"},
    "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
}
FIRST_METAGENERATION = Version(metageneration=1)


class Buckets:
    def __init__(self, index: Index, now: Callable[[], float]) -> None:
        self._index = index
        self._now = now

    def insert(self, name: str, project: str, settings: Document) -> Bucket:
        """`settings`: the bucket's resource, as far as the client gave it."""
        require_bucket_name(name)
        bucket = Bucket(name, project, self._now(), properties(settings))
        with self._index.transaction() as db:
            if find(db, name):
                raise Refused(
                    Reason.CONFLICT,
                    "Your previous request to create the named bucket succeeded and you already own it.",
                )
            row = (name, project, bucket.created, json.dumps(bucket.properties))
            db.execute(f"INSERT INTO buckets ({COLUMNS}) VALUES (?, ?, ?, ?)", row)
        return bucket

    def get(self, name: str, conditions: Preconditions) -> Bucket:
        with self._index.transaction() as db:
            bucket = require(db, name)
        require_for_read(conditions, FIRST_METAGENERATION)
        return bucket

    def page(self, project: str, query: paging.ListQuery) -> paging.Page[Bucket]:
        """Buckets of a project, with the same pages as objects."""
        with self._index.transaction() as db:
            rows = db.execute(f"SELECT {COLUMNS} FROM buckets WHERE project = ? ORDER BY name", (project,))
            everything = [_bucket(row) for row in rows]
        return paging.page(
            query,
            lambda start, end: (each for each in everything if start <= each.name < end),
            lambda bucket: bucket.name,
        )

    def delete(self, name: str, conditions: Preconditions) -> None:
        """Also ends its notification configurations."""
        with self._index.transaction() as db:
            require(db, name)
            require_for_write(conditions, FIRST_METAGENERATION)
            if object_rows.any_in(db, name):
                raise Refused(Reason.CONFLICT, "The bucket you tried to delete is not empty.")
            db.execute("DELETE FROM notification_configs WHERE bucket = ?", (name,))
            db.execute("DELETE FROM buckets WHERE name = ?", (name,))


def find(db: sqlite3.Connection, name: str) -> Bucket | None:
    row = db.execute(f"SELECT {COLUMNS} FROM buckets WHERE name = ?", (name,)).fetchone()
    return row and _bucket(row)


def require(db: sqlite3.Connection, name: str) -> Bucket:
    if bucket := find(db, name):
        return bucket
    raise Refused(Reason.NOT_FOUND, "The specified bucket does not exist.")


def properties(settings: Document) -> dict[str, Any]:
    """What is kept of a bucket's resource. Refuses settings that would do nothing here."""
    for key, value in settings.items():
        if key not in KEPT and key not in ("name", "kind") and value and _plain(value) != TRUE_HERE.get(key):
            raise Refused(Reason.UNSUPPORTED, f"The bucket setting {key} = {value!r} is not supported here.")
    given = {key: value for key, value in settings.items() if key in KEPT and value}
    if "location" in given:
        given["location"] = str(given["location"]).upper()
        given.setdefault("locationType", "region")
    return DEFAULTS | given


def _plain(value: Any) -> Any:
    """As the JSON API reads it: null is nothing, and an int64 may come as a number."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    return str(value) if type(value) is int else value


def _bucket(row: tuple[str, str, float, str]) -> Bucket:
    name, project, created, settings = row
    return Bucket(name, project, created, json.loads(settings))
