"""Modes remove and replace: who is taken out, when, and what keeps an audience from being half empty."""

from shared import names
from shared.model.codec import encode
from shared.model.segment import SegmentRequest
from shared.model.state import Job
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault, Plan, nth
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, World, small_topology

NO_SUCH_LIST = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))


def land(world: World, mode: str, people: range, file: str = "people") -> str:
    return world.land(f"{ACCOUNT}/{AUDIENCE}/{mode}/{file}.csv", csv_of(people))


def landed(world: World, mode: str, people: range, file: str = "people") -> str:
    """And carried out."""
    segment = land(world, mode, people, file)
    world.run()
    return segment


def inside(world: World) -> set[int]:
    return world.members(ACCOUNT, AUDIENCE)


def job_of(world: World, segment: str) -> Job:
    job = world.ledger.read(Job, names.job_json(segment, 1, 1))
    assert job
    return job.value


def test_a_remove_takes_its_people_out_and_nobody_else(world: World) -> None:
    landed(world, "append", range(6))

    segment = landed(world, "remove", range(2, 9))

    check(world)
    assert inside(world) == members(range(2))
    assert world.outcome(segment).records_accepted == 7


def test_a_replace_leaves_its_own_people_and_nobody_else(world: World) -> None:
    landed(world, "append", range(6))

    segment = landed(world, "replace", range(4, 10))

    check(world)
    assert inside(world) == members(range(4, 10))
    assert world.outcome(segment).type == "segment.completed"


def test_a_replace_is_one_job_whatever_its_size(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(stage_operations=4))

    segment = landed(world, "replace", range(20))

    check(world)
    assert len(world.ads.customer(ACCOUNT).jobs) == 1
    assert world.outcome(segment).parts == 5
    assert inside(world) == members(range(20))


def test_a_replace_of_which_a_part_fails_leaves_the_audience_as_it_is(world: World) -> None:
    landed(world, "append", range(6))
    world.gate.plan = lambda effect: (
        Fault("refuse", NO_SUCH_LIST) if effect.kind == "add" and "-upload-1-2-" in effect.by else None
    )

    segment = landed(world, "replace", range(4, 14))

    assert inside(world) == members(range(6))
    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code, outcome.records_failed) == (
        "segment.failed",
        "replace_incomplete",
        10,
    )
    assert [letter.part for letter in world.letters] == [2]


def answer_lost() -> Plan:
    return nth("add", 1, Fault("lose"))


def died_before() -> Plan:
    return nth("add", 1, Fault("die_before"))


def test_a_job_of_which_nobody_knows_whether_it_was_cleared_is_never_run(make_world: MakeWorld) -> None:
    for plan in (answer_lost(), died_before()):
        world = make_world()
        landed(world, "append", range(6))
        world.gate.plan = plan

        segment = landed(world, "replace", range(4, 10))

        check(world)
        assert inside(world) == members(range(4, 10))
        assert job_of(world, segment).k == 1
        unrun = [job for job in world.ads.customer(ACCOUNT).jobs.values() if job.started is None]
        assert len(unrun) == 1


def test_a_replace_makes_older_runs_that_have_not_begun_pointless(world: World) -> None:
    """The first one fills while the others land; the last one goes when it is done."""
    world.gate.plan = nth("add", 1, Fault("freeze_after", seconds=60))
    first = land(world, "append", range(3), "first")
    world.run(until=lambda: any(effect.kind == "add" for effect in world.gate.effects))
    second = land(world, "append", range(3, 6), "second")
    last = land(world, "replace", range(6, 9), "last")

    world.run()

    check(world)
    assert [world.outcome(each).type for each in (first, second, last)] == [
        "segment.completed",
        "segment.superseded",
        "segment.completed",
    ]
    assert world.outcome(second).records_skipped == 3
    assert inside(world) == members(range(6, 9))


def test_a_late_append_that_would_undo_a_newer_remove_is_not_carried_out(world: World) -> None:
    """Its notification comes after everything that landed later is over."""
    late: list[Effect] = []

    def plan(effect: Effect) -> Fault | None:
        hours_late = effect.at < world.stage.now + 1 and effect.kind == "create" and "append" in effect.about
        if hours_late and not late:
            late.append(effect)
            return Fault("freeze_before", seconds=5 * 3600)
        return None

    world.gate.plan = plan
    append = land(world, "append", range(3))
    world.run(until=lambda: bool(late))
    remove = land(world, "remove", range(2))
    world.run()

    assert world.outcome(remove).type == "segment.completed"
    outcome = world.outcome(append)
    assert (outcome.type, outcome.reason_code) == ("segment.failed", "overtaken")
    assert [letter.reason_code for letter in world.letters] == ["overtaken"]
    assert inside(world) == set()


def test_an_operators_replay_of_what_was_overtaken_counts_as_newest(world: World) -> None:
    test_a_late_append_that_would_undo_a_newer_remove_is_not_carried_out(world)
    (append,) = [segment for segment, event in outcomes(world).items() if event == "segment.failed"]
    world.gate.plan = lambda _: None

    world.publish("segment-requests", encode(SegmentRequest(append, 2)))
    world.run()

    assert world.outcome(append, 2).type == "segment.completed"
    assert inside(world) == members(range(3))


def outcomes(world: World) -> dict[str, str]:
    return {
        event.segment: event.type
        for event in world.events
        if event.type in ("segment.failed", "segment.completed")
    }


def test_a_part_alone_of_a_replace_is_not_carried_out(world: World) -> None:
    segment = landed(world, "replace", range(8))

    world.publish("segment-requests", encode(SegmentRequest(segment, 2, (1,))))
    world.run()

    outcome = world.outcome(segment, 2)
    assert (outcome.type, outcome.reason_code) == ("segment.rejected", "replace_is_whole")
    assert inside(world) == members(range(8))


def test_a_replace_whose_job_is_lost_is_repeated_whole(world: World) -> None:
    landed(world, "append", range(6))
    segment = land(world, "replace", range(4, 14))
    world.run(until=lambda: len(started(world)) == 2)
    del world.ads.customer(ACCOUNT).jobs[started(world)[1]]

    world.run()

    check(world)
    assert world.outcome(segment, 1).reason_code == "job_lost"
    assert world.outcome(segment, 2).type == "segment.completed"
    assert inside(world) == members(range(4, 14))


def started(world: World) -> list[int]:
    return [number for number, job in world.ads.customer(ACCOUNT).jobs.items() if job.started]


def test_a_replace_without_anybody_to_send_empties_nothing(world: World) -> None:
    landed(world, "append", range(6))

    segment = world.land(f"{ACCOUNT}/{AUDIENCE}/replace/empty.csv", b"email\nnobody\n")
    world.run()

    assert world.outcome(segment).type == "segment.rejected"
    assert inside(world) == members(range(6))
