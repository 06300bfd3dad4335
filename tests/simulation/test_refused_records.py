"""Google refuses records one by one: each is counted once and named by its line, whatever happens to the part meanwhile."""

import json

import pytest

from shared import names
from shared.model.codec import encode
from shared.model.events import Event
from shared.model.receipt import Receipt, Refusals
from shared.model.segment import SegmentRequest
from shared.model.state import Progress
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault, at, nth
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.watch.records import Picks
from tests.support.world import ACCOUNT, AUDIENCE, World, small_topology

HASH, COUNTRY = (
    "OfflineUserDataJobError.INVALID_SHA256_FORMAT",
    "OfflineUserDataJobError.INVALID_COUNTRY_CODE",
)
TOO_LARGE = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.TOO_MANY_USER_IDENTIFIERS",))
SEVERAL_FRAMES = small_topology(part_records=60)
"""Of twenty people each."""


def picks(codes: dict[int, str]) -> Picks:
    """Refuses these people; the person of number n is on line n + 2."""
    refused = {digest: code for number, code in codes.items() for digest in members([number])}
    return lambda digest: refused.get(digest, "")


def append(world: World, people: range, file: str = "people") -> str:
    return world.land(f"{ACCOUNT}/{AUDIENCE}/append/{file}.csv", csv_of(people))


def receipt(world: World, segment: str, part: int = 1, run: int = 1) -> Receipt:
    entry = world.ledger.read(Receipt, names.receipt_json(segment, run, 1, part))
    assert entry
    return entry.value


def numbers(event: Event) -> tuple[int, int, int, int, int]:
    return (
        event.records_received,
        event.records_accepted,
        event.records_rejected,
        event.records_skipped,
        event.records_failed,
    )


def adds(world: World) -> int:
    return sum(effect.kind == "add" for effect in world.gate.effects)


# Some records of a part


def test_a_part_is_completed_without_the_records_that_were_refused(make_world: MakeWorld) -> None:
    world = make_world(picks=picks({1: HASH, 2: HASH, 5: COUNTRY}))
    segment = append(world, range(7))

    world.run()

    check(world)
    assert world.members(ACCOUNT, AUDIENCE) == members([0, 3, 4, 6])
    assert numbers(world.outcome(segment)) == (7, 4, 3, 0, 0)
    assert world.outcome(segment).type == "segment.completed"
    assert receipt(world, segment, 1).refused == (Refusals(HASH, 1, "3-4"),)
    assert receipt(world, segment, 2).refused == (Refusals(COUNTRY, 1, "7"),)
    assert [event.type for event in world.events if event.part] == ["part.completed"] * 2
    assert world.letters == []


def test_lines_are_those_of_the_shard_that_the_record_came_from(make_world: MakeWorld) -> None:
    world = make_world(picks=picks({1: HASH, 3: HASH, 5: HASH}), topology=small_topology(part_records=9))
    folder = f"{ACCOUNT}/{AUDIENCE}/append/people.shards"
    for shard in range(3):
        world.land(f"{folder}/part-{shard}.csv", csv_of(range(shard * 3, shard * 3 + 3)))
    segment = world.land(f"{folder}/_SUCCESS", b"")

    world.run()

    check(world)
    assert receipt(world, segment).refused == (Refusals(HASH, 1, "3"), Refusals(HASH, 2, "2,4"))


def test_what_is_told_is_the_receipts_event_byte_for_byte(make_world: MakeWorld) -> None:
    world = make_world(picks=picks({1: HASH}))
    segment = append(world, range(3))

    world.run()
    world.publish("segment-requests", encode(SegmentRequest(segment)))
    world.run()

    told = {
        each.data for each in world.published("completions") if each.attributes["type"] == "part.completed"
    }
    assert told == {receipt(world, segment).content}


def test_the_log_counts_codes_and_names_no_value(make_world: MakeWorld) -> None:
    world = make_world(picks=picks({0: HASH, 1: HASH, 2: COUNTRY}))
    append(world, range(4))

    world.run()

    lines = [json.loads(line) for line in world.logged.getvalue().splitlines()]
    assert [line["codes"] for line in lines if line["message"] == "records_refused"] == [
        {HASH: 2, COUNTRY: 1}
    ]


# All records of a part


def test_a_part_whose_every_record_is_refused_has_failed_and_its_run_is_partial(
    make_world: MakeWorld,
) -> None:
    world = make_world(picks=picks(dict.fromkeys(range(4), HASH) | {5: HASH}))
    segment = append(world, range(7))

    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code, numbers(outcome)) == (
        "segment.partial",
        "parts_failed",
        (7, 2, 1, 0, 4),
    )
    assert world.members(ACCOUNT, AUDIENCE) == members([4, 6])
    (failed,) = [event for event in world.events if event.type == "part.failed"]
    assert (numbers(failed), failed.reason_code) == ((4, 0, 0, 0, 4), "all_records_refused")
    assert [(letter.part, letter.reason_code) for letter in world.letters] == [(1, "all_records_refused")]
    assert receipt(world, segment).refused == (Refusals(HASH, 1, "2-5"),)


def test_a_run_whose_every_record_is_refused_has_failed_and_its_job_is_not_run(make_world: MakeWorld) -> None:
    world = make_world(picks=lambda _: HASH)
    segment = append(world, range(7))

    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code, numbers(outcome)) == (
        "segment.failed",
        "all_parts_failed",
        (7, 0, 0, 0, 7),
    )
    assert [effect for effect in world.gate.effects if effect.kind == "run_job"] == []
    assert {letter.reason_code for letter in world.letters} == {"all_records_refused"}


def test_a_stage_that_is_refused_whole_fails_alone(make_world: MakeWorld) -> None:
    world = make_world(
        picks=picks(dict.fromkeys(range(4), HASH)), topology=small_topology(stage_operations=4)
    )
    segment = append(world, range(8))

    world.run()

    check(world)
    assert (world.outcome(segment).type, numbers(world.outcome(segment))) == (
        "segment.partial",
        (8, 4, 0, 0, 4),
    )
    assert world.members(ACCOUNT, AUDIENCE) == members(range(4, 8))


# Stopped, halved, killed, repeated


ODD = {number: (HASH if number % 3 else COUNTRY) for number in range(1, 60, 2)}
LINES = (
    Refusals(COUNTRY, 1, "5,11,17,23,29,35,41,47,53,59"),
    Refusals(HASH, 1, "3,7,9,13,15,19,21,25,27,31,33,37,39,43,45,49,51,55,57,61"),
)


@pytest.mark.parametrize("action", ["die_before", "die_after", "die_during", "lose", "refuse"])
@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_a_part_that_stopped_between_its_frames_has_the_receipt_of_one_that_did_not(
    make_world: MakeWorld, action: str, request_number: int
) -> None:
    world = make_world(picks=picks(ODD), topology=SEVERAL_FRAMES)
    world.gate.plan = nth("add", request_number, Fault(action, seconds=100))  # type: ignore[arg-type]
    segment = append(world, range(60))

    world.run()

    check(world)
    assert receipt(world, segment).refused == LINES
    assert numbers(world.outcome(segment)) == (60, 30, 30, 0, 0)
    assert adds(world) > 3


def test_what_was_refused_before_a_stop_is_kept_for_who_goes_on(make_world: MakeWorld) -> None:
    world = make_world(picks=picks(ODD), topology=SEVERAL_FRAMES)
    world.gate.plan = nth("add", 3, Fault("refuse"))
    segment = append(world, range(60))

    world.run()

    entry = world.ledger.read(Progress, names.progress_json(segment, 1, 1, 1))
    assert entry
    assert (entry.value.frames, entry.value.records) == (2, 40)
    assert entry.value.refused == (
        Refusals(COUNTRY, 1, "5,11,17,23,29,35,41"),
        Refusals(HASH, 1, "3,7,9,13,15,19,21,25,27,31,33,37,39"),
    )
    assert adds(world) == 4


def test_a_process_may_die_at_any_effect_of_a_part_with_refusals(make_world: MakeWorld) -> None:
    def world_with(plan_at: int) -> World:
        world = make_world(picks=picks(ODD), topology=SEVERAL_FRAMES)
        world.gate.plan = at(plan_at, Fault("die_after"))
        return world

    def run(world: World) -> str:
        segment = append(world, range(60))
        world.run()
        check(world)
        return segment

    calm = world_with(0)
    run(calm)
    for effect in [each.number for each in calm.gate.effects]:
        world = world_with(effect)
        segment = run(world)
        assert world.deaths == 1
        assert receipt(world, segment).refused == LINES


def test_halves_of_frames_name_the_lines_of_the_whole(make_world: MakeWorld) -> None:
    seen = 0

    def every_third(effect: Effect) -> Fault | None:
        nonlocal seen
        seen += effect.kind == "add"
        return Fault("refuse", TOO_LARGE) if effect.kind == "add" and seen % 3 == 1 else None

    world = make_world(picks=picks(ODD), topology=SEVERAL_FRAMES)
    world.gate.plan = every_third
    segment = append(world, range(60))

    world.run()

    check(world)
    assert receipt(world, segment).refused == LINES
    assert adds(world) == 9


def test_a_part_that_fails_in_the_middle_names_what_was_refused_until_then(make_world: MakeWorld) -> None:
    no_such_list = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))
    world = make_world(picks=picks({3: HASH, 50: HASH, 62: HASH}), topology=SEVERAL_FRAMES)
    world.gate.plan = nth("add", 3, Fault("refuse", no_such_list))
    segment = append(world, range(70))

    world.run()

    check(world)
    assert receipt(world, segment).refused == (Refusals(HASH, 1, "5"),)
    assert numbers(receipt(world, segment).as_event()) == (60, 39, 1, 0, 20)
    assert numbers(world.outcome(segment)) == (70, 48, 2, 0, 20)


def test_an_operation_that_is_refused_in_passing_is_sent_again_and_is_not_in_the_receipt(
    make_world: MakeWorld,
) -> None:
    passed: list[int] = []

    def once(digest: int) -> str:
        return "" if digest in passed or digest not in members([1]) else passing(digest)

    def passing(digest: int) -> str:
        passed.append(digest)
        return "InternalError.TRANSIENT_ERROR"

    world = make_world(picks=once)
    segment = append(world, range(3))

    world.run()

    check(world)
    assert receipt(world, segment).refused == ()
    assert adds(world) == 2
    assert world.members(ACCOUNT, AUDIENCE) == members(range(3))


def test_a_replay_is_refused_the_same_lines(make_world: MakeWorld) -> None:
    world = make_world(picks=picks({1: HASH, 5: COUNTRY}))
    segment = append(world, range(7))
    world.run()

    world.publish("segment-requests", encode(SegmentRequest(segment, 2)))
    world.run()

    check(world)
    for part in (1, 2):
        assert receipt(world, segment, part, run=2).refused == receipt(world, segment, part).refused
    assert numbers(world.outcome(segment, 2)) == (7, 5, 2, 0, 0)
