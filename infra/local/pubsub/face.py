"""Pub/Sub on the wire: google.pubsub.v1.Publisher and Subscriber for a grpc.aio server.

Translates, waits for messages, and nothing else: every rule is in the engine. Deadlines, pushes and expiries
need push.run beside it. IAM, snapshots, schemas, detaching and topic updates answer UNIMPLEMENTED.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

from infra.local import rpc
from infra.local.alarm import Alarm
from infra.local.clock import SimClock
from infra.local.control.control import Control
from infra.local.fields import masked, seconds
from infra.local.paging import page
from infra.local.pubsub import message as messages
from infra.local.pubsub import names, wire
from infra.local.pubsub.engine import PubSubEngine
from infra.local.pubsub.stream import Stream
from infra.local.refused import invalid, unimplemented
from infra.local.rpc import Send

Message = Any

MAX_PUBLISHED_AT_ONCE = 1000
MAX_PULLED_AT_ONCE = 1000
# A pull without return_immediately waits "for a bounded amount of time": well within the client's default of
# 60 s.
LONGEST_PULL = 20.0

PublishResponse, PullResponse = types.PublishResponse.pb(), types.PullResponse.pb()
ListTopicsResponse = types.ListTopicsResponse.pb()
ListTopicSubscriptionsResponse = types.ListTopicSubscriptionsResponse.pb()
ListSubscriptionsResponse = types.ListSubscriptionsResponse.pb()
SeekResponse = types.SeekResponse.pb()

IAM_METHODS = ("SetIamPolicy", "GetIamPolicy", "TestIamPermissions")
SCHEMA_METHODS = (
    *("CreateSchema", "GetSchema", "ListSchemas", "ListSchemaRevisions", "CommitSchema", "RollbackSchema"),
    *("DeleteSchemaRevision", "DeleteSchema", "ValidateSchema", "ValidateMessage"),
)
SNAPSHOT_METHODS = ("GetSnapshot", "ListSnapshots", "CreateSnapshot", "UpdateSnapshot", "DeleteSnapshot")


def handlers(engine: PubSubEngine, control: Control, clock: SimClock) -> list[grpc.GenericRpcHandler]:
    gate = partial(control.call, "pubsub")
    return [
        rpc.service("google.pubsub.v1.Publisher", _publisher(Publisher(engine)), gate),
        rpc.service("google.pubsub.v1.Subscriber", _subscriber(Subscriber(engine, clock)), gate),
        rpc.service("google.pubsub.v1.SchemaService", rpc.unsupported(SCHEMA_METHODS, "schemas"), gate),
        rpc.service("google.iam.v1.IAMPolicy", rpc.unsupported(IAM_METHODS, "IAM"), gate),
    ]


class Publisher:
    def __init__(self, engine: PubSubEngine) -> None:
        self._engine = engine

    def create_topic(self, request: Message) -> Message:
        self._engine.create_topic(request.name, wire.topic_settings(request))
        return self._topic(request.name)

    def get_topic(self, request: Message) -> Message:
        return self._topic(request.topic)

    def list_topics(self, request: Message) -> Message:
        found, token = page(self._engine.topics(request.project), request.page_size, request.page_token)
        return ListTopicsResponse(topics=map(self._topic, found), next_page_token=token)

    def list_topic_subscriptions(self, request: Message) -> Message:
        attached = self._engine.topic_subscriptions(request.topic)
        found, token = page(attached, request.page_size, request.page_token)
        return ListTopicSubscriptionsResponse(subscriptions=found, next_page_token=token)

    def delete_topic(self, request: Message) -> Message:
        self._engine.delete_topic(request.topic)
        return Empty()

    def publish(self, request: Message) -> Message:
        """All messages or none: they are checked before the first one is published."""
        _check_publish(request)
        ids = [
            self._engine.publish(request.topic, each.data, each.attributes, each.ordering_key)
            for each in request.messages
        ]
        return PublishResponse(message_ids=ids)

    def _topic(self, name: str) -> Message:
        return wire.topic_message(name, self._engine.topic(name))


class Subscriber:
    def __init__(self, engine: PubSubEngine, clock: SimClock) -> None:
        self._engine = engine
        self._clock = clock
        self._news: defaultdict[str, Alarm] = defaultdict(lambda: Alarm(clock))
        engine.listen(lambda name: self._news[name].ring())

    def create_subscription(self, request: Message) -> Message:
        self._engine.create_subscription(request.name, wire.subscription_settings(request))
        return self._subscription(request.name)

    def get_subscription(self, request: Message) -> Message:
        return self._subscription(request.subscription)

    def update_subscription(self, request: Message) -> Message:
        """The mask's fields as in the request, all others as they are."""
        if not request.update_mask.paths:
            raise invalid("update_mask must name at least one field")
        name = request.subscription.name
        merged = masked(self._subscription(name), request.subscription, request.update_mask)
        self._engine.update_subscription(name, wire.subscription_settings(merged))
        return self._subscription(name)

    def modify_push_config(self, request: Message) -> Message:
        current = self._subscription(request.subscription)
        current.push_config.CopyFrom(request.push_config)
        self._engine.update_subscription(request.subscription, wire.subscription_settings(current))
        return Empty()

    def list_subscriptions(self, request: Message) -> Message:
        found, token = page(
            self._engine.subscriptions(request.project), request.page_size, request.page_token
        )
        return ListSubscriptionsResponse(subscriptions=map(self._subscription, found), next_page_token=token)

    def delete_subscription(self, request: Message) -> Message:
        self._engine.delete_subscription(request.subscription)
        return Empty()

    async def pull(self, request: Message) -> Message:
        """Waits for the first message, unless it is to return immediately."""
        if request.max_messages <= 0:
            raise invalid("max_messages must be positive")
        limit = min(request.max_messages, MAX_PULLED_AT_ONCE)
        patience = 0.0 if request.return_immediately else LONGEST_PULL
        end = self._clock.now() + patience
        while not (received := self._engine.pull(request.subscription, limit)) and self._clock.now() < end:
            await self._news[request.subscription].wait(end)
        return PullResponse(received_messages=map(wire.received_message, received))

    async def streaming_pull(self, first: Message, requests: AsyncIterator[Message], send: Send) -> None:
        await Stream(self._engine, self._news[first.subscription], first).run(requests, send)

    def acknowledge(self, request: Message) -> Message:
        self._engine.acknowledge(request.subscription, _some(request.ack_ids))
        return Empty()

    def modify_ack_deadline(self, request: Message) -> Message:
        self._engine.modify_ack_deadline(
            request.subscription, _some(request.ack_ids), request.ack_deadline_seconds
        )
        return Empty()

    def seek(self, request: Message) -> Message:
        if request.WhichOneof("target") != "time":
            raise unimplemented("seek to a snapshot")
        self._engine.seek(request.subscription, seconds(request, "time", 0.0))
        return SeekResponse()

    def _subscription(self, name: str) -> Message:
        return wire.subscription_message(name, self._engine.subscription(name))


_about = partial(rpc.about, subject=names.subject)


def _publisher(face: Publisher) -> dict[str, rpc.Method]:
    return {
        "CreateTopic": rpc.Unary(types.Topic.pb(), _about("name"), face.create_topic),
        "GetTopic": rpc.Unary(types.GetTopicRequest.pb(), _about("topic"), face.get_topic),
        "ListTopics": rpc.Unary(types.ListTopicsRequest.pb(), _about("project"), face.list_topics),
        "ListTopicSubscriptions": rpc.Unary(
            types.ListTopicSubscriptionsRequest.pb(),
            _about("topic"),
            face.list_topic_subscriptions,
        ),
        "DeleteTopic": rpc.Unary(types.DeleteTopicRequest.pb(), _about("topic"), face.delete_topic),
        "Publish": rpc.Unary(types.PublishRequest.pb(), _about("topic"), face.publish),
        **rpc.unsupported(["UpdateTopic"], "changing a topic"),
        **rpc.unsupported(["ListTopicSnapshots"], "snapshots"),
        **rpc.unsupported(["DetachSubscription"], "detaching a subscription"),
    }


def _subscriber(face: Subscriber) -> dict[str, rpc.Method]:
    about = _about("subscription")
    return {
        "CreateSubscription": rpc.Unary(types.Subscription.pb(), _about("name"), face.create_subscription),
        "GetSubscription": rpc.Unary(types.GetSubscriptionRequest.pb(), about, face.get_subscription),
        "UpdateSubscription": rpc.Unary(
            types.UpdateSubscriptionRequest.pb(),
            _about("subscription.name"),
            face.update_subscription,
        ),
        "ModifyPushConfig": rpc.Unary(types.ModifyPushConfigRequest.pb(), about, face.modify_push_config),
        "ListSubscriptions": rpc.Unary(
            types.ListSubscriptionsRequest.pb(), _about("project"), face.list_subscriptions
        ),
        "DeleteSubscription": rpc.Unary(
            types.DeleteSubscriptionRequest.pb(), about, face.delete_subscription
        ),
        "Pull": rpc.Unary(types.PullRequest.pb(), about, face.pull),
        "StreamingPull": rpc.Stream(types.StreamingPullRequest.pb(), about, face.streaming_pull),
        "Acknowledge": rpc.Unary(types.AcknowledgeRequest.pb(), about, face.acknowledge),
        "ModifyAckDeadline": rpc.Unary(types.ModifyAckDeadlineRequest.pb(), about, face.modify_ack_deadline),
        "Seek": rpc.Unary(types.SeekRequest.pb(), about, face.seek),
        **rpc.unsupported(SNAPSHOT_METHODS, "snapshots"),
    }


def _check_publish(request: Message) -> None:
    if not 0 < len(request.messages) <= MAX_PUBLISHED_AT_ONCE:
        raise invalid(f"a publish request has 1 to {MAX_PUBLISHED_AT_ONCE} messages")
    if request.ByteSize() > messages.MAX_BYTES:
        raise invalid(f"a publish request has at most {messages.MAX_BYTES:,} bytes")
    for each in request.messages:
        messages.check(each.data, each.attributes)


def _some(ack_ids: list[str]) -> list[str]:
    if not ack_ids:
        raise invalid("ack_ids must not be empty")
    return ack_ids
