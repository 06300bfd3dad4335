"""An account is examined beside segments on their way: never two requests at once, and everything is delivered as ever."""

from functools import partial

import pytest

from services.uploader.examining import Examined, Unasked, examine
from shared.ops.pin import target_of
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Fault, nth
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.watch.mirror import Who
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, World

TARGETS = [target_of(ACCOUNTS[0], key, "google_ads") for key in ACCOUNTS[0].audiences]
PEOPLE = range(24)


def land(world: World) -> str:
    return world.land(f"{ACCOUNT}/{AUDIENCE}/append/people.csv", csv_of(PEOPLE))


def look(world: World, found: list[Examined]) -> None:
    """Somebody runs the command."""
    who = Who(f"doctor-{len(found)}", world.stage.now)
    world.stage.spawn(who, lambda: found.append(examine(world.process(), world.destination(), TARGETS)))


def most_in_flight(world: World) -> int:
    return max(int(row["max_in_flight"]) for row in world.traffic.report())


@pytest.mark.parametrize("seed", range(20))
def test_whoever_asks_takes_turns_with_whoever_sends(make_world: MakeWorld, seed: int) -> None:
    world, found = make_world(seed=seed, in_memory=True), list[Examined]()
    segment = land(world)
    for seconds in (2, 5, 60, 700):
        world.run(until=partial(_passed, world, world.stage.now + seconds))
        look(world, found)
    world.run()

    check(world)
    assert most_in_flight(world) == 1
    assert world.outcome(segment).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(PEOPLE)
    assert len(found) == 4
    assert any(each.upload == "welcome" for each in found)


def test_an_account_whose_holder_died_is_busy_for_whoever_asks(world: World) -> None:
    world.gate.plan = nth("create_job", 1, Fault("die_before"))
    land(world)
    world.run(until=lambda: world.deaths > 0)
    began, found = world.stage.now, list[Examined]()

    look(world, found)
    world.run(until=lambda: bool(found))

    assert found[0].upload == Unasked("lease_busy")
    assert 60 <= world.stage.now - began < 120


def _passed(world: World, moment: float) -> bool:
    return world.stage.now >= moment
