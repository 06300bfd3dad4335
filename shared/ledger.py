"""The ledger: every state of every run, as typed documents in the work bucket.

Facts are settled (created once, the first wins, everybody reads what is stored); states are swapped on the generation that was read.
A failed precondition is always resolved by reading: the client's own retry of a lost answer causes one too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from shared.errors import TransientError
from shared.model.codec import decode, encode
from shared.ports import Blob, Blobs

T = TypeVar("T")
_REMEMBERED = 256


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A stored document with the stamp and generation that Cloud Storage gave it."""

    value: T
    content: bytes
    generation: int
    created: datetime
    metadata: Mapping[str, str]


class Ledger:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._facts: dict[str, Entry[Any]] = {}
        self._lock = Lock()

    @property
    def bucket(self) -> str:
        return self._blobs.bucket

    def read(self, cls: type[T], name: str) -> Entry[T] | None:
        blob = self._blobs.get(name)
        return _entry(cls, blob) if blob else None

    def fact(self, cls: type[T], name: str) -> Entry[T] | None:
        """A settled document. It never changes, so that a process reads it once; absence is never remembered."""
        known = self._facts.get(name)
        if known is None and (known := self.read(cls, name)):
            self._remember(name, known)
        return known

    def settle(self, name: str, value: T, metadata: Mapping[str, str] | None = None) -> Entry[T]:
        """Create the document, or adopt the one that is there. What comes back is what is stored."""
        created = self._blobs.create(name, encode(value), _said(metadata))
        if created is not None:
            return _entry(type(value), created)
        return self._stored(type(value), name)

    def swap(
        self, name: str, value: T, generation: int, metadata: Mapping[str, str] | None = None
    ) -> Entry[T] | None:
        """Replace generation `generation` (0: there is none). None when somebody else wrote; an equal document is our own write."""
        content = encode(value)
        blob = self._blobs.replace(name, content, generation, _said(metadata))
        if blob is None:
            found = self._blobs.get(name)
            blob = found if found and _says(found, content, metadata) else None
        return _entry(type(value), blob) if blob else None

    def stat(self, name: str) -> Blob | None:
        return self._blobs.stat(name)

    def list(self, prefix: str, start: str = "") -> Iterator[Blob]:
        """Names, stamps and metadata, without content; `start`: from this name on."""
        return self._blobs.list(prefix, start)

    def remove(self, name: str, generation: int) -> bool:
        return self._blobs.delete(name, generation)

    def write_once(self, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> None:
        """Bytes that are no document (reject reports, marks): the first writer wins, twins write the same."""
        self._blobs.create(name, content, _said(metadata))

    def _stored(self, cls: type[T], name: str) -> Entry[T]:
        entry = self.read(cls, name)
        if entry is None:
            raise TransientError("a document was deleted while it was being read")
        return entry

    def _remember(self, name: str, entry: Entry[Any]) -> None:
        with self._lock:
            while len(self._facts) >= _REMEMBERED:
                del self._facts[next(iter(self._facts))]
            self._facts[name] = entry


def _says(blob: Blob, content: bytes, metadata: Mapping[str, str] | None) -> bool:
    return blob.content == content and dict(blob.metadata) == _said(metadata)


def _said(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """What is empty is left out: absent and "" mean the same everywhere."""
    return {key: text for key, text in (metadata or {}).items() if text}


def _entry(cls: type[T], blob: Blob) -> Entry[T]:
    return Entry(decode(cls, blob.content), blob.content, blob.generation, blob.created, blob.metadata)
