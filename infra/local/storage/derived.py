"""Objects made of others, by compose and copy. They enter the store through Objects.insert like any other.

Sources are taken at one moment; what happens to them while their bytes are joined does not matter any more.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import BinaryIO

from infra.local.storage.bodies import Bodies
from infra.local.storage.checksums import Checksums
from infra.local.storage.index import Index
from infra.local.storage.objects import Objects, writable
from infra.local.storage.records import Body, NewObject, StoredObject, Wanted
from infra.local.storage.refusal import Reason, Refused

COMPOSE_LIMIT = 32


class Derived:
    def __init__(self, index: Index, bodies: Bodies, objects: Objects) -> None:
        self._index = index
        self._bodies = bodies
        self._objects = objects

    def compose(self, new: NewObject, sources: Sequence[Wanted]) -> StoredObject:
        """The sources' bytes in a row. They are copied: flat memory, but as slow as the disk."""
        if not 1 <= len(sources) <= COMPOSE_LIMIT:
            raise Refused(Reason.INVALID, f"The number of source components must be 1 to {COMPOSE_LIMIT}.")
        self._objects.check(new)
        with ExitStack() as held:
            parts = self._open(sources, held)
            joined = self._bodies.joined(file for _, file in parts)
        body = replace(joined, checksums=Checksums(joined.checksums.crc32c))
        return self._insert(new, body, sum(stored.components or 1 for stored, _ in parts))

    def copy(self, new: NewObject, source: Wanted) -> StoredObject:
        """The source's bytes under another name, without a copy on disk. No attributes: the source's."""
        with self._index.transaction() as db:
            stored = writable(db, source)
            body = self._bodies.twin(stored.body)
        attributes = new.attributes or stored.attributes
        return self._insert(replace(new, attributes=attributes), body, stored.components)

    def _open(self, sources: Iterable[Wanted], held: ExitStack) -> list[tuple[StoredObject, BinaryIO]]:
        with self._index.transaction() as db:
            found = [writable(db, each) for each in sources]
            return [(stored, held.enter_context(self._bodies.open(stored.body))) for stored in found]

    def _insert(self, new: NewObject, body: Body, components: int) -> StoredObject:
        """A body that was made here goes again where its object is refused."""
        try:
            return self._objects.insert(new, body, components)
        except Refused:
            self._bodies.discard(body)
            raise
