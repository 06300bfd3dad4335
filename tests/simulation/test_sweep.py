"""The sweep over real runs: what was lost moves again, once, and what cannot move ends with a reason."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from services.uploader.sweeping import handle_sweep
from shared import names
from shared.edge.answer import Ack, Nack
from shared.model.codec import encode
from shared.model.run import Run
from shared.model.state import Claim, Line, Marker
from shared.ops.markers import open_marker
from shared.sweeping import AskAgain, Leave, Rest, Restart
from tests.support.effects import REQUESTS, Fault, always
from tests.support.engines import moment
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, OTHER_ACCOUNT, WORK, World

PEOPLE = f"{ACCOUNT}/{AUDIENCE}/append/people.csv"
DAY = 86_400


def pass_time(world: World, seconds: float) -> None:
    until = world.stage.now + seconds
    world.run(until=lambda: world.stage.now >= until)
    world.stage.now = max(world.stage.now, until)


def stopped(world: World) -> str:
    """A segment whose parts are being sent when all tasks are lost; long enough ago for a sweep to look at it."""
    segment = world.land(PEOPLE, csv_of(range(6)))
    world.run(until=lambda: any(effect.kind == "add" for effect in world.gate.effects))
    world.lose_tasks()
    pass_time(world, 1000)
    return segment


def enqueued(world: World) -> Counter[str]:
    return Counter(effect.about for effect in world.gate.effects if effect.kind == "enqueue")


def test_a_run_whose_tasks_were_lost_goes_on(world: World) -> None:
    segment = stopped(world)

    world.sweep()
    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_of_two_sweeps_at_once_the_tasks_are_made_under_the_names_of_one(world: World) -> None:
    """In the very same moment both write the same, and each may take it for its own: the queue knows every name once."""
    segment = stopped(world)
    before = enqueued(world)

    world.sweep()
    world.sweep()
    world.run()

    made = enqueued(world) - before
    assert {name.rpartition("-e")[2] for name in made if "-upload-" in name} == {"1-n0"}
    assert not [name for name in made if "-e2-" in name]
    assert world.outcome(segment).type == "segment.completed"


def test_a_sweep_leaves_alone_what_moves(world: World) -> None:
    world.land(PEOPLE, csv_of(range(6)))
    world.run(until=lambda: any(effect.kind == "run_job" for effect in world.gate.effects))
    pass_time(world, 300)

    world.sweep()
    world.run()

    assert {type(swept.step) for swept in world.swept} == {Rest}
    assert not [name for name in enqueued(world) if "-e1-" in name]


def test_looking_alone_changes_nothing(world: World) -> None:
    stopped(world)
    effects = len(world.gate.effects)

    swept = world.look()

    assert [type(each.step) for each in swept] == [Restart]
    assert len(world.gate.effects) == effects


def test_a_run_that_cannot_be_chunked_for_a_week_ends_with_that_reason(world: World) -> None:
    world.gate.plan = always("create", Fault("refuse"), ".frames")
    segment = world.land(PEOPLE, csv_of(range(6)))

    for _ in range(15):
        pass_time(world, DAY / 2)
        world.sweep()
    world.gate.plan = lambda _: None
    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code) == ("segment.failed", "chunking_gave_up")
    assert world.members(ACCOUNT, AUDIENCE) == set()


def test_a_marker_that_a_late_twin_left_behind_is_gone_one_sweep_later_without_a_request(
    world: World,
) -> None:
    segment = world.land(PEOPLE, csv_of(range(6)))
    world.run()
    run = world.ledger.read(Run, names.run_json(segment, 1))
    assert run
    open_marker(world.process(), run)
    requests = sum(effect.kind in REQUESTS for effect in world.gate.effects)

    world.sweep()
    world.run()

    check(world)
    assert sum(effect.kind in REQUESTS for effect in world.gate.effects) == requests


def test_a_claim_that_a_late_twin_left_behind_is_taken_out_of_the_line(world: World) -> None:
    segment = world.land(PEOPLE, csv_of(range(6)))
    world.run()
    name = names.line_json(ACCOUNT, AUDIENCE)
    line = world.ledger.read(Line, name)
    assert line
    world.stage.pause(1)
    left = replace(line.value, owner=Claim(segment, 1), filling=1)
    world.store(WORK).insert(name, encode(left), line.generation, {"claimed": "1"})

    world.sweep()
    world.run()

    check(world)
    assert [type(swept.step) for swept in world.swept] == [Leave]


def test_a_broken_line_keeps_no_other_from_being_swept(world: World) -> None:
    segment = stopped(world)
    world.store(WORK).insert(names.line_json(ACCOUNT, "a-first"), b"no line", 0, {"claimed": "1"})
    nobodys = encode(Line(owner=Claim("nobodys", 1)))
    world.store(WORK).insert(names.line_json(ACCOUNT, "b-second"), nobodys, 0, {"claimed": "1"})

    swept = world.look()

    assert [bool(each.failed) for each in swept] == [False, True, True]
    assert handle_sweep(world.process()) == Nack("sweep_failed")
    world.run()
    assert world.outcome(segment).type == "segment.completed"


def test_the_trouble_of_one_run_keeps_no_other_from_being_swept(world: World) -> None:
    segment = stopped(world)
    nobodys = names.open_json(
        OTHER_ACCOUNT, AUDIENCE, names.landing_key(moment(world.stage.now)), "nobodys", 1
    )
    world.process().ledger.settle(nobodys, Marker(0, moment(world.stage.now)))

    answer = handle_sweep(world.process())
    world.run()

    assert answer == Nack("sweep_failed")
    assert world.outcome(segment).type == "segment.completed"


@pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT])
def test_a_sweep_of_one_account_touches_no_other(world: World, account: str) -> None:
    stopped(world)

    swept = world.look(account)

    assert {each.account for each in swept} == ({ACCOUNT} if account == ACCOUNT else set())


def test_where_nothing_is_open_there_is_nothing_to_do(world: World) -> None:
    assert handle_sweep(world.process()) == Ack("0 runs looked at")


def test_a_run_whose_chunking_gets_on_is_not_asked_for_again(world: World) -> None:
    """Three hours after it was opened, and a minute after somebody saved how far he was; then an hour of nothing."""
    world.gate.plan = always("create", Fault("refuse"), ".frames")
    segment = world.land(PEOPLE, csv_of(range(6)))
    pass_time(world, 3 * 3600)
    assert world.store(WORK).insert(names.chunking_json(segment, 1), b"{}", 0, None)
    pass_time(world, 60)
    moving = world.look()
    pass_time(world, 3600)

    assert [type(each.step) for each in (*moving, *world.look())] == [Rest, AskAgain]


def test_a_run_that_is_open_for_two_days_is_told_of_by_each_sweep(world: World) -> None:
    world.gate.plan = always("create", Fault("refuse"), ".frames")
    segment = world.land(PEOPLE, csv_of(range(6)))

    for hours in (47, 2, 2):
        pass_time(world, hours * 3600)
        handle_sweep(world.process())

    said = [json.loads(line) for line in world.logged.getvalue().splitlines()]
    overdue = [line for line in said if line["message"] == "run_overdue"]
    assert [(line["account"], line["segment"], line["hours"]) for line in overdue] == [
        (ACCOUNT, segment, 49),
        (ACCOUNT, segment, 51),
    ]
