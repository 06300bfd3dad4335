"""An operator takes the wrong file back: nothing more is sent, what Google runs is let end, and every record is accounted for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.model.events import Event
from shared.ops.cancel import Cancelled, cancel_run
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault, Plan, nth
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, World, small_topology

NAME = f"{ACCOUNT}/{AUDIENCE}/append/people.csv"
PEOPLE = 10
STAGES = {"part_records": 2, "stage_operations": 4}
"""Three stages, of two parts each but for the last."""


def world_in(folder: Path, number: int) -> World:
    return World(folder / str(number), topology=small_topology(**STAGES), in_memory=True)


def ended(world: World, segment: str) -> Event:
    """With the sweeps that come by themselves."""
    world.run()
    for _ in range(9):
        world.stage.now += 1200
        world.sweep()
        world.run()
    check(world)
    return world.outcome(segment)


def effects_until_the_end(folder: Path) -> int:
    world = world_in(folder, 0)
    world.land(NAME, csv_of(range(PEOPLE)))
    world.run()
    world.close()
    return len(world.gate.effects)


def cancelled_after(world: World, effects: int) -> str:
    segment = world.land(NAME, csv_of(range(PEOPLE)))
    world.run(until=lambda: len(world.gate.effects) >= effects)
    world.cancel(segment)
    return segment


def dies_at(number: int) -> Plan:
    """The operator's command, at that effect of its own."""
    seen = 0

    def plan(effect: Effect) -> Fault | None:
        nonlocal seen
        seen += effect.by == "operator"
        return Fault("die_after") if effect.by == "operator" and seen == number else None

    return plan


def worlds(folder: Path, last: int) -> Iterator[tuple[int, World]]:
    for number in range(1, last + 1):
        world = world_in(folder, number)
        yield number, world
        world.close()


def test_a_run_may_be_cancelled_at_every_moment(tmp_path: Path) -> None:
    last = effects_until_the_end(tmp_path)
    ends = set()
    for number, world in worlds(tmp_path, last):
        event = ended(world, cancelled_after(world, number))
        ends.add((event.type, event.records_accepted))
        assert event.records_failed == 0
        counted = event.records_accepted + event.records_skipped
        assert counted in (0, PEOPLE), number  # 0: it was not chunked yet

    accepted = {accepted for kind, accepted in ends if kind == "segment.cancelled"}
    assert accepted == {0, 4, 8}
    assert {kind for kind, _ in ends} == {"segment.cancelled", "segment.completed"}


def test_an_operator_whose_command_dies_at_any_effect_leaves_it_to_the_sweep_or_to_the_next_command(
    tmp_path: Path,
) -> None:
    middle = effects_until_the_end(tmp_path) // 2
    for number, world in worlds(tmp_path, 14):
        world.gate.plan = dies_at(number)
        segment = cancelled_after(world, middle)
        event = ended(world, segment)

        assert event.records_failed == 0
        assert event.records_accepted + event.records_skipped == PEOPLE


def test_a_waiting_run_is_cancelled_without_a_request(world: World) -> None:
    world.land(NAME, csv_of(range(6)))
    second = world.land(NAME.replace("people", "more"), csv_of(range(3, 9)))
    world.run(until=lambda: bool(world.objects(f"segments/{second}/runs/1/manifest.json")))

    world.cancel(second)
    event = ended(world, second)

    assert (event.type, event.reason_code) == ("segment.cancelled", "cancelled")
    assert (event.records_received, event.records_skipped, event.records_accepted) == (6, 6, 0)
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_a_job_that_google_runs_is_let_end(world: World) -> None:
    segment = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: any(job.started for job in world.ads.customer(ACCOUNT).jobs.values()))

    fate = cancel_run(world.process(), segment, 1)

    assert fate == Cancelled(segment, 1, running=(1,))
    assert ended(world, segment).type == "segment.completed"


def test_a_run_that_has_ended_is_left_as_it_is(world: World) -> None:
    segment = world.land(NAME, csv_of(range(6)))
    world.run()

    assert cancel_run(world.process(), segment, 1) == Cancelled(segment, 1, had="segment.completed")


def test_looking_changes_nothing(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(**STAGES))
    segment = world.land(NAME, csv_of(range(PEOPLE)))
    world.run(until=lambda: any(effect.kind == "add" for effect in world.gate.effects))
    before = len(world.gate.effects)

    fate = cancel_run(world.process(), segment, 1, act=False)

    assert fate.cancelled == (1, 2, 3)
    assert len(world.gate.effects) == before


@pytest.mark.parametrize("mode", ["remove", "replace"])
def test_whatever_the_mode_the_audience_is_left_alone(world: World, mode: str) -> None:
    world.land(NAME, csv_of(range(6)))
    world.run()
    segment = world.land(NAME.replace("append", mode), csv_of(range(3, 9)))
    world.run(
        until=lambda: any(segment in effect.by and effect.kind == "add" for effect in world.gate.effects)
    )

    world.cancel(segment)

    assert ended(world, segment).type == "segment.cancelled"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_who_read_the_line_before_cannot_claim_it_afterwards(world: World) -> None:
    """It stood still between looking and claiming; without the write of the line it would own it, for a run that has ended."""
    world.gate.plan = nth("replace", 1, Fault("freeze_before", seconds=3600), "lines/")
    segment = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: any(effect.about.startswith("lines/") for effect in world.gate.effects))

    world.cancel(segment)
    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.cancelled"
    assert not any(effect.kind == "create_job" for effect in world.gate.effects)
