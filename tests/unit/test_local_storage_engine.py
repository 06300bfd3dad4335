"""The store without its wire: what is on disk, what survives, and who wins."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.storage.checksums import UNKNOWN, Checksums
from infra.local.storage.engine import StorageEngine
from infra.local.storage.preconditions import NONE, Preconditions
from infra.local.storage.records import NewObject, StoredObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.uploads import Upload

START = 1_795_000_000.0
CREATE = Preconditions(generation_match=0)


@dataclass
class HandClock:
    moment: float = START

    def now(self) -> float:
        return self.moment


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[StorageEngine]:
    with_bucket = StorageEngine(tmp_path, clock.now)
    with_bucket.buckets.insert("bucket", "p", {})
    yield with_bucket
    with_bucket.close()


def write(
    store: StorageEngine,
    name: str,
    data: bytes = b"data",
    conditions: Preconditions = NONE,
    expected: Checksums = UNKNOWN,
) -> StoredObject:
    upload = Upload(NewObject(Target("bucket", name), {}, conditions), expected)
    with store.uploads.draft() as draft:
        draft.write(data)
        return store.uploads.complete(upload, draft)


def read(store: StorageEngine, name: str) -> bytes:
    _, file = store.objects.open(wanted(name))
    with file:
        return file.read()


def wanted(name: str, generation: int | None = None) -> Wanted:
    return Wanted(Target("bucket", name), generation)


def files(directory: Path) -> int:
    return len(list((directory / "bodies").iterdir()))


def refused(action: Callable[[], object]) -> Reason:
    with pytest.raises(Refused) as refusal:
        action()
    return refusal.value.reason


def test_a_generation_is_the_time_in_microseconds(store: StorageEngine) -> None:
    assert write(store, "a").version.generation == int(START * 1_000_000)


def test_generations_grow_even_if_the_clock_stands_or_goes_back(
    store: StorageEngine, clock: HandClock
) -> None:
    generations = [write(store, str(number)).version.generation for number in range(3)]
    clock.moment -= 100
    generations.append(write(store, "late").version.generation)
    assert generations == sorted(set(generations))


def test_generations_grow_across_a_restart_with_an_older_clock(
    tmp_path: Path, store: StorageEngine, clock: HandClock
) -> None:
    before = write(store, "a").version.generation
    store.close()
    clock.moment -= 1000
    again = StorageEngine(tmp_path, clock.now)
    assert write(again, "b").version.generation > before
    again.close()


def test_objects_and_waiting_notifications_outlive_the_process(
    tmp_path: Path, store: StorageEngine, clock: HandClock
) -> None:
    config = {"topic": "projects/p/topics/t", "payload_format": "NONE"}
    store.configs.insert("bucket", config)
    made = write(store, "a", b"kept")
    store.close()
    again = StorageEngine(tmp_path, clock.now)
    assert again.objects.get(wanted("a")) == made
    assert read(again, "a") == b"kept"
    (waiting,) = again.outbox.due(clock.now(), 10)
    assert waiting.notification.attributes["objectGeneration"] == str(made.version.generation)
    again.close()


def test_bytes_that_became_no_object_are_swept_at_the_start(
    tmp_path: Path, store: StorageEngine, clock: HandClock
) -> None:
    write(store, "a")
    upload_id = store.uploads.start(Upload(NewObject(Target("bucket", "b"), {}), UNKNOWN))
    with store.uploads.session(upload_id) as session:
        session.draft.write(b"unfinished")
    assert files(tmp_path) == 2
    store.close()
    again = StorageEngine(tmp_path, clock.now)
    assert files(tmp_path) == 1
    assert read(again, "a") == b"data"
    again.close()


def test_one_file_is_left_after_an_overwrite_and_none_after_a_delete(
    tmp_path: Path, store: StorageEngine, clock: HandClock
) -> None:
    write(store, "a")
    clock.moment += 1
    write(store, "a", b"new")
    assert files(tmp_path) == 1
    clock.moment += 1
    store.objects.delete(wanted("a"))
    assert files(tmp_path) == 0


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", "bodies/000000000001", "\0"])
def test_no_object_name_reaches_outside(tmp_path: Path, store: StorageEngine, name: str) -> None:
    before = {path for path in tmp_path.parent.rglob("*") if not path.is_relative_to(tmp_path / "bodies")}
    write(store, name, b"data")
    assert read(store, name) == b"data"
    after = {path for path in tmp_path.parent.rglob("*") if not path.is_relative_to(tmp_path / "bodies")}
    assert after == before


def test_a_write_that_is_refused_leaves_nothing(tmp_path: Path, store: StorageEngine) -> None:
    write(store, "a", b"first")
    assert refused(lambda: write(store, "a", b"late", CREATE)) is Reason.CONDITION_FAILED
    assert refused(lambda: write(store, "a", b"soon")) is Reason.TOO_OFTEN
    assert refused(lambda: write(store, "b", b"bad", expected=Checksums(crc32c="AAAAAA=="))) is Reason.INVALID
    assert refused(lambda: write(store, "", b"nameless")) is Reason.INVALID
    assert read(store, "a") == b"first"
    assert files(tmp_path) == 1


def test_of_many_creates_at_once_one_wins_and_nothing_else_is_left(
    tmp_path: Path, store: StorageEngine
) -> None:
    def create(number: int) -> bool:
        try:
            write(store, "lease", str(number).encode(), CREATE)
        except Refused as refusal:
            return refusal.reason is not Reason.CONDITION_FAILED
        return True

    with ThreadPoolExecutor(8) as racers:
        won = list(racers.map(create, range(64)))
    assert won.count(True) == 1
    assert read(store, "lease") == str(won.index(True)).encode()
    assert files(tmp_path) == 1


def test_a_reader_keeps_the_generation_that_it_opened(store: StorageEngine, clock: HandClock) -> None:
    write(store, "a", b"old bytes")
    _, file = store.objects.open(wanted("a"))
    with file:
        assert file.read(4) == b"old "
        clock.moment += 1
        write(store, "a", b"new")
        assert file.read() == b"bytes"


def test_a_generation_that_was_overwritten_is_gone(store: StorageEngine, clock: HandClock) -> None:
    old = write(store, "a").version.generation
    clock.moment += 1
    write(store, "a")
    pinned = wanted("a", old)
    assert refused(lambda: store.objects.get(pinned)) is Reason.NOT_FOUND
    assert refused(lambda: store.objects.open(pinned)) is Reason.NOT_FOUND
    assert refused(lambda: store.objects.delete(pinned)) is Reason.NOT_FOUND


def test_a_deleted_name_waits_its_second_too(store: StorageEngine, clock: HandClock) -> None:
    write(store, "a")
    clock.moment += 1
    store.objects.delete(wanted("a"))
    assert refused(lambda: write(store, "a")) is Reason.TOO_OFTEN
    clock.moment += 1
    write(store, "a")


def test_a_change_that_is_refused_does_not_count_as_a_write(store: StorageEngine, clock: HandClock) -> None:
    write(store, "a")
    clock.moment += 1

    def wrong(old: object) -> dict[str, object]:
        raise Refused(Reason.INVALID, "no")

    assert refused(lambda: store.objects.change(wanted("a"), wrong)) is Reason.INVALID
    write(store, "a")


def test_a_composed_object_knows_its_crc_and_counts_its_components(store: StorageEngine) -> None:
    write(store, "1", b"one,")
    write(store, "2", b"two")
    write(store, "whole", b"one,two")
    made = store.derived.compose(NewObject(Target("bucket", "all"), {}), [wanted("1"), wanted("2")])
    assert read(store, "all") == b"one,two"
    assert made.body.checksums == Checksums(store.objects.get(wanted("whole")).body.checksums.crc32c)
    again = store.derived.compose(NewObject(Target("bucket", "more"), {}), [wanted("all"), wanted("1")])
    assert (made.components, again.components) == (2, 3)


def test_what_was_composed_or_copied_in_vain_leaves_no_file(tmp_path: Path, store: StorageEngine) -> None:
    write(store, "1")
    there = NewObject(Target("bucket", "1"), {})
    assert refused(lambda: store.derived.compose(there, [wanted("1")])) is Reason.TOO_OFTEN
    assert refused(lambda: store.derived.copy(there, wanted("1"))) is Reason.TOO_OFTEN
    assert files(tmp_path) == 1


@pytest.mark.parametrize("name", ["", "ab", "Upper", "a..b", "-a-", "x" * 64])
def test_a_bucket_name_that_is_not_allowed_is_refused(store: StorageEngine, name: str) -> None:
    assert refused(lambda: store.buckets.insert(name, "p", {})) is Reason.INVALID
