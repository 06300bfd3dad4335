"""What users upload by mistake: one reason code, one event, nothing sent, and no delivery that comes again and again."""

import gzip
from collections import Counter

import pytest

from shared.model.codec import encode
from shared.model.events import Event
from shared.model.segment import SegmentRequest
from tests.support.invariants import check
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, AUDIENCE, World

GOOD = csv_of(range(6))
PACKED = gzip.compress(GOOD, mtime=0)
FOLDER = f"{ACCOUNT}/{AUDIENCE}/append"


def rejection(world: World) -> Event:
    """The one event that ends the one segment of this world."""
    world.run()
    check(world)
    (event,) = {event.event_id: event for event in world.events if event.type == "segment.rejected"}.values()
    assert Counter(each.event_id for each in world.events).most_common(1)[0][1] == 1
    (letter,) = world.letters
    assert (letter.origin, letter.segment, letter.reason_code) == (
        "segments",
        event.segment,
        event.reason_code,
    )
    assert world.traffic.report() == []
    return event


@pytest.mark.parametrize(
    ("name", "reason_code"),
    [
        (f"1111111111/{AUDIENCE}/append/a.csv", "account_unknown"),
        (f"123-456-7890/{AUDIENCE}/append/a.csv", "account_unknown"),
        (f"{ACCOUNT}/somebody@example.com/append/a.csv", "audience_unknown"),
        (f"{ACCOUNT}/{AUDIENCE}/upsert/a.csv", "mode_unknown"),
        ("somebody@example.com.csv", "name_unrecognised"),
        (f"{ACCOUNT}/{AUDIENCE}/a.csv", "name_unrecognised"),
        (f"{FOLDER}/a.xlsx", "extension_unknown"),
        (f"{FOLDER}/a", "extension_unknown"),
        (f"{FOLDER}/a.parquet", "extension_unknown"),
        (f"{FOLDER}/empty.shards/_SUCCESS", "shards_missing"),
    ],
)
def test_a_name_that_fits_nothing_is_rejected_once(world: World, name: str, reason_code: str) -> None:
    world.land(name, GOOD)

    event = rejection(world)

    assert event.reason_code == reason_code
    assert event.reason
    assert "example.com" not in event.event_id + event.segment + event.audience


@pytest.mark.parametrize(
    "name",
    [
        f"{FOLDER}/",
        f"{FOLDER}/.a.csv",
        f"{FOLDER}/.hidden/a.csv",
        f"../config/{AUDIENCE}/append/a.csv",
        f"{FOLDER}/_temporary/0/a.csv",
        f"{FOLDER}/a.csv.tmp",
        f"{FOLDER}/a.csv_.gstmp",
        "gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details/a.csv",
        f"{FOLDER}/a.shards/part-0.csv",
        f"{FOLDER}/_SUCCESS",
    ],
)
def test_what_is_no_segment_is_ignored_without_a_word(world: World, name: str) -> None:
    world.land(name, GOOD)

    world.run()

    assert world.events == []
    assert world.letters == []
    assert world.objects("segments/") == []


@pytest.mark.parametrize(
    ("reason_code", "content"),
    [
        pytest.param(reason_code, content, id=reason_code)
        for reason_code, content in {
            "empty_file": b"",
            "header_only": b"email\n",
            "no_usable_column": b"favourite_colour\nblue\n",
            "duplicate_columns": b"email,E-Mail\na@example.com,b@example.com\n",
            "not_utf8": GOOD + b"Ren\xe9@example.com\n",
            "gzip_truncated": PACKED[:-9],
            "gzip_damaged": PACKED[:20] + b"\0" * 40,
            "unclosed_quote": GOOD + b'"never closed@example.com\n',
            "malformed_header": b'"email"x\na@example.com\n',
            "record_too_long": GOOD + b"a" * 3_000_000,
            "too_many_rejects": GOOD + b"no address\n" * 3,
            "nothing_to_send": b"email\nno address\n",
        }.items()
    ],
)
def test_content_that_cannot_be_sent_is_rejected_once(world: World, reason_code: str, content: bytes) -> None:
    world.land(f"{FOLDER}/a.csv", content)

    event = rejection(world)

    assert event.reason_code == reason_code
    assert event.reason
    assert event.records_accepted == 0
    assert event.records_rejected == event.records_received


def test_a_rejection_says_in_which_line_the_file_broke(world: World) -> None:
    world.land(f"{FOLDER}/a.csv", GOOD + b'"never closed@example.com\n')

    assert rejection(world).reason.startswith("Line 8: ")


def test_an_object_that_is_gone_before_it_is_read_is_rejected(world: World) -> None:
    name = f"{FOLDER}/a.csv"
    world.land(name, GOOD)
    world.stage.pause(5)
    world.remove(name)

    assert rejection(world).reason_code == "source_gone"


def test_an_object_that_is_overwritten_before_it_is_read_gives_way_to_the_newer_one(world: World) -> None:
    name = f"{FOLDER}/a.csv"
    older = world.land(name, GOOD)
    world.stage.pause(5)
    newer = world.land(name, GOOD)

    world.run()

    check(world)
    assert world.outcome(older).reason_code == "source_overwritten"
    assert world.outcome(newer).type == "segment.completed"


@pytest.mark.parametrize(
    ("data", "reason_code"),
    [
        (b"no json", "message_unusable"),
        (b'{"segment": "s", "schema_version": 2}', "message_unusable"),
        (b'{"segment": "s", "schema_version": 1, "colour": "blue"}', "message_unusable"),
        (b'{"segment": "a/b", "schema_version": 1}', "message_unusable"),
        (b'{"segment": "s", "run": 0, "schema_version": 1}', "message_unusable"),
        (b'{"segment": "s", "schema_version": 1}', "segment_unknown"),
    ],
)
def test_a_request_that_can_never_be_carried_out_is_a_dead_letter(
    world: World, data: bytes, reason_code: str
) -> None:
    world.publish("segment-requests", data)

    world.run()

    assert [letter.reason_code for letter in world.letters] == [reason_code]
    assert world.events == []


def test_a_run_before_which_another_is_open_is_a_dead_letter(world: World) -> None:
    segment = world.land(f"{FOLDER}/a.csv", GOOD)
    world.run(until=lambda: bool(world.objects("open/")))

    world.publish("segment-requests", encode(SegmentRequest(segment, run=2)))
    world.run()

    check(world)
    assert [letter.reason_code for letter in world.letters] == ["previous_run_open"]


def test_a_replay_of_the_whole_segment_is_a_run_of_its_own(world: World) -> None:
    segment = world.land(f"{FOLDER}/a.csv", GOOD)
    world.run()

    world.publish("segment-requests", encode(SegmentRequest(segment, run=2)))
    world.run()

    check(world)
    assert world.outcome(segment, 2).type == "segment.completed"


def test_a_replay_of_a_part_that_the_segment_does_not_have_ends_with_a_reason(world: World) -> None:
    segment = world.land(f"{FOLDER}/a.csv", GOOD)
    world.run()

    world.publish("segment-requests", encode(SegmentRequest(segment, run=2, parts=(99,))))
    world.run()

    check(world)


def test_a_run_that_only_validates_sends_nothing(world: World) -> None:
    segment = world.land(f"{FOLDER}/a.csv", GOOD)
    world.run()
    calls = len(world.gate.effects)

    world.publish("segment-requests", encode(SegmentRequest(segment, run=2, validate_only=True)))
    world.run()

    check(world)
    outcome = world.outcome(segment, 2)
    assert (outcome.type, outcome.reason_code) == ("segment.completed", "validate_only")
    assert (outcome.records_received, outcome.records_accepted, outcome.records_skipped) == (6, 0, 6)
    assert {effect.kind for effect in world.gate.effects[calls:]} <= {"create", "publish", "delete"}
