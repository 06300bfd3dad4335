"""The product's ports over the local cloud's engines: no process, no socket, no waiting."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from typing import TypeVar

from infra.local.pubsub.engine import PubSubEngine
from infra.local.refused import Refused as RefusedCall
from infra.local.storage.checksums import UNKNOWN
from infra.local.storage.engine import StorageEngine
from infra.local.storage.paging import ListQuery
from infra.local.storage.preconditions import Preconditions
from infra.local.storage.records import NewObject, StoredObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.uploads import Upload
from infra.local.tasks.engine import TasksEngine
from infra.local.tasks.task import HttpRequest, NewTask
from shared.errors import SourceGone, TransientError
from shared.ports import Blob, Readings
from tests.support.effects import Gate
from tests.support.stage import Stage
from tests.support.watch.mirror import NOBODY, Who
from tests.support.watch.watch import Watch

T = TypeVar("T")

PROJECT = "projects/sluice-test"
LOCATION = f"{PROJECT}/locations/local"
_CHUNK = 64 * 1024
_PAGE = 3


@dataclass(frozen=True)
class VirtualClock:
    """The stage's time. `skew`: seconds by which this process's wall clock is wrong, until at `stepped_at` somebody sets it
    and it is wrong by `skew_after`."""

    stage: Stage
    skew: float = 0.0
    stepped_at: float = inf
    skew_after: float = 0.0

    def now(self) -> datetime:
        return moment(self._wall())

    def readings(self) -> Readings:
        return Readings(self.stage.now, self.stage.now, self._wall())

    def _wall(self) -> float:
        return self.stage.now + (self.skew if self.stage.now < self.stepped_at else self.skew_after)

    def sleep(self, seconds: float) -> None:
        self.stage.pause(seconds)

    def real(self, seconds: float) -> float:
        return seconds


@dataclass(frozen=True)
class EngineBlobs:
    store: StorageEngine
    bucket: str
    gate: Gate
    stage: Stage
    watch: Watch | None = None
    who: Who = NOBODY

    def get(self, name: str) -> Blob | None:
        return self._read(name, lambda: self._opened(name, None))

    def stat(self, name: str) -> Blob | None:
        return self._read(name, lambda: _blob(self.store.objects.get(self._wanted(name))))

    def create(self, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> Blob | None:
        return self._write("create", name, lambda: self._insert(name, content, 0, metadata))

    def replace(
        self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None = None
    ) -> Blob | None:
        return self._write("replace", name, lambda: self._insert(name, content, generation, metadata))

    def delete(self, name: str, generation: int) -> bool:
        return self._write("delete", name, lambda: self._removed(name, generation)) is True

    def list(self, prefix: str) -> Iterator[Blob]:
        query, found = ListQuery(prefix=prefix), list[Blob]()
        while True:
            self.gate.looked("list", prefix)
            page = self.store.objects.page(self.bucket, query)
            found += map(_blob, page.items)
            if not page.next_page_token:
                if self.watch:
                    self.watch.writes.listed(prefix, found, self.who)
                return iter(found)
            query = replace(query, page_token=page.next_page_token)

    def stream(self, name: str, generation: int) -> Iterator[bytes]:
        start = 0
        while chunk := self._chunk(name, generation, start):
            yield chunk
            start += len(chunk)

    def _chunk(self, name: str, generation: int, start: int) -> bytes:
        self.stage.pause()
        try:
            _, file = self.store.objects.open(self._wanted(name, generation))
        except Refused as refused:
            raise SourceGone(refused.message) from refused
        with file:
            file.seek(start)
            return file.read(_CHUNK)

    def _opened(self, name: str, generation: int | None) -> Blob:
        stored, file = self.store.objects.open(self._wanted(name, generation))
        with file:
            return _blob(stored, file.read())

    def _read(self, name: str, read: Callable[[], Blob]) -> Blob | None:
        self.gate.looked("read", name)
        try:
            return read()
        except Refused as refused:
            if refused.reason is Reason.NOT_FOUND:
                return None
            raise

    def _write(self, kind: str, name: str, write: Callable[[], T]) -> T | None:
        return self.gate.carry_out(kind, name, lambda: self._admitted(write))

    def _admitted(self, write: Callable[[], T]) -> T | None:
        """As the client library does: a write that came too soon after the last one is repeated."""
        while True:
            try:
                return write()
            except Refused as refused:
                if refused.reason is Reason.CONDITION_FAILED:
                    return None
                if refused.reason is not Reason.TOO_OFTEN:
                    raise
            self.stage.pause(1.0)

    def _insert(self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None) -> Blob:
        attributes = {"metadata": dict(metadata)} if metadata else {}
        conditions = Preconditions(generation_match=generation)
        with self.store.uploads.draft() as draft:
            draft.write(content)
            upload = Upload(NewObject(Target(self.bucket, name), attributes, conditions), UNKNOWN)
            blob = _blob(self.store.uploads.complete(upload, draft), content)
        self._tell(blob)
        return blob

    def _tell(self, blob: Blob) -> None:
        if self.watch and self.bucket == "work":
            self.watch.wrote(blob, self.who)
        elif self.watch and self.bucket == "parts":
            self.watch.stored_part(blob)

    def _removed(self, name: str, generation: int) -> bool:
        conditions = Preconditions(generation_match=generation)
        try:
            self.store.objects.delete(replace(self._wanted(name), conditions=conditions))
        except Refused as refused:
            if refused.reason is Reason.NOT_FOUND:
                return False
            raise
        if self.watch and self.bucket == "work":
            self.watch.removed(name)
        return True

    def _wanted(self, name: str, generation: int | None = None) -> Wanted:
        return Wanted(Target(self.bucket, name), generation)


@dataclass(frozen=True)
class EnginePublisher:
    engine: PubSubEngine
    gate: Gate
    watch: Watch

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self.gate.carry_out("publish", topic, lambda: self._publish(topic, data, attributes))

    def _publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        if topic == "completions":
            self.watch.messages.published(data)
        self.engine.publish(topic_path(topic), data, attributes)


@dataclass(frozen=True)
class EngineQueues:
    engine: TasksEngine
    gate: Gate
    stage: Stage
    deadline: float

    def create(self, queue: str, name: str, body: bytes, at: datetime | None = None) -> None:
        self.gate.carry_out("enqueue", name, lambda: self._create(queue, name, body, at))

    def names(self, queue: str) -> Iterator[str]:
        """In small pages: tasks come and go between two of them."""
        last = 0
        while tasks := self.engine.tasks(queue_path(queue), last, _PAGE):
            yield from (task.id for task in tasks)
            last = tasks[-1].sequence
            self.stage.pause()

    def _create(self, queue: str, name: str, body: bytes, at: datetime | None) -> None:
        scheduled = at.timestamp() if at else None
        request = HttpRequest("https://uploader.invalid/", body=body)
        try:
            self.engine.create_task(
                queue_path(queue),
                f"{queue_path(queue)}/tasks/{name}",
                NewTask(request, scheduled, self.deadline, len(body)),
            )
        except RefusedCall as refused:
            if refused.code != "ALREADY_EXISTS":
                raise TransientError(str(refused)) from refused


def topic_path(topic: str) -> str:
    return f"{PROJECT}/topics/{topic}"


def subscription_path(subscription: str) -> str:
    return f"{PROJECT}/subscriptions/{subscription}"


def queue_path(queue: str) -> str:
    return f"{LOCATION}/queues/{queue}"


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _blob(stored: StoredObject, content: bytes = b"") -> Blob:
    return Blob(
        name=stored.target.name,
        generation=stored.version.generation,
        created=moment(stored.created),
        size=stored.body.size,
        crc32c=stored.body.checksums.crc32c,
        metadata=dict(stored.attributes.get("metadata", {})),
        content=content,
    )
