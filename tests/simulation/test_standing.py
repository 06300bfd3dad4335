"""Where a run stands, told from the ledger alone at every moment of its life."""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from services.console.standing import MOVES, Standing, before_run, standing, standing_of
from shared.model.codec import decode
from shared.model.segment import Segment
from shared.names import segment_json
from shared.ops.history import history_of
from tests.simulation.scenarios import SCENARIOS, Scenario, close
from tests.support.effects import Effect, Fault, always
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, AUDIENCE, WORK, World, small_topology

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
        "closing",
        "completed",
    ]
    assert [(each.done, each.parts) for each in told if each.state == "sending"] == [(0, 2), (1, 2), (2, 2)]


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

    assert standing(world.process(), segment, 1) == Standing("paused", 1, 2, "paused_by_operator")


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


def test_every_move_of_every_run_is_one_that_the_diagram_shows(tmp_path: Path) -> None:
    seen = set().union(*(moves(scenario, tmp_path / str(at)) for at, scenario in enumerate(SCENARIOS)))

    shown = {(before, after) for before, after, _ in MOVES}
    assert seen - shown == set()
    assert {("landed", "received"), ("sending", "following"), ("closing", "partial")} <= seen


def moves(scenario: Scenario, folder: Path) -> set[tuple[str, str]]:
    """Of all its runs, looked at before every effect, and at the end."""
    world = World(folder, topology=small_topology(**scenario.chunking), in_memory=True)
    last: dict[tuple[str, int], str] = {}
    found: set[tuple[str, str]] = set()

    def look() -> None:
        for run, state in states(world).items():
            before = last.get(run, "landed" if run[1] == 1 else "received")
            found.update({(before, state)} if before != state else ())
            last[run] = state

    def plan(effect: Effect) -> Fault | None:
        look()
        return scenario.plan(effect)

    world.gate.plan = plan
    try:
        scenario.go(world)
        close(world)
        look()
    finally:
        world.close()
    return found


def states(world: World) -> dict[tuple[str, int], str]:
    """As they are in the store, past every gate."""
    blobs = world.store(WORK).page("segments/", "")
    found: dict[tuple[str, int], str] = {}
    for segment, own in groupby(blobs, key=lambda blob: blob.name.split("/")[1]):
        history = history_of(segment, own)
        moment = datetime.fromtimestamp(world.stage.now, UTC)
        for run in history.runs:
            if run.opened:
                found[segment, run.number] = standing_of(run, "", moment).state
        if not history.runs:
            found[segment, 1] = before_run(history, refusal(world, segment)).state
    return found


def refusal(world: World, segment: str) -> str:
    blob = world.store(WORK).get(segment_json(segment))
    return decode(Segment, blob.content).reason_code if blob else ""


def test_words_are_short() -> None:
    assert Standing("chunking", done=3).words == "chunking: 3 parts so far"
    assert Standing("sending", 1, 4).words == "sending: 1 of 4 parts"
    assert Standing("paused", cause="terms_not_accepted").words == "paused: terms_not_accepted"
    assert Standing("waiting").words == "waiting"
