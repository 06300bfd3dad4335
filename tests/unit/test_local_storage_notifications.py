"""The outbox and its delivery."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.local.clock import SimClock
from infra.local.storage.checksums import UNKNOWN
from infra.local.storage.engine import StorageEngine
from infra.local.storage.notifications import BATCH, LONGEST_PAUSE_SECONDS, deliver, pause_after
from infra.local.storage.records import NewObject, Target
from infra.local.storage.uploads import Upload

FAST = 10_000.0  # a simulated minute lasts 6 ms


@pytest.fixture
def clock() -> SimClock:
    return SimClock.start(FAST)


@pytest.fixture
def store(tmp_path: Path, clock: SimClock) -> Iterator[StorageEngine]:
    with_buckets = StorageEngine(tmp_path, clock.now)
    for bucket in ("good", "bad"):
        with_buckets.buckets.insert(f"{bucket}-bucket", "p", {})
        with_buckets.configs.insert(
            f"{bucket}-bucket", {"topic": f"projects/p/topics/{bucket}", "payload_format": "NONE"}
        )
    yield with_buckets
    with_buckets.close()


def write(store: StorageEngine, bucket: str, name: str) -> None:
    with store.uploads.draft() as draft:
        store.uploads.complete(Upload(NewObject(Target(bucket, name), {}), UNKNOWN), draft)


@dataclass
class Topics:
    """Refuses each object's notification as often as its topic is told to."""

    refusals: dict[str, int] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    taken: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def publish(self, topic: str, data: bytes, attributes: dict[str, str]) -> str:
        name = attributes["objectId"]
        self.attempts[name] += 1
        if self.attempts[name] <= self.refusals.get(topic, 0):
            raise LookupError(topic)
        self.taken.put_nowait(name)
        return name

    async def next(self) -> str:
        return await asyncio.wait_for(self.taken.get(), 20)


@asynccontextmanager
async def delivering(store: StorageEngine, topics: Topics, clock: SimClock) -> AsyncIterator[None]:
    task = asyncio.create_task(deliver(store, topics.publish, clock))
    yield
    task.cancel()


def test_every_notification_is_published_though_its_topic_refuses_at_first(
    store: StorageEngine, clock: SimClock
) -> None:
    async def scenario() -> None:
        topics = Topics(refusals={"projects/p/topics/bad": 4})
        for name in ("a", "b", "c"):
            write(store, "bad-bucket", name)
        async with delivering(store, topics, clock):
            assert {await topics.next(), await topics.next(), await topics.next()} == {"a", "b", "c"}
        assert topics.attempts == {"a": 5, "b": 5, "c": 5}

    asyncio.run(scenario())


def test_a_topic_that_refuses_holds_up_no_other(store: StorageEngine, clock: SimClock) -> None:
    async def scenario() -> None:
        topics = Topics(refusals={"projects/p/topics/bad": 1_000_000})
        for number in range(2 * BATCH):
            write(store, "bad-bucket", str(number))
        write(store, "good-bucket", "passes")
        async with delivering(store, topics, clock):
            assert await topics.next() == "passes"

    asyncio.run(scenario())


def test_what_is_written_while_delivery_waits_is_published(store: StorageEngine, clock: SimClock) -> None:
    async def scenario() -> None:
        topics = Topics()
        async with delivering(store, topics, clock):
            for name in ("first", "second", "third"):
                await asyncio.to_thread(write, store, "good-bucket", name)
                assert await topics.next() == name

    asyncio.run(scenario())


def test_a_notification_leaves_the_outbox_when_it_is_published(store: StorageEngine) -> None:
    write(store, "good-bucket", "a")
    (waiting,) = store.outbox.due(0.0, 10)
    store.outbox.published(waiting)
    assert store.outbox.due(1e12, 10) == []
    assert store.outbox.next_due() is None


def test_a_notification_that_was_refused_is_due_later_and_behind_new_ones(store: StorageEngine) -> None:
    write(store, "bad-bucket", "old")
    (old,) = store.outbox.due(0.0, 10)
    store.outbox.postpone(old, 100.0)
    assert store.outbox.due(99.0, 10) == []
    assert store.outbox.next_due() == 100.0
    write(store, "good-bucket", "new")
    names = [each.notification.attributes["objectId"] for each in store.outbox.due(100.0, 10)]
    assert names == ["new", "old"]
    assert store.outbox.due(100.0, 10)[1].attempts == 1


def test_pauses_double_up_to_a_minute() -> None:
    assert [pause_after(attempts) for attempts in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert pause_after(10_000) == LONGEST_PAUSE_SECONDS
