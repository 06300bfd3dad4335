"""The sizes of a list before and after: told where the destination tells them, and never in the way of a delivery."""

import pytest

from shared import names
from shared.model.state import Job, Result
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import REQUESTS, Effect, Fault, always, nth
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, World, small_topology

UNAVAILABLE = Failure("UNAVAILABLE")
LASTING = (
    Failure("INVALID_ARGUMENT", ("QueryError.UNRECOGNIZED_FIELD",)),
    Failure("PERMISSION_DENIED", ("AuthorizationError.USER_PERMISSION_DENIED",)),
    Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_EXHAUSTED",), 3600),
    Failure("INTERNAL", ("InternalError.TRANSIENT_ERROR",)),
    Failure("INVALID_ARGUMENT", ("RequestError.RESOURCE_NOT_FOUND",)),
)


def append(world: World, people: range, file: str = "people") -> str:
    return world.land(f"{ACCOUNT}/{AUDIENCE}/append/{file}.csv", csv_of(people))


def asked(world: World) -> list[Effect]:
    return [effect for effect in world.gate.effects if effect.kind == "list_size"]


def sizes(world: World, segment: str) -> tuple[int, int]:
    outcome = world.outcome(segment)
    return outcome.list_size_before, outcome.list_size_after


def delivered(world: World, segment: str) -> None:
    check(world)
    assert world.outcome(segment).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))
    assert world.letters == []


def attempts(world: World) -> list[int]:
    return [event.attempt for event in world.events if event.type == "part.completed"]


def test_an_outcome_tells_how_many_were_on_the_list_before_and_after(world: World) -> None:
    first = append(world, range(6), "first")
    world.run()
    second = append(world, range(4, 9), "second")
    world.run()

    assert sizes(world, first) == (0, 6)
    assert sizes(world, second) == (6, 9)
    job = world.ledger.read(Job, names.job_json(second, 1, 1))
    result = world.ledger.read(Result, names.result_json(second, 1, 1))
    assert job is not None
    assert result is not None
    assert job.value.list_size == result.value.list_size_before == 6


def test_of_several_stages_the_first_tells_the_size_before_and_the_last_that_after(
    make_world: MakeWorld,
) -> None:
    world = make_world(topology=small_topology(stage_operations=4))
    append(world, range(2), "first")
    world.run()
    segment = append(world, range(10), "second")
    world.run()

    assert sizes(world, segment) == (2, 10)
    assert len(asked(world)) == 2 + 2 * 3


@pytest.mark.parametrize("failure", LASTING, ids=lambda failure: failure.codes[0])
def test_a_refused_question_costs_no_attempt_and_no_time(world: World, failure: Failure) -> None:
    world.gate.plan = always("list_size", Fault("refuse", failure))
    segment = append(world, range(6))

    world.run()

    delivered(world, segment)
    assert sizes(world, segment) == (0, 0)
    assert attempts(world) == [1, 1]
    assert world.stage.now - world.outcome(segment).occurred_at.timestamp() < 60
    assert len(asked(world)) == 2


def test_a_question_that_may_still_be_at_work_costs_the_account_one_rest(world: World) -> None:
    """However often it would go wrong: whoever comes after the first does not ask."""
    world.gate.plan = always("list_size", Fault("lose"))
    segment = append(world, range(6))

    world.run()

    delivered(world, segment)
    assert sizes(world, segment) == (0, 0)
    assert sorted(attempts(world)) == [1, 2]
    first, last = asked(world)
    (created,) = [effect for effect in world.gate.effects if effect.kind == "create_job"]
    assert created.at - first.at >= world.topology.lease.settle_seconds
    assert last.at > created.at


def test_a_job_that_has_ended_is_settled_at_once_while_the_account_rests(world: World) -> None:
    """The job of the second segment is about to be run."""
    world.gate.plan = lambda effect: (
        Fault("refuse", UNAVAILABLE) if effect.kind == "list_size" and "-follow-" in effect.by else None
    )
    first, second = append(world, range(6), "first"), append(world, range(6), "second")

    world.run()

    question = next(effect for effect in asked(world) if "-follow-" in effect.by)
    ended = {world.outcome(each).occurred_at.timestamp() for each in (first, second)}
    assert min(ended) - question.at < 5
    assert sizes(world, first) == sizes(world, second) == (0, 0)
    later = [each.at for each in world.gate.effects if each.kind in REQUESTS and each.at > question.at]
    assert later
    assert min(later) - question.at >= world.topology.lease.settle_seconds


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("action", ["die_before", "die_after", "die_during"])
def test_a_death_at_a_question_loses_nothing(world: World, number: int, action: str) -> None:
    world.gate.plan = nth("list_size", number, Fault(action))  # type: ignore[arg-type]
    segment = append(world, range(6))

    world.run()

    delivered(world, segment)


def test_a_failed_jobs_own_reason_is_told_with_ours(world: World) -> None:
    world.ads.let_jobs_fail(ACCOUNT, "INSUFFICIENT_TRANSACTIONS")
    segment = append(world, range(6))

    world.run()

    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code) == ("segment.failed", "job_failed")
    assert outcome.reason.endswith(" Google Ads says: INSUFFICIENT_TRANSACTIONS.")
    result = world.ledger.read(Result, names.result_json(segment, 1, 1))
    assert result is not None
    assert result.value.failure == "INSUFFICIENT_TRANSACTIONS"
