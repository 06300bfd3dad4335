"""The SQLite file that holds everything but the bytes, and its one lock.

One connection, guarded by a lock: whatever happens inside `transaction()` happens at one moment for everybody
else, and is wholly there or not at all after a crash of this process. Which rows there are and what they mean
is told in buckets.py, object_rows.py, configs.py and outbox.py.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, project TEXT NOT NULL, created REAL NOT NULL, properties TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    file TEXT NOT NULL, size INTEGER NOT NULL, crc32c TEXT NOT NULL, md5 TEXT NOT NULL,
    components INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_generation (number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS notification_configs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, topic TEXT NOT NULL,
    event_types TEXT NOT NULL, payload_format TEXT NOT NULL, name_prefix TEXT NOT NULL,
    custom_attributes TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL, attributes TEXT NOT NULL,
    attempts INTEGER NOT NULL, due REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_by_due ON outbox (due);
"""


class Index:
    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A crash of the machine may cost the last commits, a crash of the process none.
        self._connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {SCHEMA}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody in between."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._connection.close()
