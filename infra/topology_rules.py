"""What the names and numbers of topology.yaml must be, each alone and together."""

from collections.abc import Iterator

from infra.fit import resembling
from infra.rules import Order, Rules, between, shaped
from shared.model.topology import Topology

_NAME = shaped(
    r"[a-z]([a-z0-9-]{1,61}[a-z0-9])", "a resource name", "Use 3 to 63 lower-case letters, digits and hyphens"
)
_POSITIVE = between(1, 2**31 - 1, "Write a number from 1 on")
_PUBSUB_BACKOFF = between(0, 600, "Pub/Sub waits for at most 600 seconds")
_TASKS_BACKOFF = between(1, 3600, "Write 1 second to an hour")

LABELS_MAX = 8

KEYS: Rules = {"subscriptions.*": _NAME}

VALUES: Rules = {
    "topics.*": _NAME,
    "subscriptions.*.ack_deadline_seconds": between(10, 600, "Pub/Sub allows 10 to 600 seconds"),
    "subscriptions.*.retention_seconds": between(600, 2678400, "Pub/Sub keeps 10 minutes to 31 days"),
    "subscriptions.*.retry.minimum_backoff_seconds": _PUBSUB_BACKOFF,
    "subscriptions.*.retry.maximum_backoff_seconds": _PUBSUB_BACKOFF,
    "subscriptions.*.dead_letter.max_delivery_attempts": between(5, 100, "Pub/Sub allows 5 to 100"),
    "buckets.*.lifetime_days": _POSITIVE,
    "buckets.parts.lifetime_days": between(32, 36500, "A task may still ask for its part after 31 days"),
    "buckets.work.lifetime_prefixes.*": shaped(
        r"(segments|ended|dead-letters)/",
        "what may be deleted",
        "Write segments/, ended/ or dead-letters/: leases and configuration must stay",
    ),
    "subscriptions.*.path": shaped(
        r"(dead-letters)?", "a path that a service knows", "Write dead-letters, or leave it out"
    ),
    "queue.max_concurrent_dispatches": between(1, 1, "Google Ads fails both of two requests at a time"),
    "queue.max_dispatches_per_second": between(1, 500, "Cloud Tasks allows at most 500"),
    "queue.max_attempts": between(-1, -1, "Cloud Tasks deletes what it gives up; set tasks.max_attempts"),
    "queue.min_backoff_seconds": _TASKS_BACKOFF,
    "queue.max_backoff_seconds": _TASKS_BACKOFF,
    "queue.max_doublings": between(0, 16, "Write a number up to 16"),
    "queue.dispatch_deadline_seconds": between(15, 1800, "Cloud Tasks allows 15 seconds to 30 minutes"),
    "tasks.max_attempts": _POSITIVE,
    "tasks.max_retry_duration_seconds": _POSITIVE,
    "services.*.timeout_seconds": between(1, 3600, "Cloud Run allows at most an hour"),
    "services.*.budget_seconds": _POSITIVE,
    "services.*.memory_mib": between(256, 32768, "Cloud Run gives 256 MiB to 32 GiB"),
    "services.*.concurrency": between(1, 1000, "Cloud Run allows at most 1,000"),
    "services.*.max_instances": between(1, 1000, "Write 1 to 1,000"),
    "chunking.part_records": _POSITIVE,
    "chunking.frame_identifiers": between(20, 100000, "One person may have 20, one request 100,000"),
    "chunking.stage_operations": between(1, 1000000, "Google recommends at most 1,000,000 for a job"),
    "chunking.max_record_bytes": between(1, 1048576, "1 MiB is what the CSV reader is set up for"),
    "chunking.grace_seconds": _POSITIVE,
    "destinations.*.call_timeout_seconds": _POSITIVE,
    "destinations.*.follow.first_seconds": _POSITIVE,
    "destinations.*.follow.longest_seconds": _POSITIVE,
    "lease.margin_seconds": _POSITIVE,
    "lease.settle_seconds": _POSITIVE,
    "labels.*": shaped(
        r"[a-z][a-z0-9_-]{0,62}", "a label's key", "Use up to 63 of a-z, 0-9, - and _, a letter first"
    ),
    "sweep.period_seconds": shaped(
        r"60|120|180|240|300|360|600|720|900|1200|1800|3600",
        "a period that the schedule can keep",
        "Cloud Scheduler counts minutes within the hour: write 60 seconds to 3600 that divide it evenly",
    ),
    "sweep.patience_seconds": _POSITIVE,
    "sweep.ask_again_seconds": _POSITIVE,
    "sweep.give_up_seconds": _POSITIVE,
    "sweep.overdue_seconds": _POSITIVE,
    "alerts.rejected_percent": between(0, 100, "Write a number up to 100"),
}

_RETRY = "subscriptions.*.retry"
_FOLLOW = "destinations.*.follow"
_STOP = "A service must stop before it is stopped"
_REPEAT = "A request must end before its delivery is repeated"

ORDERS = (
    Order("services.*.budget_seconds", "services.*.timeout_seconds", _STOP),
    Order("services.ingest.timeout_seconds", "subscriptions.ingest.ack_deadline_seconds", _REPEAT, True),
    Order("services.chunker.timeout_seconds", "subscriptions.chunker.ack_deadline_seconds", _REPEAT, True),
    Order("services.uploader.timeout_seconds", "queue.dispatch_deadline_seconds", _REPEAT),
    Order("destinations.*.call_timeout_seconds", "services.uploader.budget_seconds", "No call could start"),
    Order("queue.min_backoff_seconds", "queue.max_backoff_seconds", "Exchange the two", True),
    Order(f"{_RETRY}.minimum_backoff_seconds", f"{_RETRY}.maximum_backoff_seconds", "Exchange the two", True),
    Order(f"{_FOLLOW}.first_seconds", f"{_FOLLOW}.longest_seconds", "Exchange the two", True),
    Order("chunking.part_records", "chunking.stage_operations", "A part must fit into one job", True),
    Order("sweep.patience_seconds", "sweep.period_seconds", "A sweep must find what the one before has left"),
    Order(
        "sweep.ask_again_seconds", "sweep.overdue_seconds", "A run is asked for again before it is overdue"
    ),
    Order("sweep.ask_again_seconds", "sweep.give_up_seconds", "A run is asked for again before it is ended"),
)


def clashes(topology: Topology) -> Iterator[tuple[str, str, str]]:
    """(path, what, cure) of each name that does not go together with another."""
    topics = vars(topology.topics)
    if len(set(topics.values())) < len(topics):
        yield "topics", "two of them have one name", "Give each its own"
    if not topology.buckets.work.lifetime_prefixes:
        yield (
            "buckets.work.lifetime_prefixes",
            "everything would be deleted",
            "Name segments/, ended/ and dead-letters/",
        )
    if len(set(topology.labels)) < len(topology.labels) or len(topology.labels) > LABELS_MAX:
        yield (
            "labels",
            "too many, or one twice",
            f"Name each once, {LABELS_MAX} at most: they are in every event",
        )
    read = {subscription.topic for subscription in topology.subscriptions.values()}
    for name, subscription in topology.subscriptions.items():
        path, topic, letter = f"subscriptions.{name}", subscription.topic, subscription.dead_letter
        if topic not in topics.values():
            yield f"{path}.topic", "no such topic", resembling(topic, topics.values())
        if letter and letter.topic not in read:
            what = "no subscription reads this topic, so that it loses everything"
            yield f"{path}.dead_letter.topic", what, "Subscribe to it"
