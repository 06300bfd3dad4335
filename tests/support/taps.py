"""Listening in on a subscription: every message since it was opened, in the order of its arrival."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from google.cloud.pubsub_v1 import SubscriberClient


class Received(Protocol):
    """What of Google's message class is used here."""

    @property
    def message_id(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    def ack(self) -> None: ...


@dataclass(frozen=True)
class Message:
    id: str
    data: bytes
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Tap:
    """`messages` grows while it is looked at, `news` is set when it does."""

    news: Event
    messages: list[Message] = field(default_factory=list)

    def hear(self, received: Received) -> None:
        """In the client's threads."""
        self.messages.append(Message(received.message_id, received.data, dict(received.attributes)))
        received.ack()
        self.news.set()


@contextmanager
def tapped(subscriber: SubscriberClient, subscription: str, news: Event) -> Iterator[Tap]:
    tap = Tap(news)
    stream = subscriber.subscribe(subscription, callback=tap.hear)
    try:
        yield tap
    finally:
        stream.cancel()
        stream.result()
