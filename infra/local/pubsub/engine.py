"""Pub/Sub as a state machine: topics, subscriptions, and the way of every message between them.

Synchronous, no I/O, no threads: it is told the time and asks nobody. Faces deliver; listeners hear the name of
a subscription that has something for them. The rules are those of the comments in google.pubsub.v1.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from math import inf

from infra.local.pubsub import message as messages
from infra.local.pubsub import names
from infra.local.pubsub.backlog import Backlog, Item, Received
from infra.local.pubsub.message import Message
from infra.local.pubsub.settings import (
    LONGEST_DEADLINE,
    Push,
    SubscriptionSettings,
    TopicSettings,
    check_subscription,
    check_topic,
)
from infra.local.pubsub.window import Window
from infra.local.refused import Refused, invalid, not_found

Listener = Callable[[str], None]
DEAD_LETTER_SOURCE = "CloudPubSubDeadLetterSource"


@dataclass(slots=True)
class Topic:
    """`log`: the messages of the last `retention` seconds, only kept by a topic that retains."""

    settings: TopicSettings
    subscriptions: dict[str, None] = field(default_factory=dict)
    log: deque[Message] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class Pushed:
    """One message handed out for pushing."""

    subscription: str
    push: Push
    ack_deadline: int
    received: Received


class PubSubEngine:
    def __init__(self, now: Callable[[], float], random: random.Random) -> None:
        """`now`: epoch seconds; `random` only chooses where message ids begin."""
        self._now = now
        self._sequences = count(random.randrange(10**14, 10**15))
        self._numbers = count(1)
        self._topics: dict[str, Topic] = {}
        self._backlogs: dict[str, Backlog] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """From now on, `listener` is called with the name of each subscription that changed."""
        self._listeners.append(listener)

    # Topics

    def create_topic(self, name: str, settings: TopicSettings) -> None:
        if names.checked(name, "topics") in self._topics:
            raise Refused("ALREADY_EXISTS", f"{name} exists already")
        check_topic(settings)
        self._topics[name] = Topic(settings)

    def topic(self, name: str) -> TopicSettings:
        return self._topic(name).settings

    def topics(self, project: str) -> list[str]:
        return sorted(name for name in self._topics if name.startswith(f"{project}/"))

    def topic_subscriptions(self, name: str) -> list[str]:
        return sorted(self._topic(name).subscriptions)

    def delete_topic(self, name: str) -> None:
        """Its subscriptions live on, with what they have, and call their topic `_deleted-topic_`."""
        for subscription in self._topic(name).subscriptions:
            backlog = self._backlogs[subscription]
            backlog.settings = replace(backlog.settings, topic=names.DELETED_TOPIC)
        del self._topics[name]

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str], ordering_key: str = "") -> str:
        """Returns the message's id. Raises Refused for an unknown topic or for content over the limits."""
        messages.check(data, attributes)
        return self._publish(self._topic(topic), data, attributes, ordering_key).id

    # Subscriptions

    def create_subscription(self, name: str, settings: SubscriptionSettings) -> None:
        if names.checked(name, "subscriptions") in self._backlogs:
            raise Refused("ALREADY_EXISTS", f"{name} exists already")
        topic = self._topic(settings.topic)
        self._check_subscription(settings)
        self._backlogs[name] = Backlog(settings, next(self._numbers), self._now())
        topic.subscriptions[name] = None

    def subscription(self, name: str) -> SubscriptionSettings:
        return self._backlog(name).settings

    def subscriptions(self, project: str) -> list[str]:
        return sorted(name for name in self._backlogs if name.startswith(f"{project}/"))

    def update_subscription(self, name: str, settings: SubscriptionSettings) -> None:
        backlog = self._backlog(name)
        if (settings.topic, settings.filter) != (backlog.settings.topic, backlog.settings.filter):
            raise invalid("a subscription's topic and filter cannot change")
        self._check_subscription(settings)
        backlog.configure(settings)
        self._announce(name)

    def delete_subscription(self, name: str) -> None:
        self._backlog(name)
        self._drop(name)

    def pull(
        self, name: str, limit: int, window: Window | None = None, deadline: float | None = None
    ) -> list[Received]:
        """Hands out up to `limit` messages. `window`: the subscriber's flow control; `deadline`: seconds to
        ack, if other than the subscription's. Refused for push subscriptions."""
        backlog = self._backlog(name)
        if backlog.settings.push:
            raise Refused("FAILED_PRECONDITION", f"{name} is a push subscription: it cannot be pulled")
        return self._take(backlog, limit, window or Window(), deadline)

    def pushes(self) -> list[Pushed]:
        """Hands out what push subscriptions may send now."""
        self.advance()
        return [
            pushed for name, backlog in self._backlogs.items() for pushed in self._pushes_of(name, backlog)
        ]

    def acknowledge(self, name: str, ack_ids: Sequence[str]) -> None:
        backlog = self._backlog(name)
        for ack_id in ack_ids:
            backlog.acknowledge(ack_id)
        self._announce(name)

    def modify_ack_deadline(self, name: str, ack_ids: Sequence[str], seconds: int) -> None:
        """0 gives the messages back (nack), anything else is the new time to ack, from now."""
        if not 0 <= seconds <= LONGEST_DEADLINE:
            raise invalid(f"an ack deadline is between 0 and 600 seconds, not {seconds}")
        backlog, now = self._backlog(name), self._now()
        for ack_id in ack_ids:
            if seconds:
                backlog.extend(ack_id, now + seconds)
            else:
                backlog.nack(ack_id, now)
        self.advance()
        self._announce(name)

    def seek(self, name: str, moment: float) -> None:
        """Acks everything older than `moment`, un-acks everything since that is still retained."""
        backlog = self._backlog(name)
        self._forget(backlog)
        backlog.seek(moment, self._log(backlog.settings.topic))
        self._announce(name)

    # Time

    def advance(self) -> None:
        """What time alone does: deadlines and backoffs end, dead letters go, idle subscriptions expire."""
        now = self._now()
        for name, backlog in list(self._backlogs.items()):
            if now >= _expiry(backlog):
                self._drop(name)
            elif backlog.advance(now) or backlog.spent:
                self._bury(name, backlog)
                self._announce(name)

    def next_due(self) -> float:
        """When `advance` has something to do, at the earliest (epoch seconds); inf: never."""
        return min((min(each.next_due(), _expiry(each)) for each in self._backlogs.values()), default=inf)

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            raise not_found(names.checked(name, "topics"))
        return self._topics[name]

    def _backlog(self, name: str) -> Backlog:
        """Up to date. Every use of a subscription passes here and keeps it alive."""
        self.advance()
        if name not in self._backlogs:
            raise not_found(names.checked(name, "subscriptions"))
        backlog = self._backlogs[name]
        backlog.active = self._now()
        return backlog

    def _drop(self, name: str) -> None:
        backlog = self._backlogs.pop(name)
        if topic := self._topics.get(backlog.settings.topic):
            del topic.subscriptions[name]
        self._announce(name)

    def _check_subscription(self, settings: SubscriptionSettings) -> None:
        check_subscription(settings)
        if settings.dead_letter:
            self._topic(settings.dead_letter.topic)

    def _publish(
        self, topic: Topic, data: bytes, attributes: Mapping[str, str], ordering_key: str
    ) -> Message:
        published = round(self._now(), 6)
        message = Message(next(self._sequences), data, dict(attributes), ordering_key, published)
        if topic.settings.retention:
            topic.log.append(message)
            self._trim(topic)
        for name in topic.subscriptions:
            if self._backlogs[name].add(message):
                self._announce(name)
        return message

    def _take(self, backlog: Backlog, limit: int, window: Window, deadline: float | None) -> list[Received]:
        self._forget(backlog)
        return backlog.take(self._now(), limit, window, deadline or backlog.settings.ack_deadline)

    def _pushes_of(self, name: str, backlog: Backlog) -> Iterable[Pushed]:
        settings = backlog.settings
        if settings.push is None:
            return
        room = backlog.push_window.max_messages
        for received in self._take(backlog, room, backlog.push_window, None):
            yield Pushed(name, settings.push, settings.ack_deadline, received)

    def _forget(self, backlog: Backlog) -> None:
        """The longer of the two retentions counts: what a topic retains, its subscriptions can have."""
        topic = self._topics.get(backlog.settings.topic)
        kept_by_topic = (topic.settings.retention if topic else None) or 0.0
        backlog.forget(self._now() - max(backlog.settings.retention, kept_by_topic))

    def _log(self, topic_name: str) -> Iterable[Message]:
        """What the topic still retains: nothing, if it never did or is deleted."""
        topic = self._topics.get(topic_name)
        if topic is None:
            return ()
        self._trim(topic)
        return topic.log

    def _trim(self, topic: Topic) -> None:
        published_before = self._now() - (topic.settings.retention or 0.0)
        while topic.log and topic.log[0].published <= published_before:
            topic.log.popleft()

    def _bury(self, name: str, backlog: Backlog) -> None:
        """Publishes what has used up its attempts as dead letters. Without their topic, messages stay."""
        spent, backlog.spent = backlog.spent, []
        policy = backlog.settings.dead_letter
        topic = self._topics.get(policy.topic) if policy else None
        if topic:
            for item in spent:
                source = {**item.message.attributes, **_dead_letter_source(name, item)}
                self._publish(topic, item.message.data, source, item.message.ordering_key)
                backlog.settle(item)

    def _announce(self, name: str) -> None:
        for listener in self._listeners:
            listener(name)


def _expiry(backlog: Backlog) -> float:
    life = backlog.settings.idle_life
    return inf if life is None else backlog.active + life


def _dead_letter_source(subscription: str, item: Item) -> dict[str, str]:
    """The attributes that tell a dead letter's origin; the time in the form that Pub/Sub gives it there."""
    published = datetime.fromtimestamp(item.message.published, UTC).isoformat(timespec="milliseconds")
    return {
        f"{DEAD_LETTER_SOURCE}DeliveryCount": str(item.failures),
        f"{DEAD_LETTER_SOURCE}Subscription": names.short_id(subscription),
        f"{DEAD_LETTER_SOURCE}SubscriptionProject": names.project_id(subscription),
        f"{DEAD_LETTER_SOURCE}TopicPublishTime": published,
    }
