"""What Google decides and no schema says: the names that it gives, and values that it refuses.

From the resources' pages of the provider, the client libraries' own documentation, and docs/. A type or argument that is not here is
taken as the schema has it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PROJECT_NUMBER = "123456789012"

_AGENT = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
_ADDRESS = "{account_id}@{project}.iam.gserviceaccount.com"

GIVEN: Mapping[str, Mapping[str, str]] = {
    "google_bigquery_dataset": {"id": "projects/{project}/datasets/{dataset_id}"},
    "google_bigquery_table": {"id": "projects/{project}/datasets/{dataset_id}/tables/{table_id}"},
    "google_cloud_tasks_queue": {"id": "projects/{project}/locations/{location}/queues/{name}"},
    "google_cloudfunctions2_function": {"id": "projects/{project}/locations/{location}/functions/{name}"},
    "google_logging_metric": {"id": "{name}"},
    "google_project_iam_custom_role": {"id": "projects/{project}/roles/{role_id}"},
    "google_pubsub_schema": {"id": "projects/{project}/schemas/{name}"},
    "google_pubsub_subscription": {"id": "projects/{project}/subscriptions/{name}"},
    "google_pubsub_topic": {"id": "projects/{project}/topics/{name}"},
    "google_secret_manager_secret": {"id": "projects/{project}/secrets/{secret_id}"},
    "google_service_account": {
        "email": _ADDRESS,
        "id": f"projects/{{project}}/serviceAccounts/{_ADDRESS}",
        "name": f"projects/{{project}}/serviceAccounts/{_ADDRESS}",
    },
    "google_storage_bucket": {"id": "{name}"},
    "data.google_project": {"number": PROJECT_NUMBER},
    "data.google_storage_bucket": {"location": "EUROPE-WEST1"},
    "data.google_storage_project_service_account": {"email_address": _AGENT},
}
"""Type and argument to the value, made of the resource's own arguments."""

_SECONDS = r"\d+(\.\d+)?s"
_TOPIC = r"(?!goog)[A-Za-z][A-Za-z0-9._~%+-]{2,254}"
_MEMBER = r"(user|group|serviceAccount|domain|principal|principalSet):.+|allUsers|allAuthenticatedUsers"

_RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "google_cloud_tasks_queue": {
        "rate_limits.max_concurrent_dispatches": (1, 5000),
        "rate_limits.max_dispatches_per_second": (0, 500),
        "stackdriver_logging_config.sampling_ratio": (0, 1),
    },
    "google_cloudfunctions2_function": {"service_config.timeout_seconds": (1, 3600)},
    "google_pubsub_subscription": {
        "ack_deadline_seconds": (10, 600),
        "dead_letter_policy.max_delivery_attempts": (5, 100),
    },
}
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "google_bigquery_dataset": {"dataset_id": r"\w{1,1024}"},
    "google_cloud_scheduler_job": {"schedule": r"(\S+ ){4}\S+", "attempt_deadline": _SECONDS},
    "google_cloud_tasks_queue": {
        "name": r"[A-Za-z0-9-]{1,100}",
        "retry_config.max_backoff": _SECONDS,
        "retry_config.max_retry_duration": _SECONDS,
        "retry_config.min_backoff": _SECONDS,
    },
    "google_cloudfunctions2_function": {
        "name": r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        "service_config.available_memory": r"\d+(k|Mi|Gi|M|G)",
    },
    "google_logging_metric": {"name": r"[A-Za-z0-9_.,+!*',()%/\\-]{1,100}"},
    "google_monitoring_alert_policy": {
        "alert_strategy.auto_close": _SECONDS,
        "conditions.condition_absent.aggregations.alignment_period": _SECONDS,
        "conditions.condition_absent.duration": _SECONDS,
        "conditions.condition_threshold.aggregations.alignment_period": _SECONDS,
        "conditions.condition_threshold.duration": _SECONDS,
    },
    "google_project_iam_custom_role": {"role_id": r"[A-Za-z0-9_.]{3,64}"},
    "google_project_iam_member": {"member": _MEMBER},
    "google_pubsub_subscription": {
        "message_retention_duration": _SECONDS,
        "name": _TOPIC,
        "retry_policy.maximum_backoff": _SECONDS,
        "retry_policy.minimum_backoff": _SECONDS,
    },
    "google_pubsub_topic": {"name": _TOPIC},
    "google_pubsub_topic_iam_member": {"member": _MEMBER},
    "google_secret_manager_secret": {"secret_id": r"[A-Za-z0-9_-]{1,255}"},
    "google_service_account": {"account_id": r"[a-z][-a-z0-9]{4,28}[a-z0-9]"},
    "google_storage_bucket": {"name": r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"},
    "google_storage_bucket_iam_member": {"member": _MEMBER},
    "google_storage_notification": {"topic": r"projects/[^/]+/topics/[^/]+"},
}


def given(kind: str, path: str, arguments: Mapping[str, Any]) -> str | None:
    """The value that Google gives; None where it is not known before, or never."""
    form = GIVEN.get(kind, {}).get(path)
    if form is None:
        return None
    try:
        return form.format(**{name: value for name, value in arguments.items() if isinstance(value, str)})
    except KeyError:
        return None


def refusals(kind: str, path: str, value: Any) -> Iterator[str]:
    """`path`: the names of blocks and argument, with dots between them."""
    low, high = _RANGES.get(kind, {}).get(path, (value, value))
    shape = _SHAPES.get(kind, {}).get(path)
    if isinstance(value, int | float) and not low <= value <= high:
        yield f"{path} must be {low} to {high}, not {value}"
    if isinstance(value, str) and shape and not re.fullmatch(shape, value):
        yield f"{path} cannot be {value!r}: it must look like {shape}"
