"""What `sluice show` costs: one list of the segment's objects, and three documents of each run."""

from collections import Counter

from services.console.segments.story import story
from shared.replaying import Wish
from shared.verdict import Failure
from tests.support.effects import Effect, Fault
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, AUDIENCE, World

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
