"""What looking costs: one list of a segment's objects and three documents of each run; lists by pages of a thousand."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from services.console.segments.rows import Wanted, rows
from services.console.segments.story import story
from shared.names import dead_letter_id, dead_letter_json, ended_json, landing_key
from shared.ops.letters import list_letters
from shared.replaying import Wish
from shared.verdict import Failure
from tests.simulation.conftest import MakeWorld
from tests.support.effects import Effect, Fault
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, AUDIENCE, WORK, World

REFUSED = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))


def part_refused(effect: Effect) -> Fault | None:
    return Fault("refuse", REFUSED) if effect.kind == "add" and "-1-upload-1-2-" in effect.by else None


def test_a_story_of_two_runs_is_one_list_and_seven_documents(world: World) -> None:
    world.gate.plan = part_refused
    segment = world.land(f"{ACCOUNT}/{AUDIENCE}/append/people.csv", csv_of(range(10)))
    world.run()
    world.replay(segment, Wish())
    world.run()
    asked: Counter[str] = Counter()
    world.gate.looks = lambda kind, _: asked.update([kind])

    told = story(world.process(), segment)

    assert asked == {"list": 1, "read": 1 + 2 * 3}
    assert told
    first, second = told["runs"]
    assert (first["state"], second["state"]) == ("partial", "completed")
    assert [each["part"] for each in first["failed_parts"]] == [2]
    assert second["asked_parts"] == [2]
    assert second["counts"] == {"received": 4, "accepted": 4, "rejected": 0, "skipped": 0, "failed": 0}


def test_more_dead_letters_than_a_page_holds_are_all_listed(make_world: MakeWorld) -> None:
    world = make_world(in_memory=True)
    for number in range(1500):
        at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=number)
        name = dead_letter_json(dead_letter_id(at, b""))
        world.store(WORK).insert(name, b"{}", 0, {"reason_code": "part_expired"})
    asked: Counter[str] = Counter()
    world.gate.looks = lambda kind, _: asked.update([kind])

    found = list(list_letters(world.process()))

    assert len(found) == 1500
    assert [blob.name for blob in found] == sorted(blob.name for blob in found)
    assert asked == {"list": 2}


def test_more_runs_than_a_page_holds_are_all_rows(make_world: MakeWorld) -> None:
    world = make_world(in_memory=True)
    now = datetime.fromtimestamp(world.stage.now, UTC)
    for number in range(1200):
        name = ended_json(landing_key(now - timedelta(minutes=number)), f"1234567890-a-append-{number}", 1)
        world.store(WORK).insert(name, b"", 0, {"type": "segment.completed"})
    asked: Counter[str] = Counter()
    world.gate.looks = lambda kind, _: asked.update([kind])

    found = rows(world.process(), Wanted(now - timedelta(days=7)))

    assert len(found) == 1200
    assert asked == {"list": 2 + 1}
