"""Sending again: what was delivered is left alone unless somebody asks, from the very parts that were cut then."""

from dataclasses import replace

import pytest

from shared import names
from shared.model.codec import encode
from shared.model.manifest import Manifest
from shared.model.segment import SegmentRequest
from shared.ops.replay import replay_of
from shared.replaying import Nothing, Refuse, Replay, Wish
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault, always
from tests.support.invariants import check
from tests.support.people import csv_of, members
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, PARTS, World, small_topology

NAME = f"{ACCOUNT}/{AUDIENCE}/append/people.csv"
REFUSED = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))
UNDELIVERED, WHOLE = Wish(), Wish("whole")


def part_refused(effect: Effect) -> Fault | None:
    return Fault("refuse", REFUSED) if effect.kind == "add" and "-1-upload-1-2-" in effect.by else None


def one_part_failed(world: World) -> str:
    """Of three parts the second."""
    world.gate.plan = part_refused
    segment = world.land(NAME, csv_of(range(10)))
    world.run()
    assert world.outcome(segment).type == "segment.partial"
    return segment


def replayed(world: World, segment: str, wish: Wish) -> None:
    world.replay(segment, wish)
    world.run()
    check(world)


def manifest(world: World, segment: str, run: int) -> Manifest:
    entry = world.ledger.read(Manifest, names.manifest_json(segment, run))
    assert entry
    return entry.value


def adds(world: World) -> int:
    return sum(effect.kind == "add" for effect in world.gate.effects)


def test_what_failed_is_sent_again_and_nothing_else(world: World) -> None:
    segment = one_part_failed(world)
    before = adds(world)

    replayed(world, segment, UNDELIVERED)

    again = world.outcome(segment, 2)
    assert (again.type, again.records_received, again.records_accepted, again.parts) == (
        "segment.completed",
        4,
        4,
        1,
    )
    assert adds(world) == before + 1
    assert world.members(ACCOUNT, AUDIENCE) == members(range(10))


def test_the_parts_are_those_that_were_cut_then_whatever_the_settings_are_now(make_world: MakeWorld) -> None:
    world = make_world(warm=0.0)
    segment = one_part_failed(world)
    world.topology = replace(
        world.topology, chunking=replace(world.topology.chunking, part_records=3, frame_identifiers=25)
    )

    replayed(world, segment, UNDELIVERED)

    (first, second) = manifest(world, segment, 1), manifest(world, segment, 2)
    assert second.parts == (first.part(2),)
    assert world.members(ACCOUNT, AUDIENCE) == members(range(10))


def test_a_part_that_any_later_run_has_delivered_is_delivered(world: World) -> None:
    segment = one_part_failed(world)
    replayed(world, segment, Wish("some", (2,)))
    replayed(world, segment, Wish("some", (1,)))

    found = replay_of(world.process(), segment, UNDELIVERED)

    assert found.decision == Nothing()
    assert world.outcome(segment, 3).records_accepted == 4


def test_a_whole_replay_cuts_the_source_anew(make_world: MakeWorld) -> None:
    world = make_world(warm=0.0)
    segment = one_part_failed(world)
    world.topology = replace(world.topology, chunking=replace(world.topology.chunking, part_records=5))

    replayed(world, segment, WHOLE)

    assert [part.records for part in manifest(world, segment, 2).parts] == [5, 5]
    assert world.outcome(segment, 2).records_accepted == 10


def test_a_whole_replay_without_its_source_takes_the_stored_parts(world: World) -> None:
    segment = one_part_failed(world)
    world.remove(NAME)
    found = replay_of(world.process(), segment, WHOLE)

    replayed(world, segment, WHOLE)

    assert found.decision == Replay(2, (), stored=True)
    assert manifest(world, segment, 2).parts == manifest(world, segment, 1).parts
    assert world.outcome(segment, 2).records_accepted == 10


def test_without_source_and_parts_it_is_refused_before_and_after_the_request(world: World) -> None:
    segment = one_part_failed(world)
    world.remove(NAME)
    for part in manifest(world, segment, 1).parts:
        assert world.store(PARTS).remove(part.name, part.generation)

    assert replay_of(world.process(), segment, WHOLE).decision == Refuse("source_gone")
    assert replay_of(world.process(), segment, UNDELIVERED).decision == Refuse("parts_expired")
    world.publish("segment-requests", encode(SegmentRequest(segment, 2, (2,))))
    world.run()
    world.publish("segment-requests", encode(SegmentRequest(segment, 3)))
    world.run()

    assert [world.outcome(segment, run).reason_code for run in (2, 3)] == ["parts_expired", "parts_expired"]


def test_two_replays_at_once_are_one_new_run(world: World) -> None:
    segment = one_part_failed(world)

    world.replay(segment, UNDELIVERED)
    world.replay(segment, UNDELIVERED)
    world.run()

    check(world)
    assert world.outcome(segment, 2).type == "segment.completed"
    assert not world.objects(f"segments/{segment}/runs/3/")


def test_the_original_message_again_re_drives_and_never_doubles(world: World) -> None:
    segment = one_part_failed(world)
    before = adds(world)

    world.publish("segment-requests", encode(SegmentRequest(segment)))
    world.run()

    assert adds(world) == before
    told = [event for event in world.events if event.event_id == f"{segment}.1.outcome"]
    assert len(told) == 2
    assert told[0] == told[1]


def test_an_open_run_is_not_replayed(world: World) -> None:
    segment = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: adds(world) > 0)

    assert replay_of(world.process(), segment, WHOLE).decision == Refuse("run_open")


def test_a_rejected_segment_is_replayed_whole_once_what_kept_it_out_is_mended(world: World) -> None:
    segment = world.land(NAME, csv_of(range(2)) + b"no address,\n" * 3)
    world.run()
    assert world.outcome(segment).reason_code == "too_many_rejects"
    world.deploy(replace(ACCOUNTS[0], max_rejected_ratio="0.9"))

    replayed(world, segment, UNDELIVERED)

    assert world.outcome(segment, 2).records_accepted == 2


def test_what_ingest_refused_is_to_be_landed_again(world: World) -> None:
    world.land(f"{ACCOUNT}/nobodys/append/people.csv", csv_of(range(3)))
    world.run()
    (segment,) = {name.split("/")[1] for name in world.objects("segments/")}

    assert replay_of(world.process(), segment, WHOLE).decision == Refuse("segment_was_rejected")


def test_a_segment_that_nobody_knows_is_none(world: World) -> None:
    assert replay_of(world.process(), "nobodys-0123456789abcdef", WHOLE).decision is None


@pytest.mark.parametrize(
    ("wish", "decision"),
    [(Wish("some", (1,)), Refuse("replace_is_whole")), (UNDELIVERED, Replay(2, (), stored=False))],
)
def test_a_replace_is_whole_or_refused(world: World, wish: Wish, decision: object) -> None:
    world.gate.plan = part_refused
    segment = world.land(NAME.replace("append", "replace"), csv_of(range(10)))
    world.run()
    assert world.outcome(segment).reason_code == "replace_incomplete"

    assert replay_of(world.process(), segment, wish).decision == decision


def test_a_replay_counts_as_newest(world: World) -> None:
    """It was overtaken by a newer remove; an operator wants it all the same."""
    world.gate.plan = always("create", Fault("refuse"), "manifest.json")
    older = world.land(NAME, csv_of(range(6)))
    world.run(until=lambda: world.stage.now > 0 and adds(world) == 0 and bool(world.objects("open/")))
    world.cancel(older)
    world.gate.plan = lambda _: None
    world.run()
    world.land(NAME.replace("append", "remove"), csv_of(range(3)))
    world.run()

    replayed(world, older, UNDELIVERED)

    assert world.members(ACCOUNT, AUDIENCE) == members(range(6))


def test_an_automatic_next_run_sends_the_parts_of_the_run_before(make_world: MakeWorld) -> None:
    world = make_world(topology=small_topology(stage_operations=4), warm=0.0)
    segment = world.land(NAME, csv_of(range(10)))
    world.run(until=lambda: any(job.started for job in world.ads.customer(ACCOUNT).jobs.values()))
    world.ads.customer(ACCOUNT).jobs.clear()
    world.topology = replace(world.topology, chunking=replace(world.topology.chunking, part_records=3))
    world.run()

    check(world)
    again = manifest(world, segment, 2)
    assert again.parts
    assert set(again.parts) <= set(manifest(world, segment, 1).parts)
    assert world.members(ACCOUNT, AUDIENCE) == members(range(10))
