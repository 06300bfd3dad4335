"""Executions that freeze, wake when a successor has done their work, and go on; answers that come when nobody expects them."""

from dataclasses import replace

from shared import names
from shared.model.state import Job, Line
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, START, World, small_topology

HOUR = 3600
LONGER_THAN_A_DISPATCH = 2600.0
NO_SUCH_JOB = Failure("INVALID_ARGUMENT", ("RequestError.RESOURCE_NOT_FOUND",))


def append(world: World, people: range, file: str = "people") -> str:
    return world.land(f"{ACCOUNT}/{AUDIENCE}/append/{file}.csv", csv_of(people))


def slow_jobs(world: World) -> None:
    world.ads.timing = replace(world.ads.timing, job_seconds=3 * HOUR)


def frozen_at_the_first_add(world: World, then: Fault | None = None) -> list[float]:
    """The moments at which an execution froze, between its last check and the send."""
    froze: list[float] = []

    def plan(effect: Effect) -> Fault | None:
        if effect.kind != "add" or froze:
            return None
        froze.append(world.stage.now)
        world.stage.pause(LONGER_THAN_A_DISPATCH)
        return then

    world.gate.plan = plan
    return froze


def delivered(world: World, people: range, segment: str) -> None:
    check(world)
    assert world.outcome(segment).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(people)


def test_a_request_that_comes_after_the_job_was_run_fails_nothing(world: World) -> None:
    slow_jobs(world)
    frozen_at_the_first_add(world)
    segment = append(world, range(3))

    world.run()

    delivered(world, range(3), segment)


def test_an_answer_that_the_job_is_gone_means_nothing_from_one_who_was_succeeded(world: World) -> None:
    slow_jobs(world)
    frozen_at_the_first_add(world, Fault("refuse", NO_SUCH_JOB))
    segment = append(world, range(3))

    world.run()

    delivered(world, range(3), segment)
    job = world.ledger.read(Job, names.job_json(segment, 1, 1))
    assert job is not None
    assert job.value.state == "running"


def test_two_jobs_of_an_audience_do_not_run_at_once_even_when_a_sleeper_wakes(world: World) -> None:
    slow_jobs(world)
    froze = frozen_at_the_first_add(world)
    first = append(world, range(3))
    world.run(until=lambda: bool(froze))
    second = append(world, range(3, 6), "second")

    world.run()

    assert {world.outcome(each).type for each in (first, second)} == {"segment.completed"}
    begun = sorted(job.started for job in world.ads.customer(ACCOUNT).jobs.values() if job.started)
    assert begun[1] - begun[0] >= world.ads.timing.job_seconds
    line = world.ledger.read(Line, names.line_json(ACCOUNT, AUDIENCE))
    assert line is not None
    assert line.value.running is None


def test_the_account_rests_after_a_lost_answer_even_when_progress_cannot_be_kept(
    make_world: MakeWorld,
) -> None:
    world = make_world(topology=small_topology(part_records=30))
    adds: list[float] = []

    def plan(effect: Effect) -> Fault | None:
        if effect.kind == "add":
            adds.append(world.stage.now)
            return Fault("slow", seconds=340) if len(adds) == 2 else None
        return Fault("refuse") if "progress/" in effect.about and len(adds) == 2 else None

    world.gate.plan = plan
    segment = append(world, range(40))

    world.run()

    delivered(world, range(40), segment)
    assert adds[2] - adds[1] >= 300 + 60


def test_a_run_that_never_arrived_is_sent_again_by_the_follower(world: World) -> None:
    runs = searches = 0

    def plan(effect: Effect) -> Fault | None:
        nonlocal runs, searches
        runs += effect.kind == "run_job"
        searches += effect.kind == "search"
        if effect.kind == "run_job" and runs == 1:
            return Fault("refuse", Failure("UNAVAILABLE"))
        return Fault("refuse", NO_SUCH_JOB) if effect.kind == "search" and searches == 1 else None

    world.gate.plan = plan
    segment = append(world, range(3))

    world.run()

    delivered(world, range(3), segment)
    assert world.outcome(segment).occurred_at.timestamp() - START < 3 * HOUR


def test_parts_of_a_stage_that_has_ended_are_not_asked_about_for_ever(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(stage_operations=8))
    world.ads.timing = replace(world.ads.timing, job_seconds=20 * HOUR)
    gone = 0

    def plan(effect: Effect) -> Fault | None:
        nonlocal gone
        gone += effect.kind == "add"
        return Fault("refuse", NO_SUCH_JOB) if effect.kind == "add" and gone == 1 else None

    world.gate.plan = plan
    append(world, range(24))

    world.run()

    check(world)
    uploads = [
        effect for effect in world.gate.effects if effect.kind == "enqueue" and "-upload-" in effect.about
    ]
    assert len(uploads) < 100


def test_a_list_that_is_gone_fails_the_part_and_makes_no_further_run(world: World) -> None:
    gone = Failure("INVALID_ARGUMENT", ("MutateError.RESOURCE_NOT_FOUND",))
    world.gate.plan = lambda effect: Fault("refuse", gone) if effect.kind == "create_job" else None
    segment = append(world, range(3))

    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.failed"
    assert [letter.reason_code for letter in world.letters] == ["audience_gone"]


def test_a_part_that_nobody_told_of_is_told_when_its_run_ends(make_world: MakeWorld) -> None:
    """Its event is not published, its task is purged, and a finish that goes on finds nothing missing."""
    world = make_world(topology=small_topology())
    receipt = "00001.json"

    def plan(effect: Effect) -> Fault | None:
        effects = world.gate.effects
        if effect.kind == "replace" and effect.about.endswith("job.json") and "-finishnow-" in effect.by:
            world.lose_tasks()
        written = any(each.about.endswith(f"receipts/{receipt}") for each in effects[:-1])
        others = any("receipts/" in each.about and receipt not in each.about for each in effects[:-1])
        silent = effect.kind == "publish" and "-upload-1-1-" in effect.by
        return Fault("refuse") if silent and written and not others else None

    world.gate.plan = plan
    segment = append(world, range(8))

    world.run()

    delivered(world, range(8), segment)
    assert not [effect for effect in world.gate.effects if "-e1-" in effect.about]
    assert [event.event_id for event in world.events].count(names.event_id(segment, 1, "1")) == 1


def test_a_job_whose_run_is_refused_for_good_when_it_is_sent_again_ends_its_stage(world: World) -> None:
    """The first run's answer was lost, and the first look at its status too: the follower finds it pending."""
    refused = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_CONVERSION_ACTION",))
    runs = searches = 0

    def plan(effect: Effect) -> Fault | None:
        nonlocal runs, searches
        runs += effect.kind == "run_job"
        searches += effect.kind == "search"
        if effect.kind == "run_job":
            return Fault("refuse", Failure("UNAVAILABLE") if runs == 1 else refused)
        return Fault("refuse", NO_SUCH_JOB) if effect.kind == "search" and searches == 1 else None

    world.gate.plan = plan
    segment = append(world, range(3))

    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.failed"
    assert world.outcome(segment).occurred_at.timestamp() - START < 3 * HOUR
