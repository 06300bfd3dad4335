"""Rules of days and weeks, on a local cloud of their own where a day lasts some 40 ms.

How long something took is read from the record of calls, so that a busy machine changes nothing.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.ads.googleads.v26.services.services.offline_user_data_job_service import (
    OfflineUserDataJobServiceClient,
)
from google.api_core import exceptions
from google.auth.transport.requests import Request
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.oauth2 import service_account
from google.protobuf.timestamp_pb2 import Timestamp
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from tests.support.endpoint import eventually
from tests.support.localcloud import LocalCloud, running

DAY = 86_400
LOCATION, PROJECT = "projects/sluice-local/locations/europe-west1", "projects/sluice-local"
SCOPE = "https://www.googleapis.com/auth/adwords"
numbers = itertools.count(1)


@dataclass(frozen=True)
class Ages:
    """A local cloud in a hurry, and clients of it."""

    cloud: LocalCloud
    tasks: CloudTasksClient
    publisher: PublisherClient
    subscriber: SubscriberClient

    def queue(self) -> str:
        """A paused one."""
        name = f"{LOCATION}/queues/queue-{next(numbers)}"
        self.tasks.create_queue(request={"parent": LOCATION, "queue": {"name": name}})
        self.tasks.pause_queue(name=name)
        return name

    def topic(self) -> str:
        name = f"{PROJECT}/topics/topic-{next(numbers)}"
        self.publisher.create_topic(name=name)
        return name

    def subscription(self, topic: str, **settings: Any) -> str:
        name = f"{PROJECT}/subscriptions/subscription-{next(numbers)}"
        self.subscriber.create_subscription(request={"name": name, "topic": topic, **settings})
        return name

    def publish(self, topic: str) -> float:
        """A moment at which "a" had been published."""
        self.publisher.publish(request={"topic": topic, "messages": [{"data": b"a"}]})
        return self.now()

    def texts(self, subscription: str) -> list[str]:
        pulled = self.subscriber.pull(subscription=subscription, max_messages=10)
        return [each.message.data.decode() for each in pulled.received_messages]

    def now(self) -> float:
        return float(self.cloud.ask("/control/clock")["now"])

    def calls(self, method: str, account: str, service: str = "cloudtasks") -> list[dict[str, Any]]:
        query = f"service={service}&method={method}&account={account.rpartition('/')[2]}"
        return list(self.cloud.ask(f"/control/calls?{query}"))


@pytest.fixture(scope="module")
def ages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ages]:
    directory = tmp_path_factory.mktemp("ages")
    arguments = ("--speed", "2000000", "--without", "storage")
    with running(directory, *arguments) as cloud, grpc.insecure_channel(cloud.grpc) as channel:
        yield Ages(
            cloud,
            CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel)),
            PublisherClient(transport=PublisherGrpcTransport(channel=channel)),
            SubscriberClient(transport=SubscriberGrpcTransport(channel=channel)),
        )


def goes_through(call: Callable[[], object], *refusals: type[Exception]) -> Callable[[], bool]:
    """A look for `eventually`: whether the call is no longer refused."""

    def look() -> bool:
        try:
            call()
        except refusals:
            return False
        return True

    return look


# Cloud Tasks


def test_the_name_of_a_task_is_free_again_after_a_day(ages: Ages) -> None:
    queue = ages.queue()
    name = f"{queue}/tasks/a"

    def create() -> None:
        task = {"name": name, "http_request": {"url": "http://127.0.0.1:1/"}}
        ages.tasks.create_task(request={"parent": queue, "task": task})

    create()
    ages.tasks.delete_task(name=name)
    eventually(goes_through(create, exceptions.AlreadyExists), bool)

    (deleted,) = ages.calls("DeleteTask", queue)
    assert ages.calls("CreateTask", queue)[-1]["ended"] - deleted["started"] >= DAY


def test_the_name_of_a_queue_is_free_again_after_three_days(ages: Ages) -> None:
    name = ages.queue()

    def create() -> None:
        ages.tasks.create_queue(request={"parent": LOCATION, "queue": {"name": name}})

    ages.tasks.delete_queue(name=name)
    eventually(goes_through(create, exceptions.FailedPrecondition), bool)

    (deleted,) = ages.calls("DeleteQueue", name)
    assert ages.calls("CreateQueue", name)[-1]["ended"] - deleted["started"] >= 3 * DAY


def test_a_task_lives_for_31_days(ages: Ages) -> None:
    queue = ages.queue()
    task = {"http_request": {"url": "http://127.0.0.1:1/"}}
    ages.tasks.create_task(request={"parent": queue, "task": task})

    eventually(lambda: list(ages.tasks.list_tasks(parent=queue)), lambda tasks: not tasks)

    (created,) = ages.calls("CreateTask", queue)
    assert ages.calls("ListTasks", queue)[-1]["ended"] - created["started"] >= 31 * DAY


# Pub/Sub


def test_a_message_is_kept_as_long_as_its_subscription_retains_it(ages: Ages) -> None:
    topic = ages.topic()
    short = ages.subscription(topic, message_retention_duration=timedelta(minutes=10))
    long = ages.subscription(topic, message_retention_duration=timedelta(days=31))
    published = ages.publish(topic)

    eventually(ages.now, lambda now: now > published + 600)

    assert ages.texts(long) == ["a"]  # first: its month is little more than a second
    assert ages.texts(short) == []


def test_seek_brings_back_only_what_is_retained(ages: Ages) -> None:
    topic, long_ago = ages.topic(), Timestamp(seconds=1)
    settings = {"retain_acked_messages": True, "message_retention_duration": timedelta(minutes=10)}
    name = ages.subscription(topic, **settings)
    published = ages.publish(topic)

    eventually(ages.now, lambda now: now > published + 600)
    ages.subscriber.seek(request={"subscription": name, "time": long_ago})

    assert ages.texts(name) == []


def test_an_idle_subscription_expires_unless_it_is_told_never_to(ages: Ages) -> None:
    topic = ages.topic()
    lasting = ages.subscription(topic, expiration_policy={})
    name = ages.subscription(topic, expiration_policy={"ttl": timedelta(days=2)})

    def listed() -> set[str]:
        """Asking for a subscription by name would keep it alive."""
        return set(ages.publisher.list_topic_subscriptions(topic=topic))

    assert eventually(listed, lambda names: name not in names) == {lasting}

    (created,) = ages.calls("CreateSubscription", name, "pubsub")
    assert ages.calls("ListTopicSubscriptions", topic, "pubsub")[-1]["ended"] - created["started"] >= 2 * DAY


# Google Ads


@pytest.fixture(scope="module")
def jobs(ages: Ages) -> Iterator[OfflineUserDataJobServiceClient]:
    """Over a channel of its own: the process's TLS roots are another local cloud's."""
    caller: Any = service_account.Credentials.from_service_account_file(
        ages.cloud.credentials, scopes=[SCOPE]
    )
    caller.refresh(Request())
    roots = grpc.ssl_channel_credentials(Path(ages.cloud.certificate).read_bytes())
    token = grpc.access_token_call_credentials(caller.token)
    with grpc.secure_channel(ages.cloud.ads, grpc.composite_channel_credentials(roots, token)) as channel:
        transport = OfflineUserDataJobServiceClient.get_transport_class()(channel=channel)
        yield OfflineUserDataJobServiceClient(transport=transport)


def test_a_job_has_to_be_run_within_five_days(ages: Ages, jobs: OfflineUserDataJobServiceClient) -> None:
    customer = "7000000001"
    lists = [{"id": 77, "name": "all", "upload_key_type": "CONTACT_INFO"}]
    ages.cloud.order("/control/ads/accounts", {"customer_id": customer, "user_lists": lists})
    metadata = {"user_list": f"customers/{customer}/userLists/77"}
    body = {"type_": "CUSTOMER_MATCH_USER_LIST", "customer_match_user_list_metadata": metadata}
    job = jobs.create_offline_user_data_job(request={"customer_id": customer, "job": body}).resource_name

    def gone() -> bool:
        try:
            jobs.run_offline_user_data_job(request={"resource_name": job, "validate_only": True})
        except exceptions.InvalidArgument:
            return True
        return False

    eventually(gone, bool)

    (created,) = ages.calls("CreateOfflineUserDataJob", customer, "google_ads")
    last = ages.calls("RunOfflineUserDataJob", customer, "google_ads")[-1]
    assert last["ended"] - created["started"] >= 5 * DAY
