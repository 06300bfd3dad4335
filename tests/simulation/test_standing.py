"""Where a run stands, told from the ledger alone at every moment of its life."""

from services.console.standing import Standing, standing
from tests.support.effects import Fault, always
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, AUDIENCE, World

NAME = f"{ACCOUNT}/{AUDIENCE}/append/people.csv"


def life(world: World, segment: str, run: int = 1) -> list[Standing]:
    """What is told of it on the way, each once in its order."""
    told: list[Standing] = []

    def look() -> bool:
        seen = standing(world.process(), segment, run)
        if seen not in told:
            told.append(seen)
        return False

    world.run(until=look)
    return told


def test_a_run_is_told_step_by_step_to_its_end(world: World) -> None:
    segment = world.land(NAME, csv_of(range(6)))

    told = life(world, segment)

    states = [each.state for each in told]
    assert list(dict.fromkeys(states)) == [
        "landed",
        "chunking",
        "waiting",
        "sending",
        "following",
        "completed",
    ]
    assert [(each.done, each.parts) for each in told if each.state == "sending"] == [(0, 2), (1, 2), (2, 2)]
    assert [each.done for each in told if each.state == "chunking"] == [0, 1, 2]


def test_a_segment_whose_run_is_not_opened_yet_is_received(world: World) -> None:
    world.gate.plan = always("create", Fault("refuse"), "run.json")
    segment = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: bool(world.objects("segments/")))

    assert standing(world.process(), segment, 1) == Standing("received")


def test_a_segment_behind_another_waits(world: World) -> None:
    world.land(NAME, csv_of(range(6)))
    second = world.land(NAME, csv_of(range(4, 9)))

    told = life(world, second)

    assert Standing("waiting", 0, 2) in told
    assert told[-1].state == "completed"


def test_a_paused_account_is_told_with_its_cause(world: World) -> None:
    segment = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: any(effect.kind == "add" for effect in world.gate.effects))
    world.pause(ACCOUNT)
    until = world.stage.now + 600
    world.run(until=lambda: world.stage.now > until)

    assert standing(world.process(), segment, 1) == Standing("paused", cause="paused_by_operator")


def test_a_refused_name_is_rejected_without_a_run(world: World) -> None:
    segment = world.land(f"{ACCOUNT}/nobodys/append/people.csv", csv_of(range(3)))
    world.run()

    (name,) = (name.split("/")[1] for name in world.objects("segments/") if name.endswith("segment.json"))
    assert segment != name
    assert standing(world.process(), name, 1) == Standing("rejected", cause="audience_unknown")


def test_a_run_that_starts_another_says_so(world: World) -> None:
    segment = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: any(job.started for job in world.ads.customer(ACCOUNT).jobs.values()))
    world.ads.customer(ACCOUNT).jobs.clear()
    world.run()

    first, second = (standing(world.process(), segment, run) for run in (1, 2))
    assert (first.state, first.next_run) == ("failed", True)
    assert (second.state, second.next_run) == ("completed", False)


def test_words_are_short() -> None:
    assert Standing("chunking", done=3).words == "chunking: 3 parts so far"
    assert Standing("sending", 1, 4).words == "sending: 1 of 4 parts"
    assert Standing("paused", cause="terms_not_accepted").words == "paused: terms_not_accepted"
    assert Standing("waiting").words == "waiting"
