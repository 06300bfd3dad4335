"""An account rests when its destination refuses it, and goes on when it is resumed: nothing is lost, counted or sent meanwhile."""

from dataclasses import replace

import pytest

from shared import names
from shared.model.events import Event
from shared.model.state import Pause
from shared.ops.pausing import resume_by_hand
from shared.sweeping import Announce, Paused, Resume, SetQueue
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import REQUESTS, Effect, Fault, Plan, nth
from tests.support.engines import queue_path
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, OTHER_ACCOUNT, START, World, small_topology

HOUR = 3600.0
CLOSED = Failure("PERMISSION_DENIED", ("AuthorizationError.CUSTOMER_NOT_ENABLED",))
DAY_SPENT = Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_EXHAUSTED",), 2 * HOUR)


def land(world: World, account: str = ACCOUNT, people: range = range(6)) -> str:
    return world.land(f"{account}/{AUDIENCE}/append/people.csv", csv_of(people))


def refusing(failure: Failure, account: str = ACCOUNT) -> Plan:
    return lambda effect: (
        Fault("refuse", failure) if effect.kind in REQUESTS and effect.about == account else None
    )


def no_faults(world: World) -> None:
    world.gate.plan = lambda _: None


def pause_of(world: World, account: str = ACCOUNT) -> Pause:
    entry = world.ledger.read(Pause, names.pause_json(account))
    assert entry
    return entry.value


def requests(world: World, account: str = ACCOUNT) -> list[Effect]:
    return [each for each in world.gate.effects if each.kind in REQUESTS and each.about == account]


def told(world: World) -> list[Event]:
    return [event for event in world.events if event.type.startswith("account.")]


def pass_time(world: World, seconds: float) -> None:
    until = world.stage.now + seconds
    world.run(until=lambda: world.stage.now >= until)
    world.stage.now = max(world.stage.now, until)


def test_a_refused_account_rests_at_once_and_says_why(world: World) -> None:
    world.gate.plan = refusing(CLOSED)
    land(world)

    pass_time(world, 10 * HOUR)

    assert [each.kind for each in requests(world)] == ["list_size", "create_job"]
    assert world.held() == {ACCOUNT: True, OTHER_ACCOUNT: False}
    (paused,) = told(world)
    assert (paused.type, paused.account, paused.reason_code) == (
        "account.paused",
        ACCOUNT,
        "customer_not_enabled",
    )
    assert f"sluice accounts resume {ACCOUNT}" in paused.reason
    assert world.letters == []


def test_other_accounts_go_on_beside_one_that_rests(world: World) -> None:
    world.gate.plan = refusing(CLOSED)
    land(world)
    other = land(world, OTHER_ACCOUNT)

    world.run(until=lambda: world.stage.now > START + 4 * HOUR)

    assert world.outcome(other).type == "segment.completed"


def test_an_account_that_is_resumed_delivers_as_if_it_had_never_rested(world: World) -> None:
    world.gate.plan = refusing(CLOSED)
    segment = land(world)
    pass_time(world, 30 * HOUR)
    no_faults(world)

    world.resume(ACCOUNT)
    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))
    attempts = [event.attempt for event in world.events if event.type == "part.completed"]
    assert max(attempts) == 1
    assert [event.type for event in told(world)] == ["account.paused", "account.resumed"]


def test_what_was_lost_while_the_account_rested_is_made_anew_when_it_is_resumed(world: World) -> None:
    """Cloud Tasks deletes a task after 31 days."""
    world.gate.plan = refusing(CLOSED)
    segment = land(world)
    pass_time(world, HOUR)
    world.lose_tasks()
    no_faults(world)

    world.resume(ACCOUNT)
    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.completed"


def test_a_spent_day_rests_for_as_long_as_the_destination_says_and_ends_by_itself(world: World) -> None:
    world.gate.plan = nth("create_job", 1, Fault("refuse", DAY_SPENT))
    segment = land(world)
    pass_time(world, 1.9 * HOUR)
    world.sweep()
    pass_time(world, 60)
    resting = [type(swept.step) for swept in world.swept]
    pass_time(world, 0.1 * HOUR)

    world.sweep()
    world.run()

    check(world)
    assert resting == [Paused]
    assert Resume in {type(swept.step) for swept in world.swept}
    assert world.outcome(segment).type == "segment.completed"
    (paused, _) = told(world)
    assert paused.reason_code == "quota_day"
    assert "resumes by itself" in paused.reason


def test_a_sweep_leaves_the_runs_of_an_account_that_rests_as_they_are(world: World) -> None:
    world.gate.plan = refusing(CLOSED)
    land(world)
    pass_time(world, HOUR)
    world.lose_tasks()
    effects = len(world.gate.effects)

    world.sweep()
    world.run()

    assert [swept.step for swept in world.swept] == [Paused("customer_not_enabled", "")]
    assert len(world.gate.effects) == effects


def test_a_task_that_is_run_by_hand_on_a_resting_account_asks_nothing_of_the_destination(
    world: World,
) -> None:
    world.gate.plan = refusing(CLOSED)
    land(world)
    pass_time(world, HOUR)
    before = len(requests(world))

    for task in world.tasks.tasks(queue_path(names.queue_id(ACCOUNT)), 0, 10):
        world.tasks.run_task(f"{queue_path(names.queue_id(ACCOUNT))}/tasks/{task.id}")
    pass_time(world, HOUR)

    assert len(requests(world)) == before
    assert world.held()[ACCOUNT]


def test_a_queue_that_was_let_go_behind_our_back_is_held_again(world: World) -> None:
    """As `terraform apply` may."""
    world.pause(ACCOUNT)
    world.run()
    world.tasks.resume_queue(queue_path(names.queue_id(ACCOUNT)))

    world.sweep()
    world.run()

    assert [swept.step for swept in world.swept] == [SetQueue(held=True)]
    assert world.held()[ACCOUNT]


def test_a_queue_that_was_held_behind_our_back_is_let_go_once_the_account_was_ever_resumed(
    world: World,
) -> None:
    world.pause(ACCOUNT)
    world.run()
    world.resume(ACCOUNT)
    world.run()
    world.tasks.pause_queue(queue_path(names.queue_id(ACCOUNT)))
    segment = land(world)
    world.run()

    world.sweep()
    world.run()

    assert world.outcome(segment).type == "segment.completed"
    assert world.held() == {ACCOUNT: False, OTHER_ACCOUNT: False}


@pytest.mark.parametrize("kind", ["hold", "publish", "replace"])
def test_a_pause_that_nobody_could_tell_of_is_told_by_the_next_sweep(world: World, kind: str) -> None:
    """The process dies after its decision: before the queue, before the event, before it can say that it has told."""
    died: list[Effect] = []

    def plan(effect: Effect) -> Fault | None:
        decided = any(names.parse_pause(each.about) for each in world.gate.effects[:-1])
        if effect.kind != kind or not decided or died:
            return None
        died.append(effect)
        return Fault("die_before")

    world.gate.plan = plan
    world.pause(ACCOUNT)
    world.run()

    world.sweep()
    world.run()

    assert died
    assert [type(swept.step) for swept in world.swept] == [Announce]
    assert world.held()[ACCOUNT]
    assert {event.event_id for event in told(world)} == {f"account.{ACCOUNT}.1.paused"}
    assert pause_of(world).announced


def test_a_refusal_from_before_a_resumption_pauses_nothing(world: World) -> None:
    """Its sender stood still while somebody paused and resumed the account."""

    def plan(effect: Effect) -> Fault | None:
        if effect.kind != "create_job" or sum(each.kind == "create_job" for each in requests(world)) > 1:
            return None
        world.pause(ACCOUNT)
        world.stage.pause(30)
        world.resume(ACCOUNT)
        world.stage.pause(30)
        return Fault("refuse", CLOSED)

    world.gate.plan = plan
    segment = land(world)

    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.completed"
    assert [event.event_id for event in told(world)] == [
        f"account.{ACCOUNT}.1.paused",
        f"account.{ACCOUNT}.1.resumed",
    ]


def test_who_is_late_to_hold_a_queue_does_not_hold_it_against_a_resumption(world: World) -> None:
    """The sender of a refused request stood still between his decision and the queue, while somebody resumed the account."""
    late: list[Effect] = []

    def plan(effect: Effect) -> Fault | None:
        if effect.kind == "hold" and not late:
            late.append(effect)
            resume_by_hand(world.process(), ACCOUNT)
        return Fault("refuse", CLOSED) if effect.kind == "create_job" and not late else None

    world.gate.plan = plan
    segment = land(world)

    world.run()

    assert late
    assert not pause_of(world).paused
    assert not world.held()[ACCOUNT]
    assert world.outcome(segment).type == "segment.completed"


def test_a_part_that_is_being_sent_stops_at_its_next_request_and_goes_on_from_there(
    make_world: MakeWorld,
) -> None:
    world = make_world(topology=small_topology(part_records=40))
    world.gate.plan = lambda effect: world.pause(ACCOUNT) if effect.kind == "add" and not stopped else None
    stopped: list[int] = []
    segment = land(world, people=range(40))
    world.run(until=lambda: any(each.kind == "add" for each in world.gate.effects))
    stopped.append(1)
    pass_time(world, HOUR)
    before = sum(each.kind == "add" for each in requests(world))

    world.resume(ACCOUNT)
    world.run()

    check(world)
    assert before == 1
    assert world.outcome(segment).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(40))
    assert sum(each.kind == "add" for each in requests(world)) == 2


def test_pausing_twice_is_one_pause(world: World) -> None:
    world.pause(ACCOUNT)
    world.pause(ACCOUNT)
    world.run()

    assert pause_of(world).episode == 1
    assert {event.event_id for event in told(world)} == {f"account.{ACCOUNT}.1.paused"}


def test_resuming_what_does_not_rest_says_nothing(world: World) -> None:
    world.resume(ACCOUNT)
    world.run()

    assert told(world) == []
    assert world.objects("accounts/") == []


def test_a_job_that_grew_too_old_while_the_account_rested_is_repeated_by_the_next_run(world: World) -> None:
    world.gate.plan = nth("run_job", 1, Fault("refuse", CLOSED))
    segment = land(world)
    pass_time(world, 6 * 24 * HOUR)

    world.resume(ACCOUNT)
    world.run()

    check(world)
    assert world.outcome(segment, 1).reason_code == "job_lost"
    assert world.outcome(segment, 2).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_a_pause_has_its_place_in_the_ledger_for_good(world: World) -> None:
    world.pause(ACCOUNT)
    world.run()
    world.resume(ACCOUNT)
    world.run()

    assert replace(pause_of(world), at=pause_of(world).at) == pause_of(world)
    assert (pause_of(world).paused, pause_of(world).episode) == (False, 1)


@pytest.mark.parametrize("kind", ["release", "publish", "replace"])
def test_a_resumption_that_nobody_could_tell_of_is_told_before_the_account_is_paused_again(
    world: World, kind: str
) -> None:
    world.pause(ACCOUNT)
    world.run()
    decided = len(world.gate.effects)
    died: list[Effect] = []

    def plan(effect: Effect) -> Fault | None:
        after = any(names.parse_pause(each.about) for each in world.gate.effects[decided:-1])
        if effect.kind != kind or not after or died:
            return None
        died.append(effect)
        return Fault("die_before")

    world.gate.plan = plan
    world.resume(ACCOUNT)
    world.run()

    world.pause(ACCOUNT)
    world.run()

    assert died
    ids = dict.fromkeys(event.event_id for event in told(world))
    assert list(ids) == [f"account.{ACCOUNT}.{verb}" for verb in ("1.paused", "1.resumed", "2.paused")]


def test_the_time_that_an_account_rested_ages_nothing(world: World) -> None:
    """Attempts may be used up before a pause of days: what is resumed is tried before it is given up."""
    world.gate.plan = lambda effect: Fault("refuse", Failure("INTERNAL")) if effect.kind == "add" else None
    segment = land(world)
    pass_time(world, 2 * HOUR)
    world.pause(ACCOUNT)
    pass_time(world, 30 * HOUR)
    no_faults(world)

    world.resume(ACCOUNT)
    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.completed"


def test_an_operators_pause_of_an_account_whose_quota_is_spent_does_not_end_by_itself(world: World) -> None:
    world.gate.plan = refusing(DAY_SPENT)
    land(world)
    pass_time(world, 600)
    world.pause(ACCOUNT)
    pass_time(world, 4 * HOUR)

    world.sweep()
    pass_time(world, 60)

    assert (pause_of(world).paused, pause_of(world).by) == (True, "operator")
