"""Storing parts: a part that is there already must be this part, byte for byte."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.chunker.pinning import cut_settings, digest
from services.chunker.storing import cut_run
from shared import names
from shared.errors import ConfigurationError, TransientError
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest
from shared.ops.pin import pin
from tests.support.engines import StoreBlobs
from tests.support.people import csv_of
from tests.support.stores import EngineStore
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, LANDING, PARTS, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def begun(world: World, people: int) -> tuple[Run, Segment]:
    """A run that is pinned and not yet cut."""
    segment = world.land(f"{ACCOUNT}/{AUDIENCE}/append/a.csv", csv_of(range(people)))
    world.run(until=lambda: bool(world.objects("segments/")))
    entry = world.ledger.read(Segment, names.segment_json(segment))
    assert entry
    run = pin(entry.value, SegmentRequest(segment), ACCOUNTS[0], world.topology.chunking)
    return run, entry.value


def part_name(run: Run, number: int) -> str:
    return names.part_frames(run.segment, run.run, digest(cut_settings(run, 1_048_576)), number)


def parts_of(world: World) -> StoreBlobs:
    return StoreBlobs(EngineStore(world.storage, PARTS), PARTS, world.gate, world.stage)


def test_a_twins_part_is_adopted(world: World) -> None:
    run, segment = begun(world, 6)
    first = cut_run(world.process(), run, segment)

    assert cut_run(world.process(), run, segment) == first


def test_a_part_that_holds_other_bytes_is_never_taken_for_ours(world: World) -> None:
    """Another version of the code cut it: its counts would be ours, its people would not."""
    run, segment = begun(world, 6)
    assert parts_of(world).create(part_name(run, 1), b"what another version cut")

    with pytest.raises(ConfigurationError):
        cut_run(world.process(), run, segment)


@dataclass(frozen=True)
class SlowBlobs(StoreBlobs):
    """Each chunk takes `seconds`."""

    seconds: float = 0.0

    def stream(self, name: str, generation: int, start: int = 0) -> Iterator[bytes]:
        for chunk in super().stream(name, generation, start):
            self.stage.pause(self.seconds)
            yield chunk


def test_the_time_of_a_push_request_is_kept(world: World) -> None:
    run, segment = begun(world, 6)
    budget = world.topology.services.chunker.budget_seconds
    slow = SlowBlobs(
        EngineStore(world.storage, LANDING), LANDING, world.gate, world.stage, seconds=budget + 1.0
    )

    with pytest.raises(TransientError):
        cut_run(replace(world.process(), landing=slow), run, segment)
