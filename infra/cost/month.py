"""What a month of segments makes Google's services do, from what one segment was measured to do. Pure."""

from dataclasses import dataclass
from math import ceil

from infra.cost.measured import Rates
from infra.cost.usage import Usage
from shared.model.topology import Topology

DAY = 86_400.0


@dataclass(frozen=True)
class Scenario:
    """Each of `accounts` gets so many segments a day, of so many full parts."""

    accounts: int
    segments_a_day: float
    parts: int


@dataclass(frozen=True)
class Assumed:
    """What nobody has measured. `job_hours`: from the run of a job to the answer that it has ended. `row_bytes`: of a landing object.
    `request_log_bytes`: what the platform itself logs of a request. `deleted_days`: the work bucket keeps what was deleted.
    `table_months`: how long events have been collected in BigQuery. `pulls`: how often each event is pulled by `sluice audit`.
    `call_seconds`: what a call of the sweep takes."""

    days: int = 30
    job_hours: float = 6.0
    row_bytes: float = 130.0
    request_log_bytes: float = 1000.0
    deleted_days: int = 7
    table_months: int = 12
    pulls: float = 1.0
    call_seconds: float = 0.05


@dataclass(frozen=True)
class Cut:
    """A part as it was measured and as it is deployed: people in it, and CPU seconds for each to cut it."""

    measured_records: int
    records: int
    record_seconds: float


def month(rates: Rates, topology: Topology, cut: Cut, scenario: Scenario, assumed: Assumed) -> Usage:
    """Of all accounts together, sweeps included."""
    segments = scenario.accounts * scenario.segments_a_day * assumed.days
    sweeps = assumed.days * DAY / topology.sweep.period_seconds
    idle = sweeps * (rates.sweep + scenario.accounts * rates.account)
    return segments * one_segment(rates, topology, cut, scenario.parts, assumed) + idle


def one_segment(rates: Rates, topology: Topology, cut: Cut, parts: int, assumed: Assumed) -> Usage:
    """From its landing to its outcome, with what sweeps find of it meanwhile."""
    stages = ceil(parts * cut.records / topology.chunking.stage_operations)
    follows = asked(assumed.job_hours * 3600, topology)
    sent = rates.segment + parts * full(rates.part, cut) + (stages - 1) * rates.stage
    followed = stages * (follows - 1) * rates.follow
    return sent + followed + swept(rates, topology, parts, assumed)


def full(part: Usage, cut: Cut) -> Usage:
    """A part as deployed: what was measured of a small one, and the rest of its records."""
    more = Usage(chunker_seconds=(cut.records - cut.measured_records) * cut.record_seconds)
    return part + more + Usage(parts_bytes=(cut.records / cut.measured_records - 1.0) * part.parts_bytes)


def swept(rates: Rates, topology: Topology, parts: int, assumed: Assumed) -> Usage:
    """What sweeps add while the segment is open. A list of tasks is charged by its length: half the parts still wait on average."""
    period = topology.sweep.period_seconds
    sending, running = parts * rates.part.ads_seconds / period, assumed.job_hours * 3600 / period
    return (sending + running) * rates.waiting + sending * Usage(tasks_other=parts / 2)


def asked(job_seconds: float, topology: Topology) -> int:
    """How often a job is asked about that takes so long: services/uploader/follow.py, next_look."""
    pace = topology.destinations["google_ads"].follow
    looks, moment = 1, float(pace.first_seconds)
    while moment < job_seconds:
        moment += min(float(pace.longest_seconds), pace.first_seconds * 1.5**looks)
        looks += 1
    return looks
