"""Two stores under the ports of a simulated process: the local cloud's own engine, and the same rules in a dictionary.

The dictionary is for the thousands of worlds of the simulation, where files and SQL would take most of the time. That
both answer alike is a test of its own (tests/unit/test_stores.py).
"""

import base64
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Protocol

import google_crc32c

from infra.local.storage.checksums import UNKNOWN
from infra.local.storage.engine import StorageEngine
from infra.local.storage.pace import WritePace
from infra.local.storage.paging import ListQuery
from infra.local.storage.preconditions import Preconditions
from infra.local.storage.records import NewObject, StoredObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.uploads import Upload
from shared.ports import Blob

Metadata = Mapping[str, str] | None


class TooOften(Exception):
    """More than one write a second to one name."""


class Store(Protocol):
    """One bucket. A write whose condition fails answers None, a delete False; TooOften is raised and changes nothing."""

    def get(self, name: str) -> Blob | None: ...
    def insert(self, name: str, content: bytes, generation: int, metadata: Metadata) -> Blob | None: ...
    def remove(self, name: str, generation: int) -> bool: ...
    def page(self, prefix: str, after: str) -> list[Blob]:
        """Up to a thousand, in the order of their names, behind the name `after`."""
        ...


@dataclass(frozen=True)
class EngineStore:
    engine: StorageEngine
    bucket: str

    def get(self, name: str) -> Blob | None:
        try:
            stored, file = self.engine.objects.open(self._wanted(name))
        except Refused as refused:
            _let_pass(refused, Reason.NOT_FOUND)
            return None
        with file:
            return _blob(stored, file.read())

    def insert(self, name: str, content: bytes, generation: int, metadata: Metadata) -> Blob | None:
        attributes = {"metadata": dict(metadata)} if metadata else {}
        new = NewObject(Target(self.bucket, name), attributes, Preconditions(generation_match=generation))
        with self.engine.uploads.draft() as draft:
            draft.write(content)
            try:
                return _blob(self.engine.uploads.complete(Upload(new, UNKNOWN), draft), content)
            except Refused as refused:
                _let_pass(refused, Reason.CONDITION_FAILED)
                return None

    def remove(self, name: str, generation: int) -> bool:
        conditions = Preconditions(generation_match=generation)
        try:
            self.engine.objects.delete(replace(self._wanted(name), conditions=conditions))
        except Refused as refused:
            _let_pass(refused, Reason.CONDITION_FAILED, Reason.NOT_FOUND)
            return False
        return True

    def page(self, prefix: str, after: str) -> list[Blob]:
        query = ListQuery(prefix=prefix, start_offset=f"{after}\0" if after else "")
        return [_blob(stored) for stored in self.engine.objects.page(self.bucket, query).items]

    def _wanted(self, name: str) -> Wanted:
        return Wanted(Target(self.bucket, name), None)


@dataclass
class MemoryStore:
    bucket: str
    now: Callable[[], float]
    _blobs: dict[str, Blob] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)  # in order
    _pace: WritePace = field(default_factory=WritePace)
    _last: int = 0

    def get(self, name: str) -> Blob | None:
        return self._blobs.get(name)

    def insert(self, name: str, content: bytes, generation: int, metadata: Metadata) -> Blob | None:
        if generation != self._generation(name):
            return None
        self._admit(name)
        self._last = max(self._last + 1, int(self.now() * 1_000_000))
        created = datetime.fromtimestamp(self.now(), UTC)
        crc32c = base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
        blob = Blob(name, self._last, created, len(content), crc32c, dict(metadata or {}), content)
        if name not in self._blobs:
            insort(self._names, name)
        self._blobs[name] = blob
        return blob

    def remove(self, name: str, generation: int) -> bool:
        if not generation or generation != self._generation(name):
            return False
        self._admit(name)
        del self._blobs[name]
        del self._names[bisect_left(self._names, name)]
        return True

    def page(self, prefix: str, after: str) -> list[Blob]:
        start = max(bisect_left(self._names, prefix), bisect_right(self._names, after) if after else 0)
        below = takewhile(lambda name: name.startswith(prefix), islice(self._names, start, None))
        return [replace(self._blobs[name], content=b"") for name in islice(below, 1000)]

    def _generation(self, name: str) -> int:
        return self._blobs[name].generation if name in self._blobs else 0

    def _admit(self, name: str) -> None:
        try:
            self._pace.admit(Target(self.bucket, name), self.now())
        except Refused as refused:
            raise TooOften from refused


def _let_pass(refused: Refused, *reasons: Reason) -> None:
    """These are answers, everything else is an error."""
    if refused.reason is Reason.TOO_OFTEN:
        raise TooOften from refused
    if refused.reason not in reasons:
        raise refused


def _blob(stored: StoredObject, content: bytes = b"") -> Blob:
    return Blob(
        name=stored.target.name,
        generation=stored.version.generation,
        created=datetime.fromtimestamp(stored.created, UTC),
        size=stored.body.size,
        crc32c=stored.body.checksums.crc32c,
        metadata=dict(stored.attributes.get("metadata", {})),
        content=content,
    )
