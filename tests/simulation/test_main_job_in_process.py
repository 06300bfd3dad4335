"""The way of an append to Google Ads, with everything that may go wrong on it: the real handlers, no process, no waiting."""

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from infra.local.ads.jobs import Consent as AdsConsent
from infra.local.ads.jobs import Job
from shared import names
from shared.model.codec import encode
from shared.model.events import Event
from shared.model.run import Run
from shared.model.segment import SegmentRequest
from shared.model.state import Lease
from shared.model.task import Task
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import (
    Effect,
    Fault,
    Plan,
    always,
    at,
    first_of_each,
    nth,
)
from tests.support.engines import moment, queue_path
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import (
    ACCOUNT,
    ACCOUNTS,
    AUDIENCE,
    OTHER_ACCOUNT,
    START,
    World,
    small_topology,
)

HOUR = 3600.0
TEMPORARY_QUOTA = Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",), 30)
CONCURRENT = Failure("INVALID_ARGUMENT", ("DatabaseError.CONCURRENT_MODIFICATION",))
TROUBLE = Failure("INTERNAL", ("InternalError.TRANSIENT_ERROR",))
TOO_LARGE = Failure("INVALID_ARGUMENT", ("SizeLimitError.REQUEST_SIZE_LIMIT_EXCEEDED",))
EXPIRED = Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_EXPIRED",))
NO_SUCH_LIST = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))


def name_of(file: str, account: str = ACCOUNT) -> str:
    return f"{account}/{AUDIENCE}/append/{file}.csv"


def append(world: World, people: range, file: str = "people", account: str = ACCOUNT) -> str:
    return world.land(name_of(file, account), csv_of(people))


def effects(world: World, kind: str) -> list[Effect]:
    return [effect for effect in world.gate.effects if effect.kind == kind]


def types(world: World, segment: str) -> list[str]:
    """Of the segment's events, each id once, in the order of their first coming."""
    first = {event.event_id: event.type for event in world.events if event.segment == segment}
    return list(first.values())


def numbers(event: Event) -> tuple[int, int, int, int, int]:
    return (
        event.records_received,
        event.records_accepted,
        event.records_rejected,
        event.records_skipped,
        event.records_failed,
    )


def jobs(world: World, account: str = ACCOUNT) -> list[Job]:
    return list(world.ads.customer(account).jobs.values())


def completed(world: World, people: range, *segments: str) -> None:
    """All went well in the end, and exactly these people are in the audience."""
    check(world)
    assert {world.outcome(segment).type for segment in segments} == {"segment.completed"}
    assert world.members(ACCOUNT, AUDIENCE) == members(people)
    assert world.letters == []


# The usual way


def test_one_segment_goes_from_landing_to_its_audience(world: World) -> None:
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)
    assert numbers(world.outcome(segment)) == (6, 6, 0, 0, 0)
    assert types(world, segment) == [
        "segment.received",
        "segment.chunked",
        "part.completed",
        "part.completed",
        "segment.completed",
    ]


def test_bad_rows_are_counted_and_everybody_else_is_sent(make_world: MakeWorld) -> None:
    lenient = tuple(replace(account, max_rejected_ratio="0.5") for account in ACCOUNTS)
    world = make_world(accounts=lenient)
    segment = world.land(name_of("mixed"), csv_of(range(5)) + b"no address\nperson,too many\n")

    world.run()

    completed(world, range(5), segment)
    assert numbers(world.outcome(segment)) == (7, 5, 2, 0, 0)


def test_each_job_of_an_audience_runs_after_the_one_before_has_ended(world: World) -> None:
    segments = [append(world, range(6), "first"), append(world, range(4, 9), "second")]

    world.run()

    completed(world, range(9), *segments)
    first, second = (job.started for job in jobs(world))
    assert first
    assert second
    assert second >= first + world.ads.timing.job_seconds


def test_accounts_do_not_wait_for_each_other(world: World) -> None:
    append(world, range(6))
    append(world, range(6), account=OTHER_ACCOUNT)

    world.run(until=lambda: bool(jobs(world)) and bool(jobs(world, OTHER_ACCOUNT)))
    world.run()

    check(world)
    (ours,), (theirs,) = jobs(world), jobs(world, OTHER_ACCOUNT)
    assert abs(ours.created - theirs.created) < 5


def test_a_large_segment_has_several_stages_whose_jobs_follow_each_other(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(stage_operations=4))
    segment = append(world, range(10))

    world.run()

    completed(world, range(10), segment)
    started = [job.started or 0 for job in jobs(world)]
    assert len(started) == 3
    assert all(after >= before + world.ads.timing.job_seconds for before, after in pairwise(started))


def test_a_group_of_shards_is_one_segment(world: World) -> None:
    folder = f"{ACCOUNT}/{AUDIENCE}/append/people.shards"
    for shard in range(3):
        world.land(f"{folder}/part-{shard}.csv", csv_of(range(shard * 3, shard * 3 + 3)))
    segment = world.land(f"{folder}/_SUCCESS", b"")

    world.run()

    completed(world, range(9), segment)
    assert numbers(world.outcome(segment)) == (9, 9, 0, 0, 0)
    assert len(world.objects("segments/")) == len(world.objects(f"segments/{segment}/"))


# What comes twice, late, or out of order


def test_a_notification_that_comes_twice_changes_nothing(world: World) -> None:
    segment = world.land(name_of("people"), csv_of(range(6)), notifications=2)

    world.run()

    completed(world, range(6), segment)
    assert len(effects(world, "add")) == 2


@pytest.mark.parametrize("minutes", [0, 1, 9, 30])
def test_a_request_that_comes_again_changes_nothing(world: World, minutes: int) -> None:
    segment = append(world, range(6))
    world.run(until=lambda: world.stage.now > START + 60 * minutes)

    world.publish("segment-requests", encode(SegmentRequest(segment)))
    world.run()

    check(world)
    assert len(effects(world, "add")) == 2
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_tasks_that_come_again_after_the_end_make_no_call(world: World) -> None:
    segment = append(world, range(6))
    world.run()
    calls = len(effects(world, "add")) + len(effects(world, "search"))
    task = Task(segment, 1, "upload", 1, 1, 1, 0, 0, moment(START))

    for again in (
        task,
        *(replace(task, kind=kind, part=0) for kind in ("begin", "finish", "finishnow", "follow")),
    ):
        name = names.task_name(segment, 1, again.kind, 1, again.part, 1, 0)
        world.process().queues.create(names.queue_id(ACCOUNT), name, encode(again))
    world.run()

    completed(world, range(6), segment)
    assert len(effects(world, "add")) + len(effects(world, "search")) == calls


@pytest.mark.parametrize("seed", range(4))
def test_tasks_may_be_run_at_any_time_and_beside_each_other(make_world: MakeWorld, seed: int) -> None:
    world = make_world(seed=seed)
    segment = append(world, range(14))
    operator = random.Random(seed)

    def run_some_task() -> bool:
        live = world.tasks.tasks(queue_path(names.queue_id(ACCOUNT)), 0, 20)
        if live and operator.random() < 0.03:
            world.tasks.run_task(f"{queue_path(names.queue_id(ACCOUNT))}/tasks/{operator.choice(live).id}")
        return False

    world.run(until=run_some_task)

    completed(world, range(14), segment)
    assert len(jobs(world)) == 1


# What gets lost


@pytest.mark.parametrize("kind", ["create", "replace", "delete", "publish", "enqueue"])
@pytest.mark.parametrize("action", ["lose", "repeat", "refuse"])
def test_no_lost_answer_of_the_cloud_loses_or_doubles_anything(world: World, kind: str, action: str) -> None:
    world.gate.plan = first_of_each(Fault(action), kind)  # type: ignore[arg-type]
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)


@pytest.mark.parametrize("kind", ["create_job", "add", "run_job", "search"])
def test_a_lost_answer_of_the_destination_is_followed_by_silence_and_a_repeat(
    world: World, kind: str
) -> None:
    world.gate.plan = nth(kind, 1, Fault("lose"))
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)
    assert len(jobs(world)) == 1


def test_a_call_that_is_carried_out_after_we_gave_it_up_overlaps_nothing(world: World) -> None:
    limit = world.topology.destinations["google_ads"].call_timeout_seconds
    settle = world.topology.lease.settle_seconds
    world.gate.plan = nth("add", 1, Fault("slow", seconds=limit + settle - 5))
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)
    assert len(effects(world, "add")) == 3


# What the destination says


def test_another_programs_request_costs_a_retry(world: World) -> None:
    world.gate.plan = nth("add", 1, Fault("refuse", CONCURRENT))
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)
    assert sum(event.attempt for event in world.events if event.type == "part.completed") == 3


def test_a_short_quota_costs_no_attempt(world: World) -> None:
    refusals = 0

    def quota(effect: Effect) -> Fault | None:
        nonlocal refusals
        refusals += effect.kind == "add"
        return Fault("refuse", TEMPORARY_QUOTA) if effect.kind == "add" and refusals <= 15 else None

    world.gate.plan = quota
    segment = append(world, range(3))

    world.run()

    completed(world, range(3), segment)
    (part,) = [event for event in world.events if event.type == "part.completed"]
    assert part.attempt == 1


@pytest.mark.parametrize("kind", ["create_job", "run_job"])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("SizeLimitError.REQUEST_SIZE_LIMIT_EXCEEDED", "request_too_large"),
        ("OfflineUserDataJobError.MISSING_USER_IDENTIFIER", "record_refused"),
        ("OfflineUserDataJobError.INVALID_USER_LIST_ID", "audience_gone"),
    ],
)
def test_a_lasting_refusal_of_a_job_ends_its_run(world: World, kind: str, code: str, reason: str) -> None:
    """Where there is nothing to halve and no single record, all that is lasting is lasting for the whole."""
    world.gate.plan = always(kind, Fault("refuse", Failure("INVALID_ARGUMENT", (code,))))
    segment = append(world, range(3))

    world.run()

    check(world)
    assert numbers(world.outcome(segment)) == (3, 0, 0, 0, 3)
    told = {event.reason_code for event in world.events} | {letter.reason_code for letter in world.letters}
    assert reason in told
    assert len(effects(world, kind)) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("NotAllowlistedError.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "not_allowlisted"),
        ("AuthorizationError.CUSTOMER_NOT_ENABLED", "customer_not_enabled"),
        ("AuthenticationError.OAUTH_TOKEN_REVOKED", "grant_refused"),
    ],
)
def test_a_refused_account_rests_uncounted_and_the_log_says_why(world: World, code: str, reason: str) -> None:
    world.gate.plan = nth("add", 1, Fault("refuse", Failure("PERMISSION_DENIED", (code,))))
    segment = append(world, range(3))
    world.run(until=lambda: world.stage.now > START + 5 * HOUR)

    world.resume(ACCOUNT)
    world.run()

    completed(world, range(3), segment)
    (part,) = [event for event in world.events if event.type == "part.completed"]
    assert part.attempt == 1
    lines = [json.loads(line) for line in world.logged.getvalue().splitlines()]
    assert {each["reason_code"] for each in lines if "account_refused" in each.values()} == {reason}


def test_a_token_that_expires_however_it_is_renewed_pauses_its_account(world: World) -> None:
    asked = 0

    def expired(effect: Effect) -> Fault | None:
        nonlocal asked
        asked += effect.kind == "add"
        return Fault("refuse", EXPIRED) if effect.kind == "add" and asked <= 2 else None

    world.gate.plan = expired
    segment = append(world, range(3))
    world.run(until=lambda: world.stage.now > START + 5 * HOUR)
    assert asked == 2

    world.resume(ACCOUNT)
    world.run()

    completed(world, range(3), segment)
    assert {event.reason_code for event in world.events if event.type == "account.paused"} == {
        "grant_refused"
    }


@pytest.mark.parametrize("kind", ["create_job", "add", "run_job", "search"])
def test_a_token_that_expired_early_costs_a_request_and_no_attempt(world: World, kind: str) -> None:
    world.gate.plan = nth(kind, 1, Fault("refuse", EXPIRED))
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)
    parts = [event for event in world.events if event.type == "part.completed"]
    assert [part.attempt for part in parts] == [1, 1]
    lines = [json.loads(line) for line in world.logged.getvalue().splitlines()]
    assert [line["message"] for line in lines if line["message"] in ("token_renewed", "account_refused")] == [
        "token_renewed"
    ]


def test_a_part_that_is_refused_fails_alone(world: World) -> None:
    world.gate.plan = nth("add", 2, Fault("refuse", NO_SUCH_LIST))
    segment = append(world, range(10))

    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code) == ("segment.partial", "parts_failed")
    assert numbers(outcome) == (10, 6, 0, 0, 4)
    (failed,) = [event for event in world.events if event.type == "part.failed"]
    assert (numbers(failed), failed.reason_code) == ((4, 0, 0, 0, 4), "audience_gone")
    (letter,) = world.letters
    assert (letter.segment, letter.run, letter.part, letter.reason_code) == (
        segment,
        1,
        failed.part,
        "audience_gone",
    )


def test_a_frame_that_is_too_large_is_sent_in_halves(world: World) -> None:
    world.gate.plan = nth("add", 1, Fault("refuse", TOO_LARGE))
    segment = append(world, range(4))

    world.run()

    completed(world, range(4), segment)
    assert numbers(world.outcome(segment)) == (4, 4, 0, 0, 0)
    assert len(effects(world, "add")) == 3


def test_a_half_that_is_sent_again_after_a_crash_is_in_once(world: World) -> None:
    """The second plan does not see the request that the first one refuses."""
    too_large, death = nth("add", 1, Fault("refuse", TOO_LARGE)), nth("add", 2, Fault("die_before"))
    world.gate.plan = lambda effect: too_large(effect) or death(effect)
    segment = append(world, range(4))

    world.run()

    completed(world, range(4), segment)
    assert world.deaths == 1


def test_what_is_too_large_however_it_is_cut_fails_its_part(world: World) -> None:
    world.gate.plan = always("add", Fault("refuse", TOO_LARGE))
    segment = append(world, range(4))

    world.run()

    check(world)
    assert [letter.reason_code for letter in world.letters] == ["request_too_large"]
    assert numbers(world.outcome(segment)) == (4, 0, 0, 0, 4)
    assert len(effects(world, "add")) == 3


def test_nothing_is_cut_smaller_than_sixteenths(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(part_records=64, frame_identifiers=1000))
    world.gate.plan = always("add", Fault("refuse", TOO_LARGE))
    append(world, range(64))

    world.run()

    check(world)
    assert [letter.reason_code for letter in world.letters] == ["request_too_large"]
    assert len(effects(world, "add")) == 5


def test_a_half_that_was_taken_counts_though_the_other_is_refused(world: World) -> None:
    too_large, refused = (
        nth("add", 1, Fault("refuse", TOO_LARGE)),
        nth("add", 2, Fault("refuse", NO_SUCH_LIST)),
    )
    world.gate.plan = lambda effect: too_large(effect) or refused(effect)
    segment = append(world, range(4))

    world.run()

    check(world)
    assert [letter.reason_code for letter in world.letters] == ["audience_gone"]
    assert numbers(world.outcome(segment)) == (4, 2, 0, 0, 2)


def test_a_segment_whose_every_part_is_refused_fails_without_a_run(world: World) -> None:
    world.gate.plan = always("add", Fault("refuse", NO_SUCH_LIST))
    segment = append(world, range(6))

    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code) == ("segment.failed", "all_parts_failed")
    assert numbers(outcome) == (6, 0, 0, 0, 6)
    assert effects(world, "run_job") == []


def test_a_part_is_given_up_when_attempts_and_time_are_spent(world: World) -> None:
    world.gate.plan = always("add", Fault("refuse", TROUBLE))
    segment = append(world, range(3))

    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.failed"
    (failed,) = [event for event in world.events if event.type == "part.failed"]
    assert failed.reason_code == "attempts_exhausted"
    assert failed.duration_seconds >= world.topology.tasks.max_retry_duration_seconds
    assert len(effects(world, "add")) >= world.topology.tasks.max_attempts
    assert [letter.reason_code for letter in world.letters] == ["attempts_exhausted"]


def test_an_outage_of_hours_fails_nothing(world: World) -> None:
    def outage(effect: Effect) -> Fault | None:
        over = world.stage.now > START + 3 * HOUR
        return None if over or effect.kind != "add" else Fault("refuse", Failure("UNAVAILABLE"))

    world.gate.plan = outage
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)


def test_a_given_up_part_counts_the_frames_that_went_in(make_world: MakeWorld) -> None:
    """Part 1 has two frames: the first goes in, the second never. Part 2 goes in, so that the job is run."""
    world = make_world(topology=small_topology(part_records=30))
    adds = 0

    def refuse_all_but_the_first_and_part_two(effect: Effect) -> Fault | None:
        nonlocal adds
        adds += effect.kind == "add"
        return Fault("refuse", TROUBLE) if effect.kind == "add" and adds not in (1, 3) else None

    world.gate.plan = refuse_all_but_the_first_and_part_two
    segment = append(world, range(40))

    world.run()

    assert [letter.reason_code for letter in world.letters] == ["attempts_exhausted"]
    assert len(world.members(ACCOUNT, AUDIENCE)) == 30
    assert numbers(world.outcome(segment)) == (40, 30, 0, 0, 10)
    check(world)


def test_a_job_that_fails_is_made_anew_by_the_next_run(world: World) -> None:
    segment = append(world, range(6))
    world.run(until=lambda: any(job.started for job in jobs(world)))
    (job,) = jobs(world)
    job.order = replace(job.order, consent=AdsConsent("DENIED", "DENIED"))

    world.run()

    check(world)
    assert (world.outcome(segment).type, world.outcome(segment).reason_code) == (
        "segment.failed",
        "job_failed",
    )
    assert world.outcome(segment, 2).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_a_job_that_fails_leaves_nobody_in_the_audience(world: World) -> None:
    world.ads.let_jobs_fail(ACCOUNT, "INSUFFICIENT_MATCHED_TRANSACTIONS")
    segment = append(world, range(6))

    world.run()

    check(world)
    outcomes = [world.outcome(segment, run) for run in (1, 2)]
    assert {outcome.type for outcome in outcomes} == {"segment.failed"}
    assert [outcome.reason_code for outcome in outcomes] == ["job_failed", "job_failed_again"]
    assert [numbers(outcome) for outcome in outcomes] == [(6, 0, 0, 0, 6)] * 2
    assert world.ledger.read(Run, names.run_json(segment, 3)) is None
    assert world.members(ACCOUNT, AUDIENCE) == set()


def test_a_run_whose_answer_is_lost_is_followed_even_when_its_status_cannot_be_asked(world: World) -> None:
    lost, unasked = nth("run_job", 1, Fault("lose")), nth("search", 1, Fault("refuse", NO_SUCH_LIST))
    world.gate.plan = lambda effect: lost(effect) or unasked(effect)
    segment = append(world, range(6))

    world.run()

    completed(world, range(6), segment)


# Jobs that vanish


def vanish(world: World) -> None:
    world.ads.customer(ACCOUNT).jobs.clear()


def test_a_job_that_vanished_before_its_run_is_made_anew_by_the_next_run(world: World) -> None:
    segment = append(world, range(10))
    world.run(until=lambda: len(effects(world, "add")) == 2)
    vanish(world)

    world.run()

    check(world)
    assert world.outcome(segment).reason_code == "job_lost"
    assert numbers(world.outcome(segment)) == (10, 0, 0, 0, 10)
    assert world.outcome(segment, 2).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(10))


def test_a_job_that_vanished_while_it_ran_is_missed_for_an_hour_and_made_anew(world: World) -> None:
    segment = append(world, range(6))
    world.run(until=lambda: any(job.started for job in jobs(world)))
    began = world.stage.now
    vanish(world)

    world.run()

    check(world)
    assert world.outcome(segment).reason_code == "job_lost"
    assert (world.outcome(segment).occurred_at - moment(began)).total_seconds() > HOUR
    assert world.outcome(segment, 2).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_a_lost_job_is_made_anew_once_and_not_for_ever(world: World) -> None:
    segment = append(world, range(6))

    def lose_every_job() -> bool:
        if any(job.started for job in jobs(world)):
            vanish(world)
        return False

    world.run(until=lose_every_job)

    check(world)
    assert [world.outcome(segment, run).reason_code for run in (1, 2)] == ["job_lost", "job_lost_again"]
    assert world.ledger.read(Run, names.run_json(segment, 3)) is None


def test_only_the_stage_whose_job_was_lost_is_sent_again(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(stage_operations=4))
    segment = append(world, range(8))
    world.run(until=lambda: len(effects(world, "run_job")) == 1 and any(job.settled for job in jobs(world)))
    world.run(until=lambda: sum(job.started is not None for job in jobs(world)) == 2)
    del world.ads.customer(ACCOUNT).jobs[jobs(world)[1].id]

    world.run()

    check(world)
    assert numbers(world.outcome(segment)) == (8, 4, 0, 0, 4)
    assert numbers(world.outcome(segment, 2)) == (4, 4, 0, 0, 0)
    assert world.members(ACCOUNT, AUDIENCE) == members(range(8))


def test_answers_that_miss_the_job_now_and_then_do_not_lose_it(world: World) -> None:
    world.ads.timing = replace(world.ads.timing, job_seconds=20 * HOUR)
    segment = append(world, range(3))
    asked = 0

    def miss_every_second(effect: Effect) -> Fault | None:
        nonlocal asked
        asked += effect.kind == "search"
        gone = Failure("INVALID_ARGUMENT", ("RequestError.RESOURCE_NOT_FOUND",))
        return Fault("refuse", gone) if effect.kind == "search" and asked % 2 else None

    world.gate.plan = miss_every_second
    world.run()

    completed(world, range(3), segment)


# Processes that die


def dying(world: World, plan: Plan) -> None:
    world.gate.plan = plan
    segment = append(world, range(6))
    world.run()
    assert world.deaths == 1
    completed(world, range(6), segment)
    assert len(jobs(world)) == 1


def effects_of_a_run(make_world: MakeWorld) -> list[Effect]:
    world = make_world()
    append(world, range(6))
    world.run()
    return world.gate.effects


@pytest.mark.parametrize("action", ["die_before", "die_after"])
def test_a_process_may_die_at_any_effect(make_world: MakeWorld, action: str) -> None:
    for effect in effects_of_a_run(make_world):
        dying(make_world(), at(effect.number, Fault(action)))  # type: ignore[arg-type]


def test_a_process_may_die_during_any_request_to_the_destination(make_world: MakeWorld) -> None:
    requests = {"create_job", "add", "run_job", "search"}
    for effect in effects_of_a_run(make_world):
        if effect.kind in requests:
            dying(make_world(), at(effect.number, Fault("die_during", seconds=100)))


def test_a_process_that_dies_holds_its_account_no_longer_than_lease_and_silence(world: World) -> None:
    world.gate.plan = nth("add", 1, Fault("die_before"))
    append(world, range(3))

    world.run(until=lambda: len(effects(world, "add")) == 2)

    times = world.topology.lease
    call = world.topology.destinations["google_ads"].call_timeout_seconds
    term = 2 * (call + times.margin_seconds)
    # a waiting task asks once a minute at least
    assert world.stage.now - START < term + times.settle_seconds + 2 * 60


# Everything at once


@pytest.mark.parametrize("seed", range(12))
def test_troubles_of_every_kind_end_in_one_outcome_each(make_world: MakeWorld, seed: int) -> None:
    topology = small_topology(stage_operations=random.Random(seed).choice([4, 8, 1000]))
    world = make_world(seed=seed, skew=900.0, topology=topology)
    world.gate.plan = troubles(random.Random(seed))
    segments = [append(world, range(start, start + 6), f"file-{start}") for start in (0, 4, 8)]
    other = append(world, range(5), account=OTHER_ACCOUNT)

    world.run()

    completed(world, range(14), *segments, other)


def troubles(chance: random.Random) -> Plan:
    """About one effect in twenty goes wrong; nothing that is refused is refused for good."""
    cloud: list[Fault] = [
        Fault("die_before"),
        Fault("die_after"),
        Fault("refuse"),
        Fault("lose"),
        Fault("repeat"),
    ]
    answers = [Failure("UNAVAILABLE"), TROUBLE, CONCURRENT, TEMPORARY_QUOTA]
    destination: list[Fault] = [
        *(Fault("refuse", answer) for answer in answers),
        *(Fault("slow", seconds=seconds) for seconds in (5, 100, 350)),
        Fault("die_before"),
        Fault("die_during"),
        Fault("die_after"),
        Fault("lose"),
    ]
    requests = {"create_job", "add", "run_job", "search"}

    def plan(effect: Effect) -> Fault | None:
        if chance.random() > 0.05:
            return None
        return chance.choice(destination if effect.kind in requests else cloud)

    return plan


# Personal data


def test_no_log_line_message_task_or_state_holds_personal_data(world: World) -> None:
    segment = world.land(name_of("people"), csv_of(range(6)) + b'"unclosed,person7@example.com\n')
    append(world, range(6), "good")

    world.run()

    assert world.outcome(segment).reason_code == "unclosed_quote"
    stored = [world.ledger.read(Lease, name) for name in world.objects("accounts/")]
    told = [
        published.data.decode()
        for topic in ("completions", "dead-letters")
        for published in world.published(topic)
    ]
    for text in (world.logged.getvalue(), *told, *map(str, stored), *world.objects()):
        assert "example.com" not in text
        assert "person" not in text


def test_logs_name_what_was_done(world: World) -> None:
    append(world, range(6))

    world.run()

    lines = [json.loads(line) for line in world.logged.getvalue().splitlines()]
    assert {"segment_requested", "segment_chunked"} <= Counter(line["message"] for line in lines).keys()


def test_the_end_of_a_run_is_one_line_that_metrics_are_made_of(world: World) -> None:
    segment = world.land(name_of("people"), csv_of(range(19)) + b"not an address,\n")

    world.run()

    lines = [json.loads(line) for line in world.logged.getvalue().splitlines()]
    ends = [line for line in lines if line["message"] == "segment_ended"]
    told = ("type", "account", "segment", "run", "reason_code", "received", "rejected", "rejected_percent")
    assert [tuple(line[key] for key in told) for line in ends] == [
        ("segment.completed", ACCOUNT, segment, 1, "", 20, 1, 5.0)
    ]
