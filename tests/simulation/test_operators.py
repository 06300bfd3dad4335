"""Everything stops at any one effect, messages and tasks are gone; an operator has sweep, replay and dead letters, and nobody is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.console.letters.acting import plan_replay, replay_letter
from shared.model.events import OUTCOMES
from shared.names import parse_dead_letter
from shared.ops.letters import list_letters
from shared.replaying import Wish
from shared.verdict import Failure
from tests.simulation.scenarios import close
from tests.support.effects import Effect, Fault, Plan
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, World

NAME = f"{ACCOUNT}/{AUDIENCE}/append/people.csv"
REFUSED = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))
PEOPLE = 10


def refuses_a_part(effect: Effect) -> Fault | None:
    return Fault("refuse", REFUSED) if effect.kind == "add" and "-1-upload-1-2-" in effect.by else None


def dies_at(number: int, fault: Fault) -> Plan:
    return lambda effect: fault if effect.number == number else refuses_a_part(effect)


def effects(folder: Path) -> int:
    world = World(folder / "all", in_memory=True)
    world.gate.plan = refuses_a_part
    world.land(NAME, csv_of(range(PEOPLE)))
    world.run()
    world.close()
    return len(world.gate.effects)


def stopped_at(folder: Path, number: int, fault: Fault) -> tuple[World, str]:
    """The process that comes to this effect dies; then somebody empties the queues and seeks the subscriptions to now. Not that of
    the dead letters: a letter that is sought past is nobody's, and `replay` alone finds its part."""
    world = World(folder / f"{fault.action}-{number}", in_memory=True)
    world.gate.plan = dies_at(number, fault)
    segment = world.land(NAME, csv_of(range(PEOPLE)))
    world.run(until=lambda: len(world.gate.effects) >= number)
    world.lose_tasks()
    if world.objects("open/"):  # before that only the notification knows of the object: docs/reliability.md
        world.lose_messages("dead-letters")
    return world, segment


def with_replay(world: World, segment: str) -> None:
    world.replay(segment, Wish())


def with_dead_letters(world: World, _: str) -> None:
    """Each that is open, as `sluice dead-letters replay` does."""
    ports = world.process()
    for blob in list(list_letters(ports)):
        act = plan_replay(ports, parse_dead_letter(blob.name))
        assert not act.refused, act
        assert replay_letter(ports, act, "somebody@example.com")


@pytest.mark.parametrize("mend", [with_replay, with_dead_letters], ids=["replay", "dead-letters"])
@pytest.mark.parametrize("fault", [Fault("die_before"), Fault("die_after")], ids=lambda fault: fault.action)
def test_whoever_has_the_commands_accounts_for_every_record(
    mend: Callable[[World, str], None], fault: Fault, tmp_path: Path
) -> None:
    for number in range(1, effects(tmp_path) + 1):
        world, segment = stopped_at(tmp_path, number, fault)
        try:
            close(world)
            assert world.outcome(segment).type == "segment.partial", number
            assert world.outcome(segment).records_failed == 4
            mend(world, segment)
            world.run()
            close(world)
            check(world)
            assert world.outcome(segment, 2).type == "segment.completed", number
            assert world.members(ACCOUNT, AUDIENCE) == members(range(PEOPLE)), number
            ends = {event.event_id for event in world.events if event.type in OUTCOMES}
            assert len(ends) == 2
        finally:
            world.close()
