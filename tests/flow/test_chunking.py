"""Large files on real storage: what a part costs in calls, and a chunker that dies again and again."""

import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from services.console import environment
from shared import names
from shared.gcp.ports import ports_for
from shared.model.manifest import Manifest, Part
from shared.model.segment import Segment, SegmentRequest, Source
from shared.ops.pin import pin
from shared.settings import from_environment
from shared.world import Ports
from tests.support.flow import Flow
from tests.support.passage import pass_once
from tests.support.people import csv_of

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]


def landed(flow: Flow, people: int, part_records: int, runs: int = 1) -> str:
    """A segment and its pinned runs as ingest writes them, of an object whose name ingest passes over."""
    account = flow.account("buyers")
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.landing)
    blob = bucket.blob(f"{account.id}/buyers/append/.people.csv")
    blob.upload_from_string(csv_of(range(people)))
    assert blob.time_created
    source = Source(bucket.name, blob.name, blob.generation or 0, blob.size or 0, blob.time_created)
    name = names.segment_id(source.bucket, source.name, source.generation, f"{account.id}-buyers-append")
    key = names.landing_key(source.created)
    segment = Segment(name, "accepted", key, (source,), account.id, "buyers", "append", "google_ads")
    ports = client(flow)
    ports.ledger.settle(names.segment_json(name), segment)
    for run in range(1, runs + 1):
        chunking = replace(ports.topology.chunking, part_records=part_records)
        ports.ledger.settle(
            names.run_json(name, run), pin(segment, SegmentRequest(name, run), account, chunking)
        )
    return name


def client(flow: Flow) -> Ports:
    """By the real clock: at the deployment's, the time of one push request is over in nine seconds."""
    return ports_for(from_environment({**flow.deployment.variables, "SLUICE_CLOCK": ""}))


def calls_a_part(flow: Flow, parts: int) -> dict[str, float]:
    """Of each method of storage, for a segment with a bad row in no part."""
    segment = landed(flow, parts, part_records=1)
    manifest = pass_once(client(flow), segment, 1)
    assert len(manifest.parts) == parts
    calls = flow.calls("storage", resource=segment) + flow.calls("storage", resource=segment[:10] + "/buyers")
    counted = Counter(call["method"] for call in calls)
    return {method: number / parts for method, number in counted.items()}


@pytest.mark.parametrize("parts", [100, 1_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_a_part_costs_as_many_calls_among_thousands_as_among_ten(flow: Flow, parts: int) -> None:
    few, many = calls_a_part(flow, 10), calls_a_part(flow, parts)

    assert {method: number for method, number in many.items() if number > few[method]} == {}
    assert many["objects.insert"] < 1.2


@pytest.mark.parametrize(
    ("people", "part_records"), [(100_000, 1_000), pytest.param(1_000_000, 5_000, marks=pytest.mark.full)]
)
def test_a_chunker_that_is_killed_at_random_times_cuts_what_another_cuts_at_once(
    flow: Flow, people: int, part_records: int
) -> None:
    segment = landed(flow, people, part_records, runs=2)

    deaths = killed_until_done(flow, segment, random.Random(people))

    assert deaths
    assert stored(flow, segment, 1) == told(pass_once(client(flow), segment, 2).parts)


def killed_until_done(flow: Flow, segment: str, chance: random.Random) -> int:
    """How often the process died before one came to its end. Each lives a little longer, so that a slow machine gets there, too."""
    deaths = 0
    command = [sys.executable, "-m", "tests.support.passage", segment, "1"]
    variables = {**environment.inherited(), **flow.deployment.variables, "SLUICE_CLOCK": ""}
    while True:
        with subprocess.Popen(command, env=variables) as process:
            try:
                assert process.wait(chance.uniform(0.5, 1.0) * (1 + deaths / 4)) == 0
            except subprocess.TimeoutExpired:
                process.kill()
                deaths += 1
            else:
                return deaths


def stored(flow: Flow, segment: str, run: int) -> list[tuple[object, ...]]:
    manifest = client(flow).ledger.read(Manifest, names.manifest_json(segment, run))
    assert manifest
    return told(manifest.value.parts)


def told(parts: tuple[Part, ...]) -> list[tuple[object, ...]]:
    """What a part is, but for the run that it is of."""
    return [(part.number, part.crc32c, part.size, part.records, part.rejected) for part in parts]
