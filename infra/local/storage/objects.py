"""Objects: every read and every change of one, each at one moment.

A change is one transaction: it holds the conditions against the live generation, counts the write, replaces
the row and records the notifications. Readers get the generation that is live at that moment, with its file
open, and keep it whatever happens to the object afterwards.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from infra.local.storage import buckets, configs, events, object_rows, outbox, paging
from infra.local.storage.bodies import Bodies
from infra.local.storage.events import Change, EventType
from infra.local.storage.index import Index
from infra.local.storage.names import require_object_name
from infra.local.storage.outbox import Outbox
from infra.local.storage.pace import WritePace
from infra.local.storage.preconditions import ABSENT, Version, require_for_read, require_for_write
from infra.local.storage.records import Body, Bucket, Document, NewObject, StoredObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused


class Objects:
    def __init__(self, index: Index, bodies: Bodies, waiting: Outbox, now: Callable[[], float]) -> None:
        self._index = index
        self._bodies = bodies
        self._outbox = waiting
        self._now = now
        self._pace = WritePace()

    def get(self, wanted: Wanted) -> StoredObject:
        with self._index.transaction() as db:
            return _readable(db, wanted)

    def open(self, wanted: Wanted) -> tuple[StoredObject, BinaryIO]:
        """The object and its bytes, for the caller to close."""
        with self._index.transaction() as db:
            stored = _readable(db, wanted)
            return stored, self._bodies.open(stored.body)

    def page(self, bucket: str, query: paging.ListQuery) -> paging.Page[StoredObject]:
        with self._index.transaction() as db:
            buckets.require(db, bucket)
            return paging.page(
                query,
                lambda start, end: object_rows.in_order(db, bucket, start, end),
                lambda stored: stored.target.name,
            )

    def check(self, new: NewObject) -> None:
        """Refuses now what `insert` would refuse, before the bytes are sent."""
        with self._index.transaction() as db:
            _place(db, new)

    def insert(self, new: NewObject, body: Body, components: int = 0) -> StoredObject:
        """A new generation. `body` is the store's from then on; where it is refused, still the caller's."""
        with self._index.transaction() as db:
            bucket, old = _place(db, new)
            now = self._admitted(new.target)
            version = Version(object_rows.next_generation(db, now), 1)
            stored = StoredObject(new.target, version, body, components, now, now, _classed(new, bucket))
            object_rows.put(db, stored)
            _record(db, events.finalized(stored, old))
        self._replaced(old)
        return stored

    def delete(self, wanted: Wanted) -> None:
        with self._index.transaction() as db:
            old = writable(db, wanted)
            now = self._admitted(wanted.target)
            object_rows.remove(db, wanted.target)
            _record(db, [Change(EventType.DELETE, old, now)])
        self._replaced(old)

    def change(self, wanted: Wanted, changed: Callable[[Document], dict[str, Any]]) -> StoredObject:
        """A new metageneration with the attributes that `changed` makes of the old ones."""
        with self._index.transaction() as db:
            old = writable(db, wanted)
            attributes = changed(old.attributes)
            now = self._admitted(wanted.target)
            version = replace(old.version, metageneration=old.version.metageneration + 1)
            stored = replace(old, version=version, updated=now, attributes=attributes)
            object_rows.put(db, stored)
            _record(db, [Change(EventType.METADATA_UPDATE, stored, now)])
        self._outbox.announce()
        return stored

    def _admitted(self, target: Target) -> float:
        """The moment of a write that the pace allows."""
        now = self._now()
        self._pace.admit(target, now)
        return now

    def _replaced(self, old: StoredObject | None) -> None:
        if old:
            self._bodies.discard(old.body)
        self._outbox.announce()


def writable(db: sqlite3.Connection, wanted: Wanted) -> StoredObject:
    """The live object, if it is the one that is wanted; a write's conditions are held against it."""
    stored = _live(db, wanted)
    require_for_write(wanted.conditions, stored.version)
    return stored


def _readable(db: sqlite3.Connection, wanted: Wanted) -> StoredObject:
    stored = _live(db, wanted)
    require_for_read(wanted.conditions, stored.version)
    return stored


def _live(db: sqlite3.Connection, wanted: Wanted) -> StoredObject:
    buckets.require(db, wanted.target.bucket)
    stored = object_rows.find(db, wanted.target)
    if stored is None or wanted.generation not in (None, stored.version.generation):
        which = "" if wanted.generation is None else f"#{wanted.generation}"
        raise Refused(Reason.NOT_FOUND, f"No such object: {wanted.target.bucket}/{wanted.target.name}{which}")
    return stored


def _place(db: sqlite3.Connection, new: NewObject) -> tuple[Bucket, StoredObject | None]:
    """Where a new object goes, and what it overwrites there."""
    require_object_name(new.target.name)
    bucket = buckets.require(db, new.target.bucket)
    old = object_rows.find(db, new.target)
    require_for_write(new.conditions, old.version if old else ABSENT)
    return bucket, old


def _classed(new: NewObject, bucket: Bucket) -> dict[str, Any]:
    return {"storageClass": bucket.properties["storageClass"], **new.attributes}


def _record(db: sqlite3.Connection, changes: Sequence[Change]) -> None:
    wanted = configs.of_bucket(db, changes[0].stored.target.bucket)
    outbox.record(db, events.notifications(wanted, changes))
