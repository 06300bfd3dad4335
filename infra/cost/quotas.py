"""How many accounts a quota carries: what one account needs of it at its busiest, against the limit. Pure.

An account sends one request after the other and cannot go faster: at its busiest it sends parts all the time, and so may all accounts
at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.cost.bill import CPUS
from infra.cost.measured import Rates
from infra.cost.month import Assumed, Cut, Scenario, one_segment
from infra.cost.prices import Quota
from infra.cost.usage import Usage
from shared.model.topology import Topology

OURS = "-"


@dataclass(frozen=True)
class Reach:
    """`demand`: what one account needs, in `unit`; `accounts`: how many there is room for."""

    what: str
    unit: str
    limit: int
    scope: str
    verified: str
    demand: float

    @property
    def accounts(self) -> int:
        return int(self.limit / self.demand)


def reaches(
    rates: Rates,
    topology: Topology,
    cut: Cut,
    quotas: Mapping[str, Quota],
    scenario: Scenario,
    assumed: Assumed,
) -> list[Reach]:
    """The nearest first."""
    daily = scenario.segments_a_day * one_segment(rates, topology, cut, scenario.parts, assumed)
    demands = google(rates.part, daily, topology)
    found = [
        Reach(each.what, each.unit, each.limit, each.scope, each.verified, demands[name])
        for name, each in quotas.items()
    ]
    return sorted([*found, *ours(rates, topology, assumed)], key=lambda each: each.accounts)


def google(part: Usage, daily: Usage, topology: Topology) -> dict[str, float]:
    """By the names in infra/prices.yaml. `part` gives the busiest moment, `daily` the day."""
    second = (1.0 / (part.ads_seconds + part.uploader_seconds)) * part
    return {
        "ads_operations": daily.ads_requests,
        "task_queues": 1.0,
        "run_vcpus": CPUS / topology.services.uploader.concurrency,
        "pubsub_push": 60 * second.event_bytes / 1000,  # were a consumer pushed every event
        "secret_accesses": 60 * second.secret_accesses,
        "bucket_writes": second.storage_a + second.storage_deletes,
        "bucket_reads": second.storage_b + second.storage_refused,
    }


def ours(rates: Rates, topology: Topology, assumed: Assumed) -> Iterator[Reach]:
    """Limits that Sluice sets itself: they are numbers in infra/, not favours of Google's."""
    sending = topology.services.uploader.max_instances * topology.services.uploader.concurrency
    yield Reach("Sluice: accounts that send at the same moment (`services.uploader`)", "requests at once", sending,
                "deployment", OURS, 1.0)  # fmt: skip
    looked, within = rates.waiting + rates.account, topology.services.uploader.timeout_seconds
    calls = looked.storage_a + looked.storage_b + looked.storage_refused + looked.tasks_other
    yield Reach("Sluice: open runs that one sweep can look at, one for each account", "seconds", within,
                "deployment", OURS, calls * assumed.call_seconds)  # fmt: skip
