"""An Airflow or Composer DAG that uploads a segment and waits for its outcome on a subscription of its own account and audience.

Made once: gcloud pubsub subscriptions create airflow-high-value --topic=completions --expiration-period=never
  --message-filter='attributes.account = "1234567890" AND hasPrefix(attributes.type, "segment.")'
"""

import json
from datetime import UTC, datetime

from airflow import DAG
from airflow.exceptions import AirflowFailException
from airflow.providers.google.cloud.sensors.pubsub import PubSubPullSensor
from airflow.providers.google.cloud.transfers.local_to_gcs import LocalFilesystemToGCSOperator

NAME = "1234567890/high-value/append/{{ ds }}.csv"
OUTCOMES = ("completed", "partial", "failed", "rejected", "superseded", "cancelled")


def outcome(messages: list, context: dict) -> str:
    """The sensor's answer: truthy once our own object has its outcome. Others of the account are passed over."""
    name = context["task"].render_template(NAME, context)
    for message in messages:
        event = json.loads(message.message.data)
        if event["source"].endswith(name) and event["type"].removeprefix("segment.") in OUTCOMES:
            if event["type"] != "segment.completed":
                raise AirflowFailException(f"{event['type']}: {event['reason']}")
            return event["segment"]
    return ""


with DAG("audience", start_date=datetime(2026, 11, 1, tzinfo=UTC), schedule="@daily", catchup=False):
    upload = LocalFilesystemToGCSOperator(
        task_id="upload", src="/data/{{ ds }}.csv", dst=NAME, bucket="acme-landing"
    )
    wait = PubSubPullSensor(
        task_id="wait",
        project_id="acme",
        subscription="airflow-high-value",
        ack_messages=True,
        messages_callback=outcome,
        mode="reschedule",
        timeout=26 * 3600,
    )
    upload >> wait
