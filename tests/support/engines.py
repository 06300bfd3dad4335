"""The product's ports over the local cloud's engines: no process, no socket, no waiting."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from typing import TypeVar

from infra.local.pubsub.engine import PubSubEngine
from infra.local.refused import Refused as RefusedCall
from infra.local.tasks.engine import TasksEngine
from infra.local.tasks.task import HttpRequest, NewTask
from shared.errors import SourceGone, TransientError
from shared.ports import Blob, QueueSettings, Readings
from tests.support.effects import Gate
from tests.support.stage import Stage
from tests.support.stores import Store, TooOften
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
class StoreBlobs:
    store: Store
    bucket: str
    gate: Gate
    stage: Stage
    watch: Watch | None = None

    @property
    def who(self) -> Who:
        """Whoever runs now: a process that stays warm serves many requests."""
        acting = self.stage.acting
        return acting if isinstance(acting, Who) else NOBODY

    def get(self, name: str) -> Blob | None:
        self.gate.looked("read", name)
        return self.store.get(name)

    def stat(self, name: str) -> Blob | None:
        blob = self.get(name)
        return replace(blob, content=b"") if blob else None

    def create(self, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> Blob | None:
        return self._write("create", name, lambda: self._insert(name, content, 0, metadata))

    def replace(
        self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None = None
    ) -> Blob | None:
        return self._write("replace", name, lambda: self._insert(name, content, generation, metadata))

    def delete(self, name: str, generation: int) -> bool:
        return self._write("delete", name, lambda: self._removed(name, generation))

    def list(self, prefix: str, start: str = "") -> Iterator[Blob]:
        """As one list: what the watch is told is what the caller gets."""
        found: list[Blob] = []
        while not found or len(found) % 1000 == 0:
            self.gate.looked("list", prefix)
            page = self.store.page(prefix, found[-1].name if found else "")
            found += page
            if not page:
                break
        if self.watch:
            self.watch.writes.listed(prefix, found, self.who)
        return (blob for blob in found if blob.name >= start)

    def stream(self, name: str, generation: int, start: int = 0) -> Iterator[bytes]:
        while chunk := self._chunk(name, generation, start):
            yield chunk
            start += len(chunk)

    def _chunk(self, name: str, generation: int, start: int) -> bytes:
        self.stage.pause()
        blob = self.store.get(name)
        if blob is None or blob.generation != generation:
            raise SourceGone(f"generation {generation} is no longer there")
        return blob.content[start : start + _CHUNK]

    def _write(self, kind: str, name: str, write: Callable[[], T]) -> T:
        return self.gate.carry_out(kind, name, lambda: self._admitted(write))

    def _admitted(self, write: Callable[[], T]) -> T:
        """As the client library does: a write that came too soon after the last one is repeated."""
        while True:
            try:
                return write()
            except TooOften:
                self.stage.pause(1.0)

    def _insert(
        self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None
    ) -> Blob | None:
        blob = self.store.insert(name, content, generation, metadata)
        if blob and self.watch and self.bucket == "work":
            self.watch.wrote(blob, self.who)
        elif blob and self.watch and self.bucket == "parts":
            self.watch.stored_part(blob)
        return blob

    def _removed(self, name: str, generation: int) -> bool:
        removed = self.store.remove(name, generation)
        if removed and self.watch and self.bucket == "work":
            self.watch.removed(name)
        return removed


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
        elif topic == "dead-letters":
            self.watch.messages.letter(data)
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

    def hold(self, queue: str) -> None:
        self.gate.carry_out("hold", queue, lambda: self.engine.pause_queue(queue_path(queue)))

    def release(self, queue: str) -> None:
        self.gate.carry_out("release", queue, lambda: self.engine.resume_queue(queue_path(queue)))

    def is_held(self, queue: str) -> bool:
        self.stage.pause()
        return self.engine.queue(queue_path(queue)).paused

    def settings(self, queue: str) -> QueueSettings | None:
        self.stage.pause()
        if queue_path(queue) not in self.engine.queues(LOCATION):
            return None
        found = self.engine.queue(queue_path(queue))
        limits, retry = found.settings.limits, found.settings.retry
        return QueueSettings(not found.paused, limits.concurrent, retry.max_attempts, retry.max_duration)

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
