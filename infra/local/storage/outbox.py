"""Notifications that are recorded and not yet published.

They enter in the transaction of the change that they tell of (objects.py) and leave when notifications.py has
published them; a failed attempt makes them due again later. So a notification may be published twice, never
not at all. Times are epoch seconds.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.local.storage.events import Notification
from infra.local.storage.index import Index


@dataclass(frozen=True)
class Waiting:
    """A notification in the outbox, with the number of attempts to publish it so far."""

    id: int
    notification: Notification
    attempts: int


class Outbox:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._listeners: list[Callable[[], object]] = []

    @contextmanager
    def heard_by(self, listener: Callable[[], object]) -> Iterator[None]:
        """Calls `listener` after every change of an object, in the thread that made it."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def announce(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def due(self, now: float, limit: int) -> list[Waiting]:
        """Those that are due, new ones first: what is refused again and again holds up nothing else."""
        with self._index.transaction() as db:
            rows = db.execute(
                "SELECT id, topic, data, attributes, attempts FROM outbox WHERE due <= ? ORDER BY due, id LIMIT ?",
                (now, limit),
            )
            return [
                Waiting(number, Notification(topic, data, json.loads(attributes)), attempts)
                for number, topic, data, attributes, attempts in rows
            ]

    def next_due(self) -> float | None:
        """When the next one is due; None while the outbox is empty."""
        with self._index.transaction() as db:
            (moment,) = db.execute("SELECT min(due) FROM outbox").fetchone()
        return None if moment is None else float(moment)

    def published(self, waiting: Waiting) -> None:
        with self._index.transaction() as db:
            db.execute("DELETE FROM outbox WHERE id = ?", (waiting.id,))

    def postpone(self, waiting: Waiting, until: float) -> None:
        with self._index.transaction() as db:
            db.execute("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", (until, waiting.id))


def record(db: sqlite3.Connection, notifications: Iterable[Notification]) -> None:
    """Inside the transaction of the change. They are due at once."""
    db.executemany(
        "INSERT INTO outbox (topic, data, attributes, attempts, due) VALUES (?, ?, ?, 0, 0)",
        [(each.topic, each.data, json.dumps(each.attributes)) for each in notifications],
    )
