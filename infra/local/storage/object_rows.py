"""The rows of objects, one for each live generation. All functions work inside a transaction of the index."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from infra.local.storage.checksums import Checksums
from infra.local.storage.preconditions import Version
from infra.local.storage.records import Body, StoredObject, Target

COLUMNS = """
    bucket, name, generation, metageneration, file, size, crc32c, md5,
    components, created, updated, attributes
"""


def find(db: sqlite3.Connection, target: Target) -> StoredObject | None:
    row = db.execute(
        f"SELECT {COLUMNS} FROM objects WHERE bucket = ? AND name = ?", (target.bucket, target.name)
    ).fetchone()
    return row and _object(row)


def put(db: sqlite3.Connection, stored: StoredObject) -> None:
    db.execute(f"REPLACE INTO objects ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(stored))


def remove(db: sqlite3.Connection, target: Target) -> None:
    db.execute("DELETE FROM objects WHERE bucket = ? AND name = ?", (target.bucket, target.name))


def in_order(db: sqlite3.Connection, bucket: str, start: str, end: str | None) -> Iterator[StoredObject]:
    """Objects from `start` on and before `end`, by the UTF-8 bytes of their names."""
    before_end = "" if end is None else "AND name < :end"
    rows = db.execute(
        f"SELECT {COLUMNS} FROM objects WHERE bucket = :bucket AND name >= :start {before_end} ORDER BY name",
        {"bucket": bucket, "start": start, "end": end},
    )
    return map(_object, rows)


def any_in(db: sqlite3.Connection, bucket: str) -> bool:
    return db.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (bucket,)).fetchone() is not None


def files(db: sqlite3.Connection) -> frozenset[str]:
    return frozenset(file for (file,) in db.execute("SELECT file FROM objects"))


def next_generation(db: sqlite3.Connection, now: float) -> int:
    """Microseconds of `now`, but more than any generation before, whatever clocks did since."""
    row = db.execute("SELECT number FROM last_generation").fetchone()
    number = max(int(now * 1_000_000), row[0] + 1 if row else 1)
    write = "UPDATE last_generation SET number = ?" if row else "INSERT INTO last_generation VALUES (?)"
    db.execute(write, (number,))
    return number


def _row(stored: StoredObject) -> tuple[Any, ...]:
    return (
        stored.target.bucket,
        stored.target.name,
        stored.version.generation,
        stored.version.metageneration,
        stored.body.file,
        stored.body.size,
        stored.body.checksums.crc32c,
        stored.body.checksums.md5,
        stored.components,
        stored.created,
        stored.updated,
        json.dumps(stored.attributes),
    )


def _object(row: tuple[Any, ...]) -> StoredObject:
    bucket, name, generation, metageneration, *contents, components, created, updated, attributes = row
    file, size, crc32c, md5 = contents
    return StoredObject(
        Target(bucket, name),
        Version(generation, metageneration),
        Body(file, size, Checksums(crc32c, md5)),
        components,
        created,
        updated,
        json.loads(attributes),
    )
