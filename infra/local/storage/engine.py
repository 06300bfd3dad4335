"""The local Cloud Storage without its wire: an index in SQLite, bodies as files, and the rules.

Synchronous and deterministic for the `now` that it is given; it may be called from several threads. HTTP is
the face's (face.py), publishing is done by notifications.py.
"""

from collections.abc import Callable
from pathlib import Path

from infra.local.storage import object_rows
from infra.local.storage.bodies import Bodies
from infra.local.storage.buckets import Buckets
from infra.local.storage.configs import Configs
from infra.local.storage.derived import Derived
from infra.local.storage.index import Index
from infra.local.storage.objects import Objects
from infra.local.storage.outbox import Outbox
from infra.local.storage.uploads import Uploads


class StorageEngine:
    def __init__(self, directory: Path, now: Callable[[], float]) -> None:
        """Goes on with what is in `directory`. `now`: epoch seconds."""
        directory.mkdir(parents=True, exist_ok=True)
        self._index = Index(directory / "index.sqlite")
        with self._index.transaction() as db:
            kept = object_rows.files(db)
        bodies = Bodies(directory / "bodies", kept)
        self.outbox = Outbox(self._index)
        self.configs = Configs(self._index)
        self.buckets = Buckets(self._index, now)
        self.objects = Objects(self._index, bodies, self.outbox, now)
        self.derived = Derived(self._index, bodies, self.objects)
        self.uploads = Uploads(self.objects, bodies, now)

    def close(self) -> None:
        self._index.close()
