"""What people do with the pipeline, each as a short way of a few segments: the ways that are disturbed at every effect."""

from collections.abc import Callable
from dataclasses import dataclass, field

from infra.local.ads.jobs import Job
from shared.model.account import Audience, Creation
from shared.model.codec import encode
from shared.model.segment import SegmentRequest
from shared.verdict import Failure
from tests.support.effects import Effect, Fault
from tests.support.people import csv_of
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, OTHER_ACCOUNT, World, with_audience

FOLDER = f"{ACCOUNT}/{AUDIENCE}/append"
NO_SUCH_LIST = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))

Way = Callable[[World], None]


@dataclass(frozen=True)
class Scenario:
    """`go` does all that people do, and waits where they would. `plan`: what the destination says on the way. `chunking`: settings
    of the topology."""

    name: str
    go: Way
    plan: Callable[[Effect], Fault | None] = lambda _: None
    chunking: dict[str, int] = field(default_factory=dict)


def _one(world: World) -> None:
    world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.run()


def _two_on_one_audience(world: World) -> None:
    world.land(f"{FOLDER}/first.csv", csv_of(range(6)))
    world.land(f"{FOLDER}/second.csv", csv_of(range(4, 9)))
    world.run()


def _two_accounts(world: World) -> None:
    world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.land(f"{OTHER_ACCOUNT}/{AUDIENCE}/append/people.csv", csv_of(range(3)))
    world.run()


def _created_list(world: World) -> None:
    named = Audience("CONTACT_INFO", name="Best customers", create=Creation(540))
    world.deploy(with_audience(ACCOUNTS[0], AUDIENCE, named))
    world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.run()


def _shards(world: World) -> None:
    for shard in range(2):
        world.land(f"{FOLDER}/people.shards/part-{shard}.csv", csv_of(range(shard * 3, shard * 3 + 3)))
    world.land(f"{FOLDER}/people.shards/_SUCCESS", b"")
    world.run()


def _many_parts(world: World) -> None:
    """So many that the chunker saves how far it is, in the second shard."""
    world.land(f"{FOLDER}/people.shards/part-0.csv", csv_of(range(5)))
    world.land(f"{FOLDER}/people.shards/part-1.csv", csv_of(range(5, 10)))
    world.land(f"{FOLDER}/people.shards/_SUCCESS", b"")
    world.run()


def _bad_content(world: World) -> None:
    world.land(f"{FOLDER}/people.csv", csv_of(range(3)) + b'"never closed\n')
    world.run()


def _bad_name(world: World) -> None:
    world.land(f"{ACCOUNT}/nobodys/append/people.csv", csv_of(range(3)))
    world.run()


def _lost_job(world: World) -> None:
    world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.run(until=lambda: any(job.started for job in _jobs(world)))
    world.ads.customer(ACCOUNT).jobs.clear()
    world.run()


def _replay(world: World) -> None:
    segment = world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.run()
    _until_closed(world)
    world.publish("segment-requests", encode(SegmentRequest(segment, 2, (2,))))
    world.run()


def _lost_tasks(world: World) -> None:
    """Somebody purges the queues while parts are on their way; the next sweeps mend it."""
    world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.run(until=lambda: bool(_jobs(world)))
    world.lose_tasks()
    _until_closed(world)


def _lost_messages(world: World) -> None:
    world.land(f"{FOLDER}/people.csv", csv_of(range(6)))
    world.run(until=lambda: any(effect.about == "segment-requests" for effect in world.gate.effects))
    world.lose_messages()
    _until_closed(world)


def _all_modes(world: World) -> None:
    """Everything that lands is waited for: what is newer would supersede what has not begun."""
    for mode, people in (("append", range(6)), ("remove", range(2)), ("replace", range(4, 10))):
        world.land(f"{ACCOUNT}/{AUDIENCE}/{mode}/people.csv", csv_of(people))
        world.run()
        _until_closed(world)


def _until_closed(world: World) -> None:
    """As the schedule does: every ten minutes, until nothing is open. Tasks that wait for lost ones would go on for ever."""
    for _ in range(30):
        if not world.objects("open/"):
            break
        _wait(world, world.topology.sweep.period_seconds)
        world.sweep()
    world.run()


def _wait(world: World, seconds: float) -> None:
    until = world.stage.now + seconds
    world.run(until=lambda: world.stage.now >= until)
    world.stage.now = max(world.stage.now, until)


def _jobs(world: World) -> list[Job]:
    return list(world.ads.customer(ACCOUNT).jobs.values())


def _second_add_refused() -> Callable[[Effect], Fault | None]:
    return lambda effect: (
        Fault("refuse", NO_SUCH_LIST) if effect.kind == "add" and "-upload-1-2-" in effect.by else None
    )


SCENARIOS = (
    Scenario("one segment", _one),
    Scenario("two segments of one audience", _two_on_one_audience),
    Scenario("two accounts", _two_accounts),
    Scenario("several stages", _one, chunking={"stage_operations": 4}),
    Scenario("a list that is created", _created_list),
    Scenario("a group of shards", _shards),
    Scenario("a segment of many parts", _many_parts, chunking={"part_records": 1}),
    Scenario("a file that breaks off", _bad_content),
    Scenario("an audience that nobody knows", _bad_name),
    Scenario("a job that Google loses", _lost_job),
    Scenario("a part that Google refuses", _one, _second_add_refused()),
    Scenario("a part that is replayed", _replay),
    Scenario("tasks that are lost", _lost_tasks),
    Scenario("messages that are lost", _lost_messages),
    Scenario("an append, a remove and a replace", _all_modes, chunking={"stage_operations": 4}),
)


def close(world: World) -> None:
    """Whatever a scenario left open, by sweeps alone."""
    _until_closed(world)
