"""Every scenario, disturbed at every single effect: it ends as if nothing had happened.

A scenario is gone through once to count the effects, and once more for each of them and each way in which it can go wrong.
"""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from shared.model.events import OUTCOMES
from tests.simulation.scenarios import SCENARIOS, Scenario, close
from tests.support.effects import Fault, Plan
from tests.support.world import ACCOUNT, AUDIENCE, OTHER_ACCOUNT, OTHER_AUDIENCE, World, small_topology

LONGER_THAN_A_DISPATCH = 2600.0
PLACES = ((ACCOUNT, AUDIENCE), (ACCOUNT, OTHER_AUDIENCE), (OTHER_ACCOUNT, AUDIENCE))
DEATHS = (Fault("die_before"), Fault("die_after"))
OTHERS = (
    Fault("refuse"),
    Fault("lose"),
    Fault("repeat"),
    Fault("freeze_before", seconds=LONGER_THAN_A_DISPATCH),
    Fault("freeze_after", seconds=LONGER_THAN_A_DISPATCH),
)
NUMBERS = count()


@dataclass(frozen=True)
class Ended:
    """How a scenario ended: each run's outcome with its counts, and who is in the audiences."""

    outcomes: frozenset[tuple[object, ...]]
    members: tuple[frozenset[int], ...]


def gone_through(
    scenario: Scenario, folder: Path, plan: Plan, *, seed: int = 0, skew: float = 0.0, twice: bool = False
) -> tuple[Ended, int]:
    """And the number of its effects. `twice`: every delivery."""
    topology = small_topology(**scenario.chunking)
    world = World(folder / str(next(NUMBERS)), seed=seed, skew=skew, topology=topology, in_memory=True)
    world.gate.plan = lambda effect: scenario.plan(effect) or plan(effect)
    if twice:
        world.gate.looks = lambda kind, _: Fault("twice") if kind == "deliver" else None
    try:
        scenario.go(world)
        close(world)
        world.watch.rest({place: world.members(*place) for place in PLACES})
        return _ended(world), len(world.gate.effects)
    finally:
        world.close()


def _ended(world: World) -> Ended:
    outcomes = frozenset(
        (
            event.segment,
            event.run,
            event.type,
            event.reason_code,
            event.records_accepted,
            event.records_rejected,
            event.records_failed,
        )
        for event in world.events
        if event.type in OUTCOMES
    )
    return Ended(outcomes, tuple(frozenset(world.members(*place)) for place in PLACES))


def at_each_effect(scenario: Scenario, fault: Fault, folder: Path) -> int:
    """How many effects there were."""
    undisturbed, effects = gone_through(scenario, folder, lambda _: None)
    for number in range(1, effects + 1):
        plan = _at(number, fault)
        ended, _ = gone_through(scenario, folder, plan)
        assert ended == undisturbed, f"effect {number}, {fault.action}"
    return effects


def _at(number: int, fault: Fault) -> Plan:
    return lambda effect: fault if effect.number == number else None


@pytest.mark.parametrize("fault", DEATHS, ids=lambda fault: fault.action)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_service_may_be_killed_at_every_effect(scenario: Scenario, fault: Fault, tmp_path: Path) -> None:
    assert at_each_effect(scenario, fault, tmp_path) > 1


@pytest.mark.full
@pytest.mark.parametrize("fault", OTHERS, ids=lambda fault: fault.action)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_effect_may_fail_be_lost_be_repeated_or_be_slept_through(
    scenario: Scenario, fault: Fault, tmp_path: Path
) -> None:
    assert at_each_effect(scenario, fault, tmp_path) > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_delivery_may_come_twice_in_any_order_under_clocks_that_are_stepped(
    scenario: Scenario, seed: int, tmp_path: Path
) -> None:
    undisturbed, _ = gone_through(scenario, tmp_path, lambda _: None)

    ended, _ = gone_through(scenario, tmp_path, lambda _: None, seed=seed, skew=900.0, twice=True)

    assert ended == undisturbed
