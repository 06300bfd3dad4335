"""What is deployed, with every number that more than one program must agree on.

Written once, in infra/topology.yaml, which says why each number is what it is; Terraform, the local cloud and
the services (`topology.json` in their bundles) read it from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PushedService = Literal["ingest", "chunker"]


@dataclass(frozen=True)
class Topics:
    """The name of the topic for each of the four purposes."""

    landing_notifications: str
    segment_requests: str
    completions: str
    dead_letters: str


@dataclass(frozen=True)
class Backoff:
    minimum_backoff_seconds: int
    maximum_backoff_seconds: int


@dataclass(frozen=True)
class DeadLetter:
    topic: str
    max_delivery_attempts: int


@dataclass(frozen=True)
class Subscription:
    """Without `push` it is pulled. A push request may last for `ack_deadline_seconds`; `path`: below the service's address.
    `retain_acked`: what was worked on is kept as well, so that somebody may seek back to it."""

    topic: str
    ack_deadline_seconds: int
    retention_seconds: int
    push: PushedService | None = None
    retry: Backoff | None = None
    dead_letter: DeadLetter | None = None
    path: str = ""
    retain_acked: bool = False


@dataclass(frozen=True)
class Bucket:
    """Objects whose names start with one of `lifetime_prefixes` (none: all) are deleted after `lifetime_days`."""

    lifetime_days: int
    lifetime_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Buckets:
    landing: Bucket
    parts: Bucket
    work: Bucket


@dataclass(frozen=True)
class Queue:
    """The settings of every account's queue, with the meaning that Cloud Tasks gives them."""

    max_dispatches_per_second: int
    max_concurrent_dispatches: int
    max_attempts: int
    min_backoff_seconds: int
    max_backoff_seconds: int
    max_doublings: int
    dispatch_deadline_seconds: int


@dataclass(frozen=True)
class Tasks:
    """When Sluice itself gives a task up: only when both are spent."""

    max_attempts: int
    max_retry_duration_seconds: int


@dataclass(frozen=True)
class Service:
    """`timeout_seconds`: when the platform closes the request. One instance has `memory_mib` and takes `concurrency` requests at a time."""

    timeout_seconds: int
    memory_mib: int
    concurrency: int
    max_instances: int


@dataclass(frozen=True)
class LongService(Service):
    """`budget_seconds`: when the service itself stops and leaves the rest to the next delivery."""

    budget_seconds: int


@dataclass(frozen=True)
class Services:
    ingest: Service
    chunker: LongService
    uploader: LongService


@dataclass(frozen=True)
class Chunking:
    """How a segment is cut. `grace_seconds`: how long newer runs of its audience wait while it is chunked."""

    part_records: int
    frame_identifiers: int
    stage_operations: int
    max_record_bytes: int
    grace_seconds: int


@dataclass(frozen=True)
class Follow:
    """When a running job is first asked about, and the longest pause between two questions."""

    first_seconds: int
    longest_seconds: int


@dataclass(frozen=True)
class Destination:
    call_timeout_seconds: int
    follow: Follow


@dataclass(frozen=True)
class LeaseTimes:
    """`margin_seconds` lie between a call's end and the lease's; `settle_seconds` of silence follow."""

    margin_seconds: int
    settle_seconds: int


@dataclass(frozen=True)
class Sweep:
    """Every `period_seconds` what is open is looked at. What changed less than `patience_seconds` ago is left to itself. A run without
    manifest is asked for again after `ask_again_seconds`, and ended after `give_up_seconds`; one that is open for `overdue_seconds` is
    told of."""

    period_seconds: int
    patience_seconds: int
    ask_again_seconds: int
    give_up_seconds: int
    overdue_seconds: int


@dataclass(frozen=True)
class Alerts:
    """`rejected_percent`: of one segment's records."""

    rejected_percent: int


@dataclass(frozen=True)
class Topology:
    """`labels`: keys of an object's metadata that its segment's events and log lines say."""

    topics: Topics
    subscriptions: Mapping[str, Subscription]
    buckets: Buckets
    queue: Queue
    tasks: Tasks
    services: Services
    chunking: Chunking
    destinations: Mapping[str, Destination]
    lease: LeaseTimes
    sweep: Sweep
    alerts: Alerts
    labels: tuple[str, ...] = ()
    schema_version: Literal[1] = 1
