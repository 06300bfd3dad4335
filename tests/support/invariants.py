"""What holds in a world where nothing is left to be done, whatever went wrong on the way.

An audience is compared with what the ledger says: the records of the receipts of all stages whose job succeeded.
"""

from collections import defaultdict
from collections.abc import Iterator

from shared import names
from shared.model.events import OUTCOMES, Counts, Event
from shared.model.manifest import Manifest, Part, Stage
from shared.model.receipt import Receipt
from shared.model.run import Run
from shared.model.state import Job, Line, Result
from tests.support.engines import queue_path
from tests.support.watch.records import records_of, refused_in
from tests.support.world import World


def check(world: World) -> None:
    _nothing_is_left(world)
    _one_id_has_one_body(world)
    runs = list(_runs(world))
    for run in runs:
        _check_run(world, run)
    for (account, audience), people in _audiences(world, runs).items():
        assert world.members(account, audience) == people
    assert all(account["max_in_flight"] <= 1 for account in world.traffic.report())


def _runs(world: World) -> Iterator[Run]:
    for name in world.objects("segments/"):
        if name.endswith("/run.json"):
            entry = world.ledger.read(Run, name)
            assert entry
            yield entry.value


def _nothing_is_left(world: World) -> None:
    assert world.objects("open/") == []
    for name in world.objects("lines/"):
        entry = world.ledger.read(Line, name)
        assert entry
        assert (entry.value.owner, entry.value.filling, entry.value.running) == (None, 0, None)
    for name in world.objects("config/accounts/"):
        account = name.rpartition("/")[2].removesuffix(".json")
        assert world.tasks.tasks(queue_path(names.queue_id(account)), 0, 10) == []


def _one_id_has_one_body(world: World) -> None:
    bodies: dict[str, bytes] = {}
    for published, event in zip(world.published("completions"), world.events, strict=True):
        assert bodies.setdefault(event.event_id, published.data) == published.data


def _check_run(world: World, run: Run) -> None:
    """One outcome, told as it is stored; every part has a receipt, told as well, where its stage's job was run."""
    outcome = world.outcome(run.segment, run.run)
    told = [event for event in world.events if (event.segment, event.run) == (run.segment, run.run)]
    assert outcome in told
    assert {event.event_id for event in told if event.type in OUTCOMES} == {outcome.event_id}
    _check_counts(outcome)
    for stage in _stages(world, run):
        if _status(world, run, stage) == "SUCCESS":
            _check_stage(world, run, stage, told)


def _check_stage(world: World, run: Run, stage: Stage, told: list[Event]) -> None:
    job = world.ledger.read(Job, names.job_json(run.segment, run.run, stage.number))
    assert job
    assert job.value.state == "running"
    for part in stage.parts:
        event = _receipt(world, run, stage, part).as_event()
        assert event in told
        _check_counts(event)


def _audiences(world: World, runs: list[Run]) -> dict[tuple[str, str], set[int]]:
    """Who is in each audience: what was taken by its successful jobs, in the order in which they were run."""
    jobs = [
        (_started(world, run, stage), run, stage)
        for run in runs
        for stage in _stages(world, run)
        if _status(world, run, stage) == "SUCCESS"
    ]
    audiences: dict[tuple[str, str], set[int]] = defaultdict(set)
    for _, run, stage in sorted(jobs, key=lambda job: job[0]):
        people, audience = _delivered(world, run, stage), (run.target.account, run.target.audience)
        before = audiences[audience]
        audiences[audience] = {"append": before | people, "remove": before - people, "replace": people}[
            run.mode
        ]
    return audiences


def _started(world: World, run: Run, stage: Stage) -> float:
    job = world.ledger.read(Job, names.job_json(run.segment, run.run, stage.number))
    assert job
    started = world.ads.job(run.target.account, int(job.value.resource.rpartition("/")[2])).started
    assert started
    return started


def _delivered(world: World, run: Run, stage: Stage) -> set[int]:
    """The records of every part that its job took, in order, without those whose lines were refused, as many as the receipt says."""
    people: set[int] = set()
    for part in stage.parts:
        people.update(_taken(world, run, part, _receipt(world, run, stage, part)))
    return people


def _taken(world: World, run: Run, part: Part, receipt: Receipt) -> list[int]:
    refused = refused_in(receipt)
    records = records_of(world.part(part.name).content, run.target.upload_key_type)
    people = [record.person for record in records if record.place not in refused]
    return people[: receipt.as_event().records_accepted]


def _stages(world: World, run: Run) -> tuple[Stage, ...]:
    manifest = world.ledger.read(Manifest, names.manifest_json(run.segment, run.run))
    return manifest.value.stages if manifest else ()


def _status(world: World, run: Run, stage: Stage) -> str:
    result = world.ledger.read(Result, names.result_json(run.segment, run.run, stage.number))
    return result.value.status if result else ""


def _receipt(world: World, run: Run, stage: Stage, part: Part) -> Receipt:
    receipt = world.ledger.read(Receipt, names.receipt_json(run.segment, run.run, stage.number, part.number))
    assert receipt
    return receipt.value


def _check_counts(event: Event) -> None:
    """Counts refuses what does not add up."""
    Counts(
        event.records_received,
        event.records_accepted,
        event.records_rejected,
        event.records_skipped,
        event.records_failed,
    )
