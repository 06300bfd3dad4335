"""Pub/Sub of the local cloud through Google's own clients: a test is a rule of the service."""

import base64
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as StillStreaming
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import Any, TypeVar

import grpc
import jwt
import pytest
from google.api_core import exceptions
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.subscriber.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.pubsub_v1 import PublisherClient as GapicPublisher
from google.pubsub_v1 import SubscriberClient as GapicSubscriber
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import (
    ExpirationPolicy,
    PushConfig,
    ReceivedMessage,
    StreamingPullRequest,
    Subscription,
)

from infra.local.clock import SimClock
from tests.contract.backends import LOCAL, PUBSUBS
from tests.support.endpoint import PATIENCE, Endpoint, Reply, Seen, always, eventually, in_turn
from tests.support.localcloud import LocalCloud

PROJECT = "projects/sluice-local"
ELSEWHERE = (
    2.0,
    0.3,
)  # real seconds that a pull waits for a message and for none, where time is not simulated
LONG_AGO = Timestamp(seconds=1)
numbers = itertools.count(1)
T = TypeVar("T")


@dataclass(frozen=True)
class PubSub:
    """The two clients, and names that no other test uses."""

    cloud: LocalCloud
    publisher: pubsub_v1.PublisherClient
    subscriber: pubsub_v1.SubscriberClient
    host: str
    pull_seconds: float
    quiet_seconds: float
    clock: Callable[[], float]

    def topic(self, **settings: Any) -> str:
        name = f"{PROJECT}/topics/topic-{next(numbers)}"
        self.publisher.create_topic(request={"name": name, **settings})
        return name

    def subscription(self, topic: str, **settings: Any) -> str:
        """With a deadline that no test outlives, unless it says otherwise."""
        name = f"{PROJECT}/subscriptions/subscription-{next(numbers)}"
        request = {"name": name, "topic": topic, "ack_deadline_seconds": 600, **settings}
        self.subscriber.create_subscription(request=request)
        return name

    def pushed(self, topic: str, endpoint: Endpoint, **settings: Any) -> str:
        return self.subscription(topic, push_config={"push_endpoint": endpoint.url}, **settings)

    def publish(self, topic: str, text: str = "x", **attributes: Any) -> str:
        message_id: str = self.publisher.publish(topic, text.encode(), **attributes).result(PATIENCE)
        return message_id

    def publish_request(self, topic: str, *contents: bytes) -> None:
        """One request, past the batching of the client."""
        messages = [{"data": content} for content in contents]
        GapicPublisher.publish(self.publisher, request={"topic": topic, "messages": messages})

    def pull(self, subscription: str, seconds: float | None = None) -> list[ReceivedMessage]:
        """What there is now, or comes within 20 simulated seconds, or `seconds` of real time."""
        limit = seconds or self.pull_seconds
        try:
            answer = self.subscriber.pull(
                subscription=subscription, max_messages=1000, timeout=limit, retry=None
            )
        except exceptions.DeadlineExceeded:
            return []
        return list(answer.received_messages)

    def next(self, subscription: str) -> ReceivedMessage:
        return eventually(lambda: self.pull(subscription), bool)[0]

    def is_empty(self, subscription: str) -> bool:
        """Where time is real, nothing is waited for but the answer."""
        return not self.pull(subscription, self.quiet_seconds)

    def texts(self, subscription: str) -> list[str]:
        return [received.message.data.decode() for received in self.pull(subscription)]

    def nack(self, subscription: str, received: ReceivedMessage) -> None:
        self.subscriber.modify_ack_deadline(
            subscription=subscription, ack_ids=[received.ack_id], ack_deadline_seconds=0
        )

    def now(self) -> float:
        """Epoch seconds of the server's time."""
        return self.clock()


@pytest.fixture(scope="module", params=PUBSUBS)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def pubsub(backend: str, request: pytest.FixtureRequest, local_cloud: LocalCloud) -> Iterator[PubSub]:
    is_local = backend == LOCAL
    host = local_cloud.grpc if is_local else request.getfixturevalue("pubsub_emulator")
    clock = simulated(local_cloud) if is_local else SimClock.start(speed=1).now
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PUBSUB_EMULATOR_HOST", host)
        publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
    with subscriber:
        patience = (PATIENCE, PATIENCE) if is_local else ELSEWHERE
        yield PubSub(local_cloud, publisher, subscriber, host, *patience, clock)
    publisher.stop()
    publisher.transport.close()


def simulated(cloud: LocalCloud) -> Callable[[], float]:
    return lambda: float(cloud.ask("/control/clock")["now"])


# Topics and publishing


def test_a_topic_is_found_listed_and_deleted(pubsub: PubSub) -> None:
    name = pubsub.topic(labels={"team": "audiences"}, message_retention_duration=timedelta(days=2))

    found = pubsub.publisher.get_topic(topic=name)
    assert dict(found.labels) == {"team": "audiences"}
    assert found.message_retention_duration == timedelta(days=2)
    assert name in {topic.name for topic in pubsub.publisher.list_topics(project=PROJECT)}
    pubsub.publisher.delete_topic(topic=name)
    with pytest.raises(exceptions.NotFound):
        pubsub.publisher.get_topic(topic=name)


def test_lists_come_in_pages(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    attached = sorted(pubsub.subscription(topic) for _ in range(5))

    request = {"topic": topic, "page_size": 2}
    assert list(pubsub.publisher.list_topic_subscriptions(request=request)) == attached
    pages = list(pubsub.publisher.list_topic_subscriptions(request=request).pages)
    assert [len(page.subscriptions) for page in pages] == [2, 2, 1]


def test_a_topic_is_created_once(pubsub: PubSub) -> None:
    name = pubsub.topic()

    with pytest.raises(exceptions.AlreadyExists):
        pubsub.publisher.create_topic(name=name)


def test_publishing_to_an_unknown_topic_is_not_found(pubsub: PubSub) -> None:
    with pytest.raises(exceptions.NotFound):
        pubsub.publish(f"{PROJECT}/topics/nobody")


def test_an_empty_message_is_refused(pubsub: PubSub) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publish(pubsub.topic(), "")


def test_one_bad_message_keeps_the_whole_request_from_being_published(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)

    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publish_request(topic, b"good", b"")
    assert pubsub.is_empty(subscription)


def test_a_request_of_ten_megabytes_is_published_and_a_larger_one_is_not(pubsub: PubSub) -> None:
    topic = pubsub.topic()

    pubsub.publish_request(topic, b"x" * 9_999_000)
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publish_request(topic, b"x" * 10_000_001)


def test_a_message_arrives_with_its_attributes_id_and_simulated_time(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    before = pubsub.now()

    message_id = pubsub.publish(topic, "body", colour="red")

    message = pubsub.next(subscription).message
    assert (message.data, dict(message.attributes), message.message_id) == (
        b"body",
        {"colour": "red"},
        message_id,
    )
    published: datetime = message.publish_time  # type: ignore[assignment]
    assert before <= published.timestamp() <= pubsub.now()


def test_the_subscriptions_of_a_deleted_topic_say_so(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)

    pubsub.publisher.delete_topic(topic=topic)

    assert pubsub.subscriber.get_subscription(subscription=subscription).topic == "_deleted-topic_"


# Subscriptions


def test_a_subscription_is_given_back_as_it_was_made(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    settings = {
        "ack_deadline_seconds": 60,
        "retain_acked_messages": True,
        "message_retention_duration": timedelta(days=3),
        "filter": "attributes:a",
        "labels": {"team": "audiences"},
        "retry_policy": {"minimum_backoff": timedelta(seconds=5), "maximum_backoff": timedelta(seconds=50)},
        "dead_letter_policy": {"dead_letter_topic": graves, "max_delivery_attempts": 7},
        "expiration_policy": {"ttl": timedelta(days=9)},
        "push_config": {
            "push_endpoint": "http://127.0.0.1:1/",
            "oidc_token": {"service_account_email": "pusher@example.com", "audience": "me"},
        },
    }

    made = pubsub.subscriber.get_subscription(subscription=pubsub.subscription(topic, **settings))

    expected = Subscription(name=made.name, topic=topic, state="ACTIVE", **settings)
    assert made == expected


def test_unset_settings_take_the_services_defaults(pubsub: PubSub) -> None:
    graves = pubsub.topic()
    name = pubsub.subscription(
        pubsub.topic(),
        ack_deadline_seconds=0,
        retry_policy={},
        dead_letter_policy={"dead_letter_topic": graves},
    )

    made = pubsub.subscriber.get_subscription(subscription=name)

    assert made.ack_deadline_seconds == 10
    assert made.message_retention_duration == timedelta(days=7)
    assert made.expiration_policy.ttl == timedelta(days=31)
    assert made.dead_letter_policy.max_delivery_attempts == 5
    assert made.retry_policy.minimum_backoff == timedelta(seconds=10)
    assert made.retry_policy.maximum_backoff == timedelta(seconds=600)


@pytest.mark.parametrize(
    "settings",
    [
        {"ack_deadline_seconds": 9},
        {"ack_deadline_seconds": 601},
        {"message_retention_duration": timedelta(minutes=9)},
        {"message_retention_duration": timedelta(days=32)},
        {"retry_policy": {"minimum_backoff": timedelta(seconds=601)}},
        {"expiration_policy": {"ttl": timedelta(hours=23)}},
        pytest.param(
            {"filter": "attributes:a AND attributes:b OR attributes:c"}, id="a filter without brackets"
        ),
        pytest.param({"filter": f'attributes.a = "{"x" * 240}"'}, id="a filter of 257 bytes"),
        pytest.param({"filter": 'data = "x"'}, id="a filter on data"),
        {"push_config": {"push_endpoint": "localhost"}},
    ],
    ids=str,
)
def test_settings_outside_the_limits_are_refused(pubsub: PubSub, settings: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.subscription(pubsub.topic(), **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"ack_deadline_seconds": 10},
        {"ack_deadline_seconds": 600},
        {"message_retention_duration": timedelta(minutes=10)},
        {"message_retention_duration": timedelta(days=31)},
        {"retry_policy": {"minimum_backoff": timedelta(0), "maximum_backoff": timedelta(seconds=600)}},
        {"expiration_policy": {"ttl": timedelta(days=1)}},
        pytest.param({"filter": f'attributes.a = "{"x" * 239}"'}, id="a filter of 256 bytes"),
    ],
    ids=str,
)
def test_settings_at_the_limits_are_taken(pubsub: PubSub, settings: dict[str, Any]) -> None:
    name = pubsub.subscription(pubsub.topic(), **settings)

    made = pubsub.subscriber.get_subscription(subscription=name)
    assert made == Subscription(made, **settings)


def test_a_subscription_can_be_told_never_to_expire(pubsub: PubSub) -> None:
    made = pubsub.subscriber.get_subscription(
        subscription=pubsub.subscription(pubsub.topic(), expiration_policy={})
    )

    assert "expiration_policy" in made
    assert made.expiration_policy == ExpirationPolicy()


@pytest.mark.parametrize("attempts", [5, 100])
def test_a_dead_letter_policy_at_the_limits_is_taken(pubsub: PubSub, attempts: int) -> None:
    policy = {"dead_letter_topic": pubsub.topic(), "max_delivery_attempts": attempts}

    name = pubsub.subscription(pubsub.topic(), dead_letter_policy=policy)

    made = pubsub.subscriber.get_subscription(subscription=name)
    assert made.dead_letter_policy.max_delivery_attempts == attempts


@pytest.mark.parametrize("attempts", [4, 101])
def test_a_dead_letter_policy_outside_the_limits_is_refused(pubsub: PubSub, attempts: int) -> None:
    policy = {"dead_letter_topic": pubsub.topic(), "max_delivery_attempts": attempts}

    with pytest.raises(exceptions.InvalidArgument):
        pubsub.subscription(pubsub.topic(), dead_letter_policy=policy)


@pytest.mark.needs("refusals")
@pytest.mark.parametrize(
    "settings",
    [
        {"enable_message_ordering": True},
        {"enable_exactly_once_delivery": True},
        {"bigquery_config": {"table": "p.d.t"}},
        {"push_config": {"push_endpoint": "http://127.0.0.1:1", "no_wrapper": {}}},
    ],
    ids=str,
)
def test_what_is_not_supported_is_said_so_and_not_ignored(pubsub: PubSub, settings: dict[str, Any]) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="not supported by the local cloud"):
        pubsub.subscription(pubsub.topic(), **settings)


@pytest.mark.needs("refusals")
def test_methods_that_are_not_supported_answer_with_words(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    calls: list[Callable[[], object]] = [
        lambda: pubsub.subscriber.create_snapshot(name=f"{PROJECT}/snapshots/s", subscription=subscription),
        lambda: pubsub.subscriber.seek(request={"subscription": subscription, "snapshot": "s"}),
        lambda: pubsub.publisher.detach_subscription(request={"subscription": subscription}),
        lambda: pubsub.publisher.update_topic(
            request={"topic": {"name": topic}, "update_mask": {"paths": ["labels"]}}
        ),
        lambda: pubsub.publisher.get_iam_policy(request={"resource": topic}),
    ]

    for call in calls:
        with pytest.raises(exceptions.MethodNotImplemented, match="not supported by the local cloud"):
            call()


def test_an_update_changes_what_its_mask_names_and_nothing_else(pubsub: PubSub) -> None:
    name = pubsub.subscription(
        pubsub.topic(),
        retry_policy={"minimum_backoff": timedelta(seconds=5)},
        labels={"team": "audiences"},
    )
    wanted = {"name": name, "ack_deadline_seconds": 77, "labels": {"team": "others"}}

    mask = {"paths": ["ack_deadline_seconds", "retry_policy"]}
    updated = pubsub.subscriber.update_subscription(request={"subscription": wanted, "update_mask": mask})

    assert updated.ack_deadline_seconds == 77
    assert not updated.retry_policy
    assert dict(updated.labels) == {"team": "audiences"}
    assert pubsub.subscriber.get_subscription(subscription=name) == updated


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"filter": "attributes:a"}, ["filter"]),
        ({"topic": f"{PROJECT}/topics/other"}, ["topic"]),
        ({"ack_deadline_seconds": 5}, ["ack_deadline_seconds"]),
        ({}, ["no_such_field"]),
        ({}, []),
    ],
    ids=str,
)
def test_an_update_that_cannot_be_is_refused(
    pubsub: PubSub, change: dict[str, Any], paths: list[str]
) -> None:
    name = pubsub.subscription(pubsub.topic())

    with pytest.raises(exceptions.InvalidArgument):
        pubsub.subscriber.update_subscription(
            request={"subscription": {"name": name, **change}, "update_mask": {"paths": paths}}
        )


def test_an_empty_push_config_turns_a_push_subscription_into_a_pull_one(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with Endpoint(always(500)) as endpoint:
        name = pubsub.pushed(topic, endpoint)
        with pytest.raises(exceptions.FailedPrecondition):
            pubsub.pull(name)

        pubsub.subscriber.modify_push_config(subscription=name, push_config=PushConfig())

    pubsub.publish(topic, "a")
    assert pubsub.next(name).message.data == b"a"


# Pull


def test_a_pull_waits_for_a_message(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pulled: Queue[list[ReceivedMessage]] = Queue()
    puller = threading.Thread(target=lambda: pulled.put([pubsub.next(name)]))

    puller.start()
    pubsub.publish(topic, "a")

    assert [each.message.data for each in pulled.get(timeout=PATIENCE)] == [b"a"]
    puller.join()


def test_a_pull_that_is_to_return_immediately_does(pubsub: PubSub) -> None:
    name = pubsub.subscription(pubsub.topic())
    before = pubsub.now()

    with pytest.warns(DeprecationWarning, match="return_immediately"):
        answer = pubsub.subscriber.pull(
            request={"subscription": name, "max_messages": 1, "return_immediately": True}
        )

    assert not answer.received_messages
    assert pubsub.now() - before < 20


@pytest.mark.needs("simulated_time")
def test_a_message_comes_back_when_its_deadline_passes(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, ack_deadline_seconds=10)
    pubsub.publish(topic)

    first, second = pubsub.next(name), pubsub.next(name)

    assert first.message.message_id == second.message.message_id
    assert first.ack_id != second.ack_id


def test_an_acknowledged_message_is_gone(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, ack_deadline_seconds=10)
    pubsub.publish(topic)
    received = pubsub.next(name)
    pubsub.subscriber.modify_ack_deadline(
        subscription=name, ack_ids=[received.ack_id], ack_deadline_seconds=600
    )

    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[received.ack_id])

    assert pubsub.is_empty(name)


@pytest.mark.needs("simulated_time")
def test_attempts_are_one_and_every_nack_and_every_passed_deadline(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    policy = {"dead_letter_topic": graves}
    name = pubsub.subscription(topic, ack_deadline_seconds=10, dead_letter_policy=policy)
    pubsub.publish(topic)

    first, second = pubsub.next(name), pubsub.next(name)  # its deadline passes
    pubsub.nack(name, second)
    third = pubsub.next(name)

    assert [each.delivery_attempt for each in (first, second, third)] == [1, 2, 3]


def test_without_a_dead_letter_policy_attempts_are_not_told(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic)

    first = pubsub.next(name)
    pubsub.nack(name, first)

    assert [first.delivery_attempt, pubsub.next(name).delivery_attempt] == [0, 0]


@pytest.mark.needs("simulated_time")
def test_the_backoff_doubles_with_every_failure(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    policy = {"minimum_backoff": timedelta(seconds=10), "maximum_backoff": timedelta(seconds=30)}
    name = pubsub.subscription(topic, retry_policy=policy)
    pubsub.publish(topic)
    received, waits = pubsub.next(name), []

    for _ in range(4):
        pubsub.nack(name, received)
        nacked = pubsub.now()
        received = pubsub.next(name)
        waits.append(pubsub.now() - nacked)

    # a nack takes effect before its answer arrives
    assert all(wait >= least for wait, least in zip(waits, (9, 19, 29, 29), strict=True))


@pytest.mark.needs("simulated_time")
def test_a_nack_brings_the_message_back_after_the_backoff(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, retry_policy={"minimum_backoff": timedelta(seconds=60)})
    pubsub.publish(topic)

    pubsub.nack(name, pubsub.next(name))
    nacked = pubsub.now()
    pubsub.next(name)

    assert 59 <= pubsub.now() - nacked < 600


def test_malformed_and_missing_ack_ids_are_refused(pubsub: PubSub) -> None:
    name = pubsub.subscription(pubsub.topic())

    for ack_ids in ([], ["nonsense"]):
        with pytest.raises(exceptions.InvalidArgument):
            pubsub.subscriber.acknowledge(subscription=name, ack_ids=ack_ids)


def test_a_filter_lets_only_its_messages_through(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, filter='hasPrefix(attributes.type, "segment.") AND NOT attributes:test')

    pubsub.publish(topic, "no", type="part.failed")
    pubsub.publish(topic, "neither", type="segment.failed", test="1")
    pubsub.publish(topic, "yes", type="segment.failed")

    assert pubsub.next(name).message.data == b"yes"
    assert pubsub.is_empty(name)


def test_what_a_filter_holds_back_counts_as_acknowledged(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, filter="attributes:wanted", retain_acked_messages=True)
    pubsub.publish(topic, "no")
    pubsub.publish(topic, "yes", wanted="1")
    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[pubsub.next(name).ack_id])

    pubsub.subscriber.seek(request={"subscription": name, "time": LONG_AGO})

    assert pubsub.texts(name) == ["yes"]


def test_a_message_that_fails_too_often_becomes_a_dead_letter(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    mourners = pubsub.subscription(graves)
    policy = {"dead_letter_topic": graves, "max_delivery_attempts": 5}
    name = pubsub.subscription(topic, dead_letter_policy=policy)
    pubsub.publish(topic, "a", colour="red")

    attempts = []
    for _ in range(5):
        received = pubsub.next(name)
        attempts.append(received.delivery_attempt)
        pubsub.nack(name, received)

    assert pubsub.is_empty(name)
    letter = pubsub.next(mourners).message
    assert attempts == [1, 2, 3, 4, 5]
    assert letter.data == b"a"
    assert letter.attributes["colour"] == "red"
    assert letter.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert letter.attributes["CloudPubSubDeadLetterSourceSubscription"] == name.rpartition("/")[2]
    assert letter.attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] == "sluice-local"
    published = datetime.fromisoformat(letter.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"])
    assert abs(published.timestamp() - pubsub.now()) < 3600


def test_a_dead_letter_topic_without_a_subscription_loses_everything(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    policy = {"dead_letter_topic": graves, "max_delivery_attempts": 5}
    name = pubsub.subscription(topic, dead_letter_policy=policy)
    pubsub.publish(topic)

    for _ in range(5):
        pubsub.nack(name, pubsub.next(name))

    assert pubsub.is_empty(name)
    assert pubsub.is_empty(pubsub.subscription(graves))


def test_a_seek_back_needs_messages_to_be_retained(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic)
    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[pubsub.next(name).ack_id])

    pubsub.subscriber.seek(request={"subscription": name, "time": LONG_AGO})

    assert pubsub.is_empty(name)


def test_seek_moves_a_subscription_through_time(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, retain_acked_messages=True)
    pubsub.publish(topic, "first")
    pubsub.publish(topic, "second")
    received = pubsub.pull(name)
    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[each.ack_id for each in received])
    first, second = (each.message.publish_time for each in received)

    pubsub.subscriber.seek(request={"subscription": name, "time": first})
    assert pubsub.texts(name) == ["first", "second"]
    pubsub.subscriber.seek(request={"subscription": name, "time": second})
    later = Timestamp()
    later.FromDatetime(datetime.fromtimestamp(pubsub.now() + 3600, UTC))
    pubsub.subscriber.seek(request={"subscription": name, "time": later})
    assert pubsub.is_empty(name)


def test_a_client_by_emulator_variable_takes_4_mebibytes_and_one_with_its_own_channel_more(
    pubsub: PubSub,
) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish_request(topic, bytes(5_000_000))

    with pytest.raises(exceptions.ResourceExhausted, match="larger than max"):
        pubsub.pull(name)

    again = pubsub.subscription(topic)
    pubsub.publish_request(topic, bytes(5_000_000))
    with grpc.insecure_channel(pubsub.host, [("grpc.max_receive_message_length", -1)]) as channel:
        subscriber = GapicSubscriber(transport=SubscriberGrpcTransport(channel=channel))
        answer = subscriber.pull(subscription=again, max_messages=1, timeout=PATIENCE)
    assert [len(each.message.data) for each in answer.received_messages] == [5_000_000]


# Streaming pull


@contextmanager
def streaming(
    pubsub: PubSub, name: str, callback: Callable[[Message], object], messages: int = 1000
) -> Iterator[None]:
    # Of the server's seconds, which pass a hundred times as fast: fewer are over before a busy test has looked.
    flow = pubsub_v1.types.FlowControl(max_messages=messages, min_duration_per_lease_extension=600)
    future = pubsub.subscriber.subscribe(name, callback, flow_control=flow)
    try:
        yield
    finally:
        future.cancel()
        future.result(PATIENCE)


def test_a_stream_delivers_what_is_there_and_what_comes(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    arrived: Queue[bytes] = Queue()

    def take(message: Message) -> None:
        arrived.put(message.data)
        message.ack()

    pubsub.publish(topic, "before")
    with streaming(pubsub, name, take):
        assert arrived.get(timeout=PATIENCE) == b"before"
        pubsub.publish(topic, "during")
        assert arrived.get(timeout=PATIENCE) == b"during"


def test_acks_on_a_stream_count(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    arrived: Queue[str] = Queue()

    def take(message: Message) -> None:
        message.ack()
        arrived.put(message.message_id)

    sent = {pubsub.publish(topic) for _ in range(50)}
    with streaming(pubsub, name, take):
        assert {arrived.get(timeout=PATIENCE) for _ in sent} == sent
    pubsub.subscriber.seek(request={"subscription": name, "time": LONG_AGO})

    assert pubsub.is_empty(name)


def test_a_nack_on_a_stream_delivers_again_with_the_next_attempt(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    name = pubsub.subscription(topic, dead_letter_policy={"dead_letter_topic": graves})
    attempts: Queue[int] = Queue()

    def take(message: Message) -> None:
        attempts.put(message.delivery_attempt or 0)
        (message.nack if message.delivery_attempt == 1 else message.ack)()

    pubsub.publish(topic)
    with streaming(pubsub, name, take):
        assert [attempts.get(timeout=PATIENCE), attempts.get(timeout=PATIENCE)] == [1, 2]


def test_flow_control_holds_back_what_the_client_does_not_want_yet(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, ack_deadline_seconds=600)
    arrived: Queue[Message] = Queue()
    for number in range(5):
        pubsub.publish(topic, str(number))

    with streaming(pubsub, name, arrived.put, messages=2):
        first, _ = arrived.get(timeout=PATIENCE), arrived.get(timeout=PATIENCE)
        assert pubsub.texts(name) == ["2", "3", "4"]  # the server still has them
        pubsub.publish(topic, "late")
        first.ack()
        assert arrived.get(timeout=PATIENCE).data == b"late"


def test_a_stream_on_a_deleted_subscription_ends_with_not_found(pubsub: PubSub) -> None:
    name = pubsub.subscription(pubsub.topic())
    future = pubsub.subscriber.subscribe(name, lambda message: message.ack())
    with pytest.raises(StillStreaming):
        future.result(0.1)

    pubsub.subscriber.delete_subscription(subscription=name)

    with pytest.raises(exceptions.NotFound):
        future.result(PATIENCE)


def conversation(pubsub: PubSub, *requests: dict[str, Any]) -> list[ReceivedMessage]:
    """What a stream brings that is told all this and no more; the stream ends with its last word."""
    written = [StreamingPullRequest(**request) for request in requests]
    answers = pubsub.subscriber.streaming_pull(requests=iter(written), timeout=PATIENCE)
    return [received for answer in answers for received in answer.received_messages]


def test_an_empty_request_only_keeps_a_stream_alive(pubsub: PubSub) -> None:
    name = pubsub.subscription(pubsub.topic())

    first = {"subscription": name, "stream_ack_deadline_seconds": 60, "max_outstanding_messages": 5}
    assert conversation(pubsub, first, {}, {"stream_ack_deadline_seconds": 30}, {}) == []


@pytest.mark.parametrize(
    "request_",
    [
        {"subscription": "again"},
        {"max_outstanding_messages": 1},
        {"client_id": "other"},
        {"stream_ack_deadline_seconds": 9},
        {"ack_ids": ["nonsense"]},
        {"modify_deadline_ack_ids": ["1-2-3"], "modify_deadline_seconds": []},
    ],
    ids=str,
)
def test_a_stream_is_ended_by_what_it_may_not_be_told(pubsub: PubSub, request_: dict[str, Any]) -> None:
    name = pubsub.subscription(pubsub.topic())

    with pytest.raises(exceptions.InvalidArgument):
        conversation(pubsub, {"subscription": name, "stream_ack_deadline_seconds": 60}, request_)


def test_a_stream_begins_with_its_subscription_and_a_deadline(pubsub: PubSub) -> None:
    name = pubsub.subscription(pubsub.topic())

    with pytest.raises(exceptions.InvalidArgument):
        conversation(pubsub, {"subscription": name})
    with pytest.raises(exceptions.NotFound):
        conversation(pubsub, {"subscription": f"{name}-x", "stream_ack_deadline_seconds": 60})


# Push


def test_a_push_wraps_the_message(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with Endpoint(always(204)) as endpoint:
        name = pubsub.pushed(topic, endpoint)
        message_id = pubsub.publish(topic, "body", colour="red")

        pushed = endpoint.wait_for(1)[0]

    message = pushed.json["message"]
    assert pushed.headers["Content-Type"] == "application/json"
    assert base64.b64decode(message["data"]) == b"body"
    assert message["attributes"] == {"colour": "red"}
    assert message["messageId"] == message["message_id"] == message_id
    assert pushed.json["subscription"] == name
    assert "deliveryAttempt" not in pushed.json
    assert pushed.headers["Authorization"] is None


@pytest.mark.needs("tokens")
@pytest.mark.parametrize("audience", ["", "https://ingest.example.com"])
def test_a_push_is_signed_for_its_audience_or_else_its_url(pubsub: PubSub, audience: str) -> None:
    topic = pubsub.topic()
    with Endpoint(always(200)) as endpoint:
        token = {"service_account_email": "pusher@example.com", "audience": audience}
        config = {"push_endpoint": endpoint.url, "oidc_token": token}
        pubsub.subscription(topic, push_config=config)
        pubsub.publish(topic)

        bearer = endpoint.wait_for(1)[0].headers["Authorization"].removeprefix("Bearer ")

    claims = jwt.decode(bearer, options={"verify_signature": False})
    assert (claims["aud"], claims["email"]) == (audience or endpoint.url, "pusher@example.com")
    assert claims["iss"] == pubsub.cloud.issuer


@pytest.mark.needs("tokens")
def test_a_pushs_token_is_signed_by_the_published_key_and_lives_an_hour(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with Endpoint(always(200)) as endpoint:
        token = {"service_account_email": "pusher@example.com"}
        pubsub.subscription(topic, push_config={"push_endpoint": endpoint.url, "oidc_token": token})
        pubsub.publish(topic)
        bearer = endpoint.wait_for(1)[0].headers["Authorization"].removeprefix("Bearer ")

    key = jwt.PyJWKClient(pubsub.cloud.keys).get_signing_key_from_jwt(bearer)
    simulated = {"verify_iat": False, "verify_exp": False}
    claims = jwt.decode(bearer, key.key, algorithms=["RS256"], audience=endpoint.url, options=simulated)  # type: ignore[arg-type]
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - pubsub.now()) < 600


def test_a_push_tells_when_a_message_was_published_and_its_ordering_key(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    message = {"data": b"a", "ordering_key": "account-1"}
    with Endpoint(always(200)) as endpoint:
        pubsub.pushed(topic, endpoint)
        GapicPublisher.publish(pubsub.publisher, request={"topic": topic, "messages": [message]})
        pushed = endpoint.wait_for(1)[0].json["message"]

    assert pushed["orderingKey"] == "account-1"
    assert pushed["publishTime"] == pushed["publish_time"]
    assert datetime.fromisoformat(pushed["publishTime"]).tzinfo


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_these_answers_to_a_push_acknowledge(pubsub: PubSub, status: int) -> None:
    topic = pubsub.topic()
    with Endpoint(always(status)) as endpoint:
        name = pubsub.pushed(topic, endpoint)
        pubsub.publish(topic)
        endpoint.wait_for(1)
        pubsub.subscriber.modify_push_config(subscription=name, push_config=PushConfig())

        assert pubsub.texts(name) == []


@pytest.mark.parametrize("status", [203, 304, 500])
def test_any_other_answer_to_a_push_is_a_nack(pubsub: PubSub, status: int) -> None:
    topic = pubsub.topic()
    with Endpoint(in_turn(status)) as endpoint:
        pubsub.pushed(topic, endpoint)
        pubsub.publish(topic)

        assert len({push.json["message"]["messageId"] for push in endpoint.wait_for(2)}) == 1


def test_a_nacked_push_is_sent_again_with_its_attempt(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    with Endpoint(in_turn(500, 429)) as endpoint:
        pubsub.pushed(topic, endpoint, dead_letter_policy={"dead_letter_topic": graves})
        pubsub.publish(topic)

        pushes = endpoint.wait_for(3)

    assert [push.json["deliveryAttempt"] for push in pushes] == [1, 2, 3]
    assert len({push.json["message"]["messageId"] for push in pushes}) == 1


@pytest.mark.needs("control")
def test_a_push_to_nobody_is_sent_again(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with Endpoint(always(200)) as gone:
        pass
    name = pubsub.pushed(topic, gone)
    message_id = pubsub.publish(topic)
    calls = f"/control/calls?service=pubsub&method=push&account={name.rpartition('/')[2]}"
    failed = eventually(lambda: [call for call in pubsub.cloud.ask(calls) if call["ended"]], bool)

    with Endpoint(always(200), port=gone.port) as endpoint:
        pushed = endpoint.wait_for(1)[0]

    assert failed[0]["status"] == "UNAVAILABLE"
    assert failed[0]["resource"] == pushed.json["message"]["messageId"] == message_id


@pytest.mark.needs("control", "simulated_time")
def test_a_push_that_takes_longer_than_the_ack_deadline_has_expired(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    ended = threading.Event()

    def slow_once(seen: Seen) -> Reply:
        if seen.json["deliveryAttempt"] == 1:
            ended.wait(PATIENCE)
        return Reply(200)

    with Endpoint(slow_once) as endpoint:
        policy = {"dead_letter_topic": graves}
        name = pubsub.pushed(topic, endpoint, ack_deadline_seconds=10, dead_letter_policy=policy)
        pubsub.publish(topic)
        pushes = endpoint.wait_for(2)
        ended.set()

    assert [push.json["deliveryAttempt"] for push in pushes] == [1, 2]
    calls = pubsub.cloud.ask(f"/control/calls?service=pubsub&method=push&account={name.rpartition('/')[2]}")
    assert calls[0]["status"] == "DEADLINE_EXCEEDED"
    assert calls[0]["ended"] - calls[0]["started"] >= 10


# The gate


@pytest.mark.needs("control")
def test_calls_are_recorded_under_topic_and_subscription(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic)
    pubsub.next(name)

    def calls(method: str, resource: str) -> list[dict[str, Any]]:
        account = resource.rpartition("/")[2]
        query = f"/control/calls?service=pubsub&method={method}&account={account}"
        return list(pubsub.cloud.ask(query))

    assert [call["status"] for call in calls("Publish", topic)] == ["OK"]
    assert len(calls("CreateSubscription", name)) == 1
    assert calls("Pull", name)


@pytest.mark.needs("control")
def test_an_injected_error_is_the_status_and_nothing_is_published(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    aimed = {"service": "pubsub", "method": "Publish", "account": topic.rpartition("/")[2]}
    pubsub.cloud.fault(**aimed, action="error", code="PERMISSION_DENIED")

    with pytest.raises(exceptions.PermissionDenied, match="injected"):
        pubsub.publish(topic)
    assert pubsub.is_empty(name)


@pytest.mark.needs("control")
def test_a_lost_answer_is_published_twice_by_the_clients_own_retry(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    aimed = {"service": "pubsub", "method": "Publish", "account": topic.rpartition("/")[2]}
    pubsub.cloud.fault(**aimed, action="lose_answer", code="UNAVAILABLE")

    pubsub.publish(topic, "a")

    assert pubsub.texts(name) == ["a", "a"]


@pytest.mark.needs("control")
def test_a_duplicate_fault_makes_a_push_twice(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with Endpoint(always(200)) as endpoint:
        name = pubsub.pushed(topic, endpoint)
        pubsub.cloud.fault(
            service="pubsub", method="push", account=name.rpartition("/")[2], action="duplicate"
        )
        pubsub.publish(topic)
        copies = endpoint.wait_for(2)

    assert copies[0].body == copies[1].body


@pytest.mark.needs("control")
def test_an_injected_error_keeps_a_push_from_being_made_and_counts_as_a_failure(pubsub: PubSub) -> None:
    topic, graves = pubsub.topic(), pubsub.topic()
    with Endpoint(always(200)) as endpoint:
        name = pubsub.pushed(topic, endpoint, dead_letter_policy={"dead_letter_topic": graves})
        pubsub.cloud.fault(service="pubsub", method="push", account=name.rpartition("/")[2], action="error")
        pubsub.publish(topic)
        pushes = endpoint.wait_for(1)

    assert [push.json["deliveryAttempt"] for push in pushes] == [2]
