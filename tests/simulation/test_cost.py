"""What a part costs does not depend on how many there are."""

from collections import Counter
from dataclasses import dataclass

import pytest

from shared.names import lease_json, queue_id
from tests.simulation.conftest import MakeWorld
from tests.support.effects import REQUESTS, Fault
from tests.support.engines import queue_path
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, AUDIENCE, World, small_topology

STAGE = 20
"""Parts in a job: 1,000,000 operations of 50,000 records each, as deployed."""
FEW = 10 * STAGE
"""Enough that the first stage, which waits for none, does not matter."""


@dataclass(frozen=True)
class Cost:
    """Calls for each part: those that change something, by kind, and those that read."""

    effects: dict[str, float]
    reads: float
    lease_writes: float


def cost(make_world: MakeWorld, parts: int) -> Cost:
    world = make_world(
        topology=small_topology(part_records=1, stage_operations=STAGE), in_memory=True, warm=1.0
    )
    reads = 0

    def look(kind: str, _: str) -> Fault | None:
        nonlocal reads
        reads += kind in ("read", "list")
        return None

    world.gate.looks = look
    world.land(f"{ACCOUNT}/{AUDIENCE}/append/people.csv", csv_of(range(parts)))
    world.run()
    assert len(world.members(ACCOUNT, AUDIENCE)) == parts
    return Cost(_by_kind(world, parts), reads / parts, _lease_writes(world) / parts)


def _by_kind(world: World, parts: int) -> dict[str, float]:
    kinds = Counter(effect.kind for effect in world.gate.effects)
    return {kind: number / parts for kind, number in kinds.items()}


def _lease_writes(world: World) -> int:
    """Those by which parts are sent: finishing and following a job takes the lease too."""
    uploads = (effect for effect in world.gate.effects if "-upload-" in effect.by)
    return sum(effect.about == lease_json(ACCOUNT) for effect in uploads)


@pytest.mark.parametrize(
    "parts", [1000, pytest.param(10_000, marks=[pytest.mark.full, pytest.mark.timeout(1200)])]
)
def test_a_part_costs_as_much_among_thousands_as_among_a_few(make_world: MakeWorld, parts: int) -> None:
    few, many = cost(make_world, FEW), cost(make_world, parts)

    assert many.reads <= 1.05 * few.reads
    dearer = {
        kind: many.effects[kind] for kind in few.effects if many.effects[kind] > 1.05 * few.effects[kind]
    }
    assert dearer == {}


def test_a_part_takes_the_lease_once_and_gives_it_back_by_its_receipt(make_world: MakeWorld) -> None:
    assert cost(make_world, FEW).lease_writes == 1


def test_a_run_that_waits_owns_one_task(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(stage_operations=4))
    for file in ("first", "second"):
        world.land(f"{ACCOUNT}/{AUDIENCE}/append/{file}.csv", csv_of(range(30)))
    names = Counter[int]()

    def count() -> bool:
        waiting = Counter(
            task.id.rpartition("-append-")[2][:16]
            for task in world.tasks.tasks(queue_path(queue_id(ACCOUNT)), 0, 100)
        )
        names[min(waiting.values(), default=0)] += len(waiting) == 2
        return False

    world.run(until=count)

    assert names[1]
    assert not [number for number, times in names.items() if number > 1 and times]


def test_no_request_is_made_that_was_not_needed(make_world: MakeWorld) -> None:
    """A job is created, filled by a request for each frame, run, and asked about; its list's size is asked for before and after."""
    effects = cost(make_world, STAGE).effects

    assert {kind: round(number * STAGE) for kind, number in effects.items() if kind in REQUESTS} == {
        "create_job": 1,
        "add": STAGE,
        "run_job": 1,
        "search": 1,
        "list_size": 2,
    }
