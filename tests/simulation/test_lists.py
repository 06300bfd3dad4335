"""Audiences by name: found, created where that is allowed, never twice, and told with a reason where no list can be used."""

from dataclasses import replace

import pytest

from infra.local.ads.jobs import NewList, UserList
from shared import names
from shared.model.account import Audience, Creation
from shared.model.codec import encode
from shared.model.segment import SegmentRequest
from shared.model.state import KnownList
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault, always, nth
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, OTHER_AUDIENCE, World, with_audience

NAME = 'Fjordmat\'s "best" customers'
FOUND = Audience("CONTACT_INFO", name=NAME)
CREATED = replace(FOUND, create=Creation(90))
ELSEWHERE = 7_100_000_009
LONGER_THAN_A_DISPATCH = 2600.0
CONCURRENT = Failure("INVALID_ARGUMENT", ("DatabaseError.CONCURRENT_MODIFICATION",))
INVALID_NAME = Failure("INVALID_ARGUMENT", ("UserListError.INVALID_NAME",))
NO_SUCH_LIST = Failure("INVALID_ARGUMENT", ("MutateError.RESOURCE_NOT_FOUND",))


def named(make_world: MakeWorld, audience: Audience) -> World:
    """An account whose audience is known by its name, and no list in Google Ads but those of the other audiences."""
    return make_world(accounts=(with_audience(ACCOUNTS[0], AUDIENCE, audience), *ACCOUNTS[1:]))


def declare(world: World, user_list: UserList) -> None:
    world.ads.declare(ACCOUNT, [user_list])


def append(world: World, people: range, file: str = "people") -> str:
    return world.land(f"{ACCOUNT}/{AUDIENCE}/append/{file}.csv", csv_of(people))


def replay(world: World, segment: str) -> None:
    world.publish("segment-requests", encode(SegmentRequest(segment, 2)))
    world.run()


def requests(world: World, kind: str) -> int:
    return sum(effect.kind == kind for effect in world.gate.effects)


def lists(world: World) -> list[UserList]:
    """Those of the audience's name."""
    return [each for each in world.ads.customer(ACCOUNT).user_lists.values() if each.name == NAME]


def delivered(world: World, people: range, *segments: str) -> None:
    check(world)
    assert {world.outcome(segment).type for segment in segments} == {"segment.completed"}
    assert world.members(ACCOUNT, AUDIENCE) == members(people)
    assert len(lists(world)) == 1


def failed(world: World, segment: str, reason: str) -> None:
    """Every part with this reason, told once and kept as a dead letter each."""
    check(world)
    assert world.outcome(segment).type == "segment.failed"
    told = [event.reason_code for event in world.events if event.type == "part.failed"]
    assert set(told) == {letter.reason_code for letter in world.letters} == {reason}
    assert requests(world, "create_job") == 0


# Found


def test_the_list_of_an_audiences_name_gets_its_people(make_world: MakeWorld) -> None:
    world = named(make_world, FOUND)
    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)
    assert set(world.ads.members(ACCOUNT, ELSEWHERE)) == members(range(6))


def test_a_name_is_looked_up_once_and_then_known(make_world: MakeWorld) -> None:
    world = named(make_world, FOUND)
    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    segments = [append(world, range(6), "first"), append(world, range(4, 9), "second")]

    world.run()

    delivered(world, range(9), *segments)
    assert requests(world, "find_list") == 1


def test_an_audience_by_number_is_neither_looked_up_nor_remembered(world: World) -> None:
    asked: list[str] = []
    world.gate.looks = lambda _, about: asked.append(about)
    append(world, range(6))

    world.run()

    assert not [about for about in asked if about.startswith("audiences/")]
    assert requests(world, "find_list") == 0
    assert world.objects("audiences/") == []


def test_a_list_that_another_account_shares_under_the_same_name_is_not_ours(make_world: MakeWorld) -> None:
    world = named(make_world, FOUND)
    declare(world, UserList(ELSEWHERE + 1, NAME, "CONTACT_INFO", read_only=True))
    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    append(world, range(6))

    world.run()

    assert set(world.ads.members(ACCOUNT, ELSEWHERE)) == members(range(6))


@pytest.mark.parametrize(
    "user_list",
    [
        UserList(ELSEWHERE, NAME, "CRM_ID"),
        UserList(ELSEWHERE, NAME, "CONTACT_INFO", type="RULE_BASED"),
        UserList(ELSEWHERE, NAME, "CONTACT_INFO", membership_status="CLOSED"),
        UserList(ELSEWHERE, NAME, "CONTACT_INFO", read_only=True),
    ],
    ids=["other identifiers", "other kind", "closed", "shared"],
)
def test_a_list_that_cannot_take_the_people_is_not_replaced_by_a_new_one(
    make_world: MakeWorld, user_list: UserList
) -> None:
    world = named(make_world, CREATED)
    declare(world, user_list)
    segment = append(world, range(6))

    world.run()

    failed(world, segment, "audience_unfit")
    assert len(lists(world)) == 1


def test_of_several_lists_of_a_name_none_is_chosen(make_world: MakeWorld) -> None:
    world = named(make_world, CREATED)
    for number in (0, 1):
        declare(world, UserList(ELSEWHERE + number, NAME, "CONTACT_INFO"))
    segment = append(world, range(6))

    world.run()

    failed(world, segment, "audience_ambiguous")


def test_a_name_that_means_the_list_of_another_audiences_number_is_refused(make_world: MakeWorld) -> None:
    world = named(make_world, FOUND)
    taken = ACCOUNTS[0].audiences[OTHER_AUDIENCE].list_id
    world.ads.customer(ACCOUNT).user_lists[int(taken)].name = NAME
    segment = append(world, range(6))

    world.run()

    failed(world, segment, "audience_shared")


def test_a_list_that_is_missing_and_must_not_be_created_fails_the_parts_until_somebody_has_made_it(
    make_world: MakeWorld,
) -> None:
    world = named(make_world, FOUND)
    segment = append(world, range(6))
    world.run()
    failed(world, segment, "audience_missing")

    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    replay(world, segment)

    assert world.outcome(segment, 2).type == "segment.completed"
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_a_name_that_was_changed_is_looked_up_anew(make_world: MakeWorld) -> None:
    world = named(make_world, replace(FOUND, name="old"))
    declare(world, UserList(ELSEWHERE + 1, "old", "CONTACT_INFO"))
    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    append(world, range(3), "first")
    world.run()

    world.deploy(with_audience(ACCOUNTS[0], AUDIENCE, FOUND))
    append(world, range(3, 6), "second")
    world.run()

    assert set(world.ads.members(ACCOUNT, ELSEWHERE + 1)) == members(range(3))
    assert set(world.ads.members(ACCOUNT, ELSEWHERE)) == members(range(3, 6))


# Created


def test_a_list_that_is_missing_is_created_as_configured(make_world: MakeWorld) -> None:
    world = named(make_world, CREATED)
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)
    (made,) = lists(world)
    assert (made.membership_days, made.upload_key_type) == (90, "CONTACT_INFO")


@pytest.mark.parametrize("seed", range(8))
def test_of_two_executions_at_once_one_creates_the_list_and_the_other_finds_it(
    make_world: MakeWorld, seed: int
) -> None:
    """The first stands still between its last look and the create, until its successor has made the list and run the job."""
    people = (with_audience(ACCOUNTS[0], AUDIENCE, CREATED), *ACCOUNTS[1:])
    world = make_world(accounts=people, seed=seed)
    sleepers: list[str] = []

    def plan(effect: Effect) -> Fault | None:
        if effect.kind != "create_list" or sleepers:
            return None
        sleepers.append(effect.by)
        return Fault("freeze_before", seconds=LONGER_THAN_A_DISPATCH)

    world.gate.plan = plan
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)
    assert requests(world, "create_list") == 2


@pytest.mark.parametrize("seed", range(4))
def test_a_job_is_filled_by_one_whose_create_was_too_late_all_the_same(
    make_world: MakeWorld, seed: int
) -> None:
    """Somebody else makes the list between our search and our create; what refuses us is found at once."""
    people = (with_audience(ACCOUNTS[0], AUDIENCE, CREATED), *ACCOUNTS[1:])
    world = make_world(accounts=people, seed=seed)

    def plan(effect: Effect) -> Fault | None:
        if effect.kind == "create_list":
            world.ads.create_list(NewList(ACCOUNT, NAME, "CONTACT_INFO"))
        return None

    world.gate.plan = plan
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)
    assert (requests(world, "create_list"), requests(world, "find_list")) == (1, 2)
    assert [event.attempt for event in world.events if event.type == "part.completed"] == [1, 1]


@pytest.mark.parametrize(
    "fault",
    [Fault("die_after"), Fault("die_during"), Fault("lose"), Fault("slow", seconds=340), Fault("die_before")],
    ids=lambda fault: fault.action,
)
def test_a_create_that_nobody_heard_the_end_of_is_looked_for_and_not_repeated(
    make_world: MakeWorld, fault: Fault
) -> None:
    world = named(make_world, CREATED)
    world.gate.plan = nth("create_list", 1, fault)
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)
    assert requests(world, "create_list") == (2 if fault.action == "die_before" else 1)


@pytest.mark.parametrize("action", ["refuse", "lose", "die_before", "die_after"])
def test_a_list_that_was_made_and_not_noted_is_found(make_world: MakeWorld, action: str) -> None:
    world = named(make_world, CREATED)
    world.gate.plan = nth("replace", 1, Fault(action), "audiences/")  # type: ignore[arg-type]
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)
    assert requests(world, "create_list") == 1


def test_a_create_that_overlaps_a_foreign_request_is_made_again(make_world: MakeWorld) -> None:
    world = named(make_world, CREATED)
    world.gate.plan = nth("create_list", 1, Fault("refuse", CONCURRENT))
    segment = append(world, range(6))

    world.run()

    delivered(world, range(6), segment)


def test_a_name_that_google_refuses_without_having_it_fails_the_parts(make_world: MakeWorld) -> None:
    world = named(make_world, CREATED)
    world.gate.plan = always("create_list", Fault("refuse", INVALID_NAME))
    segment = append(world, range(6))

    world.run()

    failed(world, segment, "audience_name_refused")


# Gone


@pytest.mark.parametrize("code", ["INVALID_USER_LIST_ID", "RESOURCE_NOT_FOUND"])
def test_a_list_that_is_gone_is_looked_up_again_and_created_where_that_is_allowed(
    make_world: MakeWorld, code: str
) -> None:
    world = named(make_world, CREATED)
    append(world, range(3), "first")
    world.run()
    (old,) = lists(world)
    world.ads.customer(ACCOUNT).user_lists.pop(old.id)
    world.ads.customer(ACCOUNT).jobs.clear()
    if code == "RESOURCE_NOT_FOUND":
        world.gate.plan = nth("create_job", 1, Fault("refuse", NO_SUCH_LIST))

    segment = append(world, range(3, 9), "second")
    world.run()

    assert world.outcome(segment).type == "segment.completed"
    assert [set(each.members) for each in lists(world)] == [members(range(3, 9))]
    known = world.ledger.read(KnownList, names.audience_json(ACCOUNT, AUDIENCE))
    assert known is not None
    assert known.value.list_id == str(lists(world)[0].id)


def test_a_list_that_is_gone_and_must_not_be_created_fails_the_parts(make_world: MakeWorld) -> None:
    world = named(make_world, FOUND)
    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    append(world, range(3), "first")
    world.run()
    world.ads.customer(ACCOUNT).user_lists.pop(ELSEWHERE)
    world.ads.customer(ACCOUNT).jobs.clear()

    segment = append(world, range(3, 9), "second")
    world.run()

    assert world.outcome(segment).type == "segment.failed"
    assert {letter.reason_code for letter in world.letters} == {"audience_missing"}
    assert world.objects("audiences/") == []


def test_a_list_that_is_shown_and_takes_no_job_is_looked_up_once_more_by_every_part(
    make_world: MakeWorld,
) -> None:
    """The first part has just found it, the second remembers it and asks again before it gives up."""
    world = named(make_world, FOUND)
    declare(world, UserList(ELSEWHERE, NAME, "CONTACT_INFO"))
    world.gate.plan = always("create_job", Fault("refuse", NO_SUCH_LIST))
    segment = append(world, range(6))

    world.run()

    check(world)
    assert world.outcome(segment).type == "segment.failed"
    assert {letter.reason_code for letter in world.letters} == {"audience_gone"}
    assert (requests(world, "create_job"), requests(world, "find_list")) == (3, 2)


def test_a_list_by_number_that_is_gone_fails_the_parts_with_its_own_reason(world: World) -> None:
    world.ads.customer(ACCOUNT).user_lists.clear()
    segment = world.land(f"{ACCOUNT}/{AUDIENCE}/append/people.csv", csv_of(range(3)))

    world.run()

    assert world.outcome(segment).type == "segment.failed"
    assert [letter.reason_code for letter in world.letters] == ["audience_gone"]
