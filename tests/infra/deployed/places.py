"""Where everything is, and how long what is in it stays."""

import json
from collections.abc import Iterator
from typing import Any

from infra.audit.columns import columns
from infra.load import load_topology
from tests.support.stack import INFRA, PROJECT, REGION, Applied

_TOPOLOGY = load_topology()
_PLACED = ("location", "region")
_PEOPLE = ("landing", "parts")
_AVRO = {"string": "STRING", "long": "INTEGER", "int": "INTEGER"}


def everything_is_in_one_region(applied: Applied) -> Iterator[str]:
    for each in applied.resources:
        for place in (each.values.get(argument) for argument in _PLACED):
            if place not in {None, "", REGION} and not str(place).startswith("offline-"):
                yield f"{each.address} is in {place}"
    for name, values in applied.by("google_pubsub_topic").items():
        kept = [
            region
            for policy in values["message_storage_policy"]
            for region in policy["allowed_persistence_regions"]
        ]
        if kept != [REGION]:
            yield f"topic {name}: its messages are kept in {kept or 'any region'}"


def buckets_are_private(applied: Applied) -> Iterator[str]:
    for name, values in applied.by("google_storage_bucket").items():
        if values["public_access_prevention"] != "enforced" or not values["uniform_bucket_level_access"]:
            yield f"bucket {name} could be opened"


def deleted_people_are_gone(applied: Applied) -> Iterator[str]:
    buckets = applied.by("google_storage_bucket")
    for name in _PEOPLE:
        values = buckets[f"{PROJECT}-sluice-{name}"]
        if [policy["retention_duration_seconds"] for policy in values["soft_delete_policy"]] != [0]:
            yield f"bucket {name} keeps what is deleted"
        if any(each["enabled"] for each in values["versioning"]) or values.get("retention_policy"):
            yield f"bucket {name} keeps versions, or does not let delete"


def lifetimes_are_those_of_the_topology(applied: Applied) -> Iterator[str]:
    """Only what may be deleted: configuration, leases and lines are as old as the deployment."""
    buckets = applied.by("google_storage_bucket")
    for name, wanted in vars(_TOPOLOGY.buckets).items():
        rules = buckets[f"{PROJECT}-sluice-{name}"]["lifecycle_rule"]
        found = [
            (each["condition"][0]["age"], tuple(each["condition"][0]["matches_prefix"] or ()))
            for each in rules
        ]
        if found != [(wanted.lifetime_days, wanted.lifetime_prefixes)]:
            yield f"bucket {name} deletes {found}, not {wanted}"


def landings_are_told_of(applied: Applied) -> Iterator[str]:
    """With the right to publish there before: the notification would be refused."""
    notifications = applied.of("google_storage_notification")
    if len(notifications) != 1:
        yield f"{len(notifications)} notifications"
    for each in notifications:
        topic = f"projects/{PROJECT}/topics/{_TOPOLOGY.topics.landing_notifications}"
        found = [each.values[name] for name in ("bucket", "topic", "payload_format", "event_types")]
        if found != [f"{PROJECT}-sluice-landing", topic, "JSON_API_V1", ["OBJECT_FINALIZE"]]:
            yield f"landings are told of as {found}"
        if "google_pubsub_topic_iam_member.storage_publishes" not in each.needs:
            yield "the notification does not wait for the right to publish"


def the_audit_has_a_column_for_every_field(applied: Applied) -> Iterator[str]:
    (schema,) = applied.all("google_pubsub_schema")
    fields = {each["name"]: _kind(each["type"]) for each in json.loads(schema["definition"])["fields"]}
    table = json.loads(applied.by("google_bigquery_table", "table_id")["deliveries"]["schema"])
    told = {each.name: each.bigquery for each in columns()}
    if {each["name"]: each["type"] for each in table} != told or fields.keys() != told.keys():
        yield "event, schema and table differ"
    for name, kind in fields.items():
        if kind != told.get(name) and told.get(name) not in {"TIMESTAMP", "JSON"}:
            yield f"{name} is {kind} in the schema, {told.get(name)} in the table"
    if schema["definition"] != (INFRA.parent / "docs/schemas/event.avsc").read_text("utf-8"):
        yield "the topic's schema is not docs/schemas/event.avsc"


def _kind(avro: Any) -> str:
    return _AVRO.get(avro if isinstance(avro, str) else str(avro.get("type")), "JSON")


def the_service_of_every_kind_is_switched_on(applied: Applied) -> Iterator[str]:
    on = {values["service"].partition(".")[0] for values in applied.all("google_project_service")}
    for kind in sorted({each.kind for each in applied.resources}):
        needed = next((service for start, service in _SERVICES if kind.startswith(start)), "")
        if not needed:
            yield f"{kind}: which service is that?"
        elif needed not in on:
            yield f"{kind} needs {needed}.googleapis.com"


_SERVICES = (
    ("google_bigquery", "bigquery"),
    ("google_billing_budget", "billingbudgets"),
    ("google_cloud_run", "run"),
    ("google_cloud_scheduler", "cloudscheduler"),
    ("google_cloud_tasks", "cloudtasks"),
    ("google_cloudfunctions2", "cloudfunctions"),
    ("google_kms", "cloudkms"),
    ("google_logging", "logging"),
    ("google_monitoring", "monitoring"),
    ("google_project_iam", "iam"),
    ("google_project_service", "cloudfunctions"),  # serviceusage itself is on before anything is
    ("google_pubsub", "pubsub"),
    ("google_secret_manager", "secretmanager"),
    ("google_service_account", "iam"),
    ("google_storage", "storage"),
)
