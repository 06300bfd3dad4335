"""A month's bill: what was used, in the units of infra/prices.yaml, times its prices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from infra.cost.month import DAY, Assumed, Cut, Scenario
from infra.cost.prices import Price, PriceList
from infra.cost.sharing import busy_instances
from infra.cost.usage import Usage
from shared.model.topology import Topology

GIB = 1024.0**3


CPUS = 1.0
"""Of every instance: infra/functions.tf."""


@dataclass(frozen=True)
class Line:
    """`amount` in the currency of the price list. `name` is that of the price."""

    name: str
    quantity: float
    amount: float

    @property
    def service(self) -> str:
        return self.name.partition("_")[0]


def bill(prices: PriceList, quantities: Mapping[str, float]) -> tuple[Line, ...]:
    return tuple(Line(name, each, charge(prices.prices[name], each)) for name, each in quantities.items())


def charge(price: Price, quantity: float) -> float:
    """What is above the free tier, and never less than nothing."""
    return max(0.0, quantity - price.free) * float(Fraction(price.price) / price.per)


def quantities(
    used: Usage, topology: Topology, cut: Cut, scenario: Scenario, assumed: Assumed, *, alone: bool = False
) -> dict[str, float]:
    """Of each price, in its unit. `alone`: no two accounts share an instance of the uploader, the most that it can cost."""
    run = running(used, topology, scenario, assumed, alone=alone)
    requests = used.ingest_requests + used.chunker_requests + used.uploader_requests
    retained = topology.subscriptions["chunker"].retention_seconds / (assumed.days * DAY)
    return {
        "storage_class_a": used.storage_a,
        "storage_class_b": used.storage_b + used.notifications,
        "storage_gib_month": stored_bytes(used, topology, cut, scenario, assumed) / GIB,
        "pubsub_throughput": (used.published_bytes + used.pushed_bytes + assumed.pulls * used.event_bytes)
        / GIB,
        "pubsub_bigquery": used.event_bytes / GIB,
        "pubsub_retained": used.pushed_bytes * retained / GIB,
        "tasks_operations": used.tasks_created + used.tasks_dispatched + used.tasks_other,
        "run_vcpu_seconds": CPUS * sum(run.values()),
        "run_gib_seconds": sum(
            getattr(topology.services, name).memory_mib / 1024 * each for name, each in run.items()
        ),
        "run_requests": requests,
        "scheduler_jobs": 1.0,
        "secret_versions": scenario.accounts + 1.0,  # a credential each, and the developer token
        "secret_accesses": used.secret_accesses,
        "bigquery_gib_month": assumed.table_months * used.event_bytes / GIB,
        "logging_gib": (used.log_bytes + assumed.request_log_bytes * requests) / GIB,
        "egress_gib": 0.0,
    }


def running(
    used: Usage, topology: Topology, scenario: Scenario, assumed: Assumed, *, alone: bool
) -> dict[str, float]:
    """Seconds that instances of each service are paid for."""
    month = assumed.days * DAY
    requests = used.uploader_seconds + used.ads_seconds
    share = requests / (scenario.accounts * month)
    together = 1 if alone else topology.services.uploader.concurrency
    return {
        "ingest": used.ingest_seconds,
        "chunker": used.chunker_seconds,
        "uploader": month * busy_instances(scenario.accounts, share, together),
    }


def stored_bytes(used: Usage, topology: Topology, cut: Cut, scenario: Scenario, assumed: Assumed) -> float:
    """What the buckets hold once as much is deleted as is added: a month's bytes for each month that they live."""
    keep = topology.buckets
    rows = scenario.accounts * scenario.segments_a_day * assumed.days * scenario.parts * cut.records
    landing = rows * assumed.row_bytes * keep.landing.lifetime_days
    work = used.work_bytes * (keep.work.lifetime_days + assumed.deleted_days)
    return (landing + used.parts_bytes * keep.parts.lifetime_days + work) / assumed.days
