"""Upload sessions: what they keep of a chunk, and how they end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infra.local.storage.bodies import Bodies
from infra.local.storage.checksums import UNKNOWN, Checksums
from infra.local.storage.engine import StorageEngine
from infra.local.storage.intake import QUANTUM, Intake
from infra.local.storage.ranges import WHOLE_BODY, Chunk
from infra.local.storage.records import NewObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.uploads import LIFETIME_SECONDS, Upload

UPLOAD = Upload(NewObject(Target("bucket", "a"), {}), UNKNOWN)


@pytest.fixture
def moment() -> list[float]:
    return [1_795_000_000.0]


@pytest.fixture
def store(tmp_path: Path, moment: list[float]) -> Iterator[StorageEngine]:
    with_bucket = StorageEngine(tmp_path, lambda: moment[0])
    with_bucket.buckets.insert("bucket", "p", {})
    yield with_bucket
    with_bucket.close()


def refusal(store: StorageEngine, upload_id: str) -> Reason:
    with pytest.raises(Refused) as refused, store.uploads.session(upload_id):
        pytest.fail("the session is there")
    return refused.value.reason


@given(
    persisted=st.integers(0, 3),
    overlap=st.integers(0, 2 * QUANTUM),
    blocks=st.lists(st.integers(0, QUANTUM + 1), max_size=5),
    last=st.booleans(),
)
def test_a_session_keeps_whole_quanta_and_the_rest_of_the_last_chunk(
    tmp_path_factory: pytest.TempPathFactory, persisted: int, overlap: int, blocks: list[int], last: bool
) -> None:
    held, length = persisted * QUANTUM, sum(blocks)
    first = max(0, held - overlap)
    end = first + length
    assume(last or length == 0 or length >= QUANTUM)
    draft = Bodies(tmp_path_factory.mktemp("bodies"), frozenset()).draft()
    draft.write(b"x" * held)
    intake = Intake(draft, Chunk(first, length, end if last else None))
    for block in blocks:
        intake.write(b"y" * block)
    assert intake.end() == (last and end >= held)
    assert draft.size == max(held, end if last else end - end % QUANTUM)
    draft.discard()


def test_a_chunk_that_breaks_off_keeps_whole_quanta(tmp_path: Path) -> None:
    draft = Bodies(tmp_path, frozenset()).draft()
    intake = Intake(draft, Chunk(0, 3 * QUANTUM, 3 * QUANTUM))
    intake.write(b"x" * (2 * QUANTUM + 5))
    assert draft.size == 2 * QUANTUM
    draft.discard()


def test_a_body_that_is_not_as_long_as_announced_is_refused(tmp_path: Path) -> None:
    draft = Bodies(tmp_path, frozenset()).draft()
    intake = Intake(draft, Chunk(0, 10, 10))
    intake.write(b"x" * 9)
    with pytest.raises(Refused) as refused:
        intake.end()
    assert refused.value.reason is Reason.INVALID


def test_a_session_serves_one_request_at_a_time(store: StorageEngine) -> None:
    upload_id = store.uploads.start(UPLOAD)
    with store.uploads.session(upload_id):
        assert refusal(store, upload_id) is Reason.UNAVAILABLE
    with store.uploads.session(upload_id) as session:
        assert session.stored is None


def test_a_session_lives_a_week_and_leaves_no_file(
    tmp_path: Path, store: StorageEngine, moment: list[float]
) -> None:
    upload_id = store.uploads.start(UPLOAD)
    with store.uploads.session(upload_id) as session:
        session.draft.write(b"half of it")
    moment[0] += LIFETIME_SECONDS
    assert refusal(store, upload_id) is Reason.NOT_FOUND
    assert list((tmp_path / "bodies").iterdir()) == []


def test_a_session_that_ended_leaves_its_object_when_it_expires(
    store: StorageEngine, moment: list[float]
) -> None:
    upload_id = store.uploads.start(UPLOAD)
    with store.uploads.session(upload_id) as session:
        intake = Intake(session.draft, WHOLE_BODY)
        intake.write(b"all of it")
        assert intake.end()
        stored = store.uploads.finish(session, UNKNOWN)
    moment[0] += LIFETIME_SECONDS
    assert refusal(store, upload_id) is Reason.NOT_FOUND
    found, file = store.objects.open(Wanted(stored.target))
    with file:
        assert (found, file.read()) == (stored, b"all of it")


def test_an_end_that_came_too_soon_can_be_tried_again(store: StorageEngine, moment: list[float]) -> None:
    with store.uploads.draft() as draft:
        store.uploads.complete(UPLOAD, draft)
    upload_id = store.uploads.start(UPLOAD)
    with store.uploads.session(upload_id) as session:
        session.draft.write(b"data")
        with pytest.raises(Refused) as refused:
            store.uploads.finish(session, UNKNOWN)
        assert refused.value.reason is Reason.TOO_OFTEN
        moment[0] += 1
        assert store.uploads.finish(session, UNKNOWN).body.size == 4


def test_checksums_of_the_start_and_of_the_end_both_count(store: StorageEngine) -> None:
    wrong = Checksums(md5="AAAAAAAAAAAAAAAAAAAAAA==")
    for at_start, at_end in ((wrong, UNKNOWN), (UNKNOWN, wrong)):
        upload_id = store.uploads.start(Upload(UPLOAD.new, at_start))
        with store.uploads.session(upload_id) as session, pytest.raises(Refused):
            store.uploads.finish(session, at_end)
