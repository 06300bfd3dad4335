"""A run that takes several push requests: each goes on where the one before it got to, and all together cut what one would have cut."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.chunker import progress
from services.chunker.manifesting import column_names
from services.chunker.pinning import cut_settings, digest
from services.chunker.progress import PARTS_BETWEEN, Chunking
from services.chunker.storing import OutOfTime, cut_run
from shared import names
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest
from shared.ops.pin import pin
from tests.support.engines import StoreBlobs
from tests.support.people import csv_of
from tests.support.stores import EngineStore
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, LANDING, PARTS, Process, World, small_topology

FOLDER = f"{ACCOUNT}/{AUDIENCE}/append/people.shards"
SHARDS = 3
SHARD_PARTS = 10


@dataclass(frozen=True)
class Busy(StoreBlobs):
    """Fifty bytes take `seconds`."""

    seconds: float = 0.0

    def stream(self, name: str, generation: int, start: int = 0) -> Iterator[bytes]:
        for chunk in super().stream(name, generation, start):
            for at in range(0, len(chunk), 50):
                self.stage.pause(self.seconds)
                yield chunk[at : at + 50]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, topology=small_topology(part_records=2))
    yield world
    world.close()


@pytest.fixture
def begun(world: World) -> tuple[Run, Segment]:
    """A pinned run of three shards of ten parts each, with a bad row in every fifth."""
    for shard in range(SHARDS):
        people = csv_of(range(shard * 100, shard * 100 + 2 * SHARD_PARTS)).replace(b"0@example", b"0.example")
        world.land(f"{FOLDER}/{shard}.csv", people)
    world.land(f"{FOLDER}/_SUCCESS", b"")
    world.run(until=lambda: bool(world.objects("segments/")))
    (name,) = (name for name in world.objects("segments/") if name.endswith("segment.json"))
    entry = world.ledger.read(Segment, name)
    assert entry
    run = pin(entry.value, SegmentRequest(entry.value.segment), ACCOUNTS[0], world.topology.chunking)
    return replace(run, max_rejected_ratio="1"), entry.value


def busy(world: World, seconds: float) -> Process:
    """A process for which every fifty bytes take `seconds`."""
    store = EngineStore(world.storage, LANDING)
    landing = Busy(store, LANDING, world.gate, world.stage, seconds=seconds)
    return replace(world.process(), landing=landing)


def passages(world: World, run: Run, segment: Segment, make: Callable[[], Process]) -> tuple[Manifest, int]:
    """The manifest, and how many passages it took."""
    for number in range(1, 50):
        try:
            return cut_run(make(), run, segment), number
        except OutOfTime:
            continue
    raise AssertionError("it never comes to an end")


def saved(world: World, run: Run) -> Chunking | None:
    entry = world.ledger.read(Chunking, names.chunking_json(run.segment, run.run))
    return entry.value if entry else None


def writes(world: World, start: str) -> list[str]:
    return [effect.about for effect in world.gate.effects if effect.about.startswith(start)]


def test_a_run_that_needs_several_passages_is_cut_as_by_one(world: World, begun: tuple[Run, Segment]) -> None:
    run, segment = begun
    budget = world.topology.services.chunker.budget_seconds

    in_passages, number = passages(world, run, segment, lambda: busy(world, budget / 12))
    in_one = cut_run(world.process(), replace(run, run=2), segment)

    assert number >= 3
    assert [replace(part, name="", generation=0) for part in in_passages.parts] == [
        replace(part, name="", generation=0) for part in in_one.parts
    ]
    assert replace(in_passages, stages=(), run=2) == replace(in_one, stages=())


def test_what_one_passage_has_stored_the_next_does_not_store_again(
    world: World, begun: tuple[Run, Segment]
) -> None:
    run, segment = begun
    budget = world.topology.services.chunker.budget_seconds

    manifest, _ = passages(world, run, segment, lambda: busy(world, budget / 12))

    created = writes(world, f"{run.segment}/1/")
    assert sorted(created) == sorted(set(created)) == [part.name for part in manifest.parts]


def test_a_passage_that_stops_in_time_saves_how_far_it_got(world: World, begun: tuple[Run, Segment]) -> None:
    run, segment = begun
    budget = world.topology.services.chunker.budget_seconds

    with pytest.raises(OutOfTime):
        cut_run(busy(world, budget / 12), run, segment)

    chunking = saved(world, run)
    assert chunking
    assert chunking.progress.totals.parts == len(writes(world, f"{run.segment}/1/"))


def test_a_passage_that_is_cut_short_has_saved_every_eighth_part(
    world: World, begun: tuple[Run, Segment]
) -> None:
    run, segment = begun
    cut_run(world.process(), run, segment)

    parts = len(writes(world, f"{run.segment}/1/"))
    assert len(writes(world, names.chunking_json(run.segment, 1))) == parts // PARTS_BETWEEN


def test_what_other_settings_or_another_version_saved_is_of_no_use(
    world: World, begun: tuple[Run, Segment]
) -> None:
    run, segment = begun
    cut_run(world.process(), run, segment)
    other = replace(run, default_region="SE")

    manifest = cut_run(world.process(), other, segment)

    chunking = saved(world, run)
    assert manifest.received == 2 * SHARDS * SHARD_PARTS
    assert chunking
    assert chunking.digest == manifest.digest


def test_what_cannot_be_read_keeps_nobody_from_cutting(world: World, begun: tuple[Run, Segment]) -> None:
    run, segment = begun
    name = names.chunking_json(run.segment, run.run)
    assert world.store("work").insert(name, b'{"schema_version":7}', 0, None)

    assert cut_run(world.process(), run, segment).received == 2 * SHARDS * SHARD_PARTS
    assert saved(world, run)


def test_without_a_part_that_it_speaks_of_all_is_cut_again(world: World, begun: tuple[Run, Segment]) -> None:
    run, segment = begun
    first = cut_run(world.process(), run, segment)
    lost = first.parts[3]
    assert world.store(PARTS).remove(lost.name, lost.generation)
    unwatched = StoreBlobs(EngineStore(world.storage, PARTS), PARTS, world.gate, world.stage)

    again = cut_run(replace(world.process(), parts=unwatched), run, segment)

    assert [replace(part, generation=0) for part in again.parts] == [
        replace(part, generation=0) for part in first.parts
    ]
    assert again.parts[3].generation != lost.generation


def test_of_twins_the_slower_takes_nothing_back(world: World, begun: tuple[Run, Segment]) -> None:
    run, segment = begun
    mark = digest(cut_settings(run, world.topology.chunking.max_record_bytes))
    slow, fast = world.process(), world.process()
    before = progress.read(slow, run, mark)
    cut_run(fast, run, segment)
    chunking = saved(world, run)
    assert chunking
    little = replace(chunking.progress, totals=replace(chunking.progress.totals, parts=1))

    after = progress.save(slow, run, mark, before, little)

    assert saved(world, run) == chunking
    assert after.progress == chunking.progress


def test_names_of_a_header_that_found_nobody_are_not_written_down(
    world: World, begun: tuple[Run, Segment]
) -> None:
    """They may be a person: the first row of a file without a header."""
    run, segment = begun
    mark = digest(cut_settings(run, world.topology.chunking.max_record_bytes))
    cut_run(world.process(), run, segment)
    chunking = saved(world, run)
    assert chunking
    totals = replace(chunking.progress.totals, good=0, parts=99, ignored=("Ada", "King"))

    ports = world.process()
    progress.save(
        ports, run, mark, progress.read(ports, run, mark), replace(chunking.progress, totals=totals)
    )

    written = saved(world, run)
    assert written
    assert written.progress.totals.parts == 99
    assert not {"Ada", "King"} & {*written.progress.totals.ignored}
    assert column_names(written.progress.totals.ignored) == ()
