"""Going through a scenario, disturbed at one effect or at none, and how it ended."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from shared.model.events import OUTCOMES
from tests.simulation.scenarios import Scenario, close
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
_NUMBERS = count()


@dataclass(frozen=True)
class Ended:
    """How a scenario ended: each run's outcome with its counts, who is in the audiences, and the names of the account's user lists."""

    outcomes: tuple[tuple[str, int, str, str, int, int, int], ...]
    members: tuple[frozenset[int], ...]
    lists: tuple[str, ...]


def gone_through(
    scenario: Scenario, folder: Path, plan: Plan, *, seed: int = 0, skew: float = 0.0, twice: bool = False
) -> tuple[Ended, int]:
    """And the number of its effects. `twice`: every delivery."""
    topology = small_topology(**scenario.chunking)
    world = World(folder / str(next(_NUMBERS)), seed=seed, skew=skew, topology=topology, in_memory=True)
    world.gate.plan = lambda effect: scenario.plan(effect) or plan(effect)
    if twice:
        world.gate.looks = lambda kind, _: Fault("twice") if kind == "deliver" else None
    try:
        scenario.go(world)
        close(world)
        world.watch.rest({place: world.members(*place) for place in PLACES}, world.held())
        return _ended(world), len(world.gate.effects)
    finally:
        world.close()


def _ended(world: World) -> Ended:
    """Events come at least once. Segments are named without their hash: what lands later, because something went wrong, gets another."""
    outcomes = {
        event.event_id: (
            event.segment.rpartition("-")[0],
            event.run,
            event.type,
            event.reason_code,
            event.records_accepted,
            event.records_rejected,
            event.records_failed,
        )
        for event in world.events
        if event.type in OUTCOMES
    }
    lists = sorted(each.name for each in world.ads.customer(ACCOUNT).user_lists.values())
    return Ended(
        tuple(sorted(outcomes.values())),
        tuple(frozenset(world.members(*place)) for place in PLACES),
        tuple(lists),
    )


def at_each_effect(scenario: Scenario, fault: Fault, folder: Path) -> int:
    """How many effects there were; each of them went wrong in this way once, and nothing came of it."""
    undisturbed, effects = gone_through(scenario, folder, lambda _: None)
    for number in range(1, effects + 1):
        plan = _at(number, fault)
        ended, _ = gone_through(scenario, folder, plan)
        assert ended == undisturbed, f"effect {number}, {fault.action}"
    return effects


def _at(number: int, fault: Fault) -> Plan:
    return lambda effect: fault if effect.number == number else None
