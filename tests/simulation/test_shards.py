"""A group of shards is what lies in its folder when `_SUCCESS` is looked at; each `_SUCCESS` is a segment of its own."""

from shared import names
from shared.model.segment import Segment
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, AUDIENCE, World

FOLDER = f"{ACCOUNT}/{AUDIENCE}/append/people.shards"


def segments(world: World) -> list[Segment]:
    """In the order in which they landed."""
    found = [
        world.ledger.read(Segment, name)
        for name in world.objects("segments/")
        if name.endswith("/segment.json")
    ]
    return sorted((entry.value for entry in found if entry), key=lambda segment: segment.key)


def shards_of(segment: Segment) -> list[str]:
    return [source.name.rpartition("/")[2] for source in segment.sources]


def landed(world: World, *shards: int) -> None:
    for shard in shards:
        world.land(f"{FOLDER}/{shard}.csv", csv_of(range(shard * 3, shard * 3 + 3)))


def test_shards_are_cut_in_the_order_of_their_names_whatever_order_they_land_in(world: World) -> None:
    landed(world, 2, 0, 1)
    world.land(f"{FOLDER}/_SUCCESS", b"")
    world.run()

    (segment,) = segments(world)
    assert shards_of(segment) == ["0.csv", "1.csv", "2.csv"]
    assert world.outcome(segment.segment).records_accepted == 9


def test_a_late_shard_waits_for_a_success_of_its_own(world: World) -> None:
    landed(world, 0, 1)
    world.land(f"{FOLDER}/_SUCCESS", b"")
    world.run()
    landed(world, 2)
    world.run()

    (segment,) = segments(world)
    assert shards_of(segment) == ["0.csv", "1.csv"]
    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_a_second_success_is_a_segment_of_all_that_lies_there_then(world: World) -> None:
    """Those who are sent twice are in the audience once."""
    landed(world, 0, 1)
    world.land(f"{FOLDER}/_SUCCESS", b"")
    world.run()
    landed(world, 2)
    world.land(f"{FOLDER}/_SUCCESS", b"")
    world.run()

    check(world)
    first, second = segments(world)
    assert shards_of(second) == [*shards_of(first), "2.csv"]
    assert [world.outcome(each.segment).records_accepted for each in (first, second)] == [6, 9]
    assert world.members(ACCOUNT, AUDIENCE) == members(range(9))


def test_a_shard_that_is_overwritten_before_it_is_read_rejects_the_segment_and_says_what_to_do(
    world: World,
) -> None:
    landed(world, 0, 1)
    world.land(f"{FOLDER}/_SUCCESS", b"")
    world.run(until=lambda: any(name.endswith("/run.json") for name in world.objects("segments/")))
    landed(world, 1)
    world.run()

    (segment,) = segments(world)
    outcome = world.outcome(segment.segment)
    assert (outcome.type, outcome.reason_code) == ("segment.rejected", "shard_overwritten")
    assert "Upload _SUCCESS again" in outcome.reason
    assert names.outcome_json(segment.segment, 1) in world.objects("segments/")
