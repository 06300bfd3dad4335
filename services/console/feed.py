"""Listens to `completions` on a subscription of its own, and hands the events to one reader, repeats included."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from infra.provision import pull_subscription
from services.console.deployment import Deployment
from shared.model.codec import decode
from shared.model.events import Event


class Message(Protocol):
    """What of a received Pub/Sub message is used here."""

    @property
    def data(self) -> bytes: ...
    def ack(self) -> None: ...


@dataclass(frozen=True)
class Published:
    """An event, and the bytes that it came in: one event id must always have the same."""

    event: Event
    content: bytes


class Feed:
    def __init__(self) -> None:
        self._received: SimpleQueue[bytes] = SimpleQueue()

    def receive(self, message: Message) -> None:
        """In the client's threads: the content is looked at by the reader, who can do something about it."""
        self._received.put(message.data)
        message.ack()

    def take(self, seconds: float) -> list[Published]:
        """All that has come, after waiting at most so long for the first."""
        contents = []
        try:
            contents.append(self._received.get(timeout=seconds))
            while True:
                contents.append(self._received.get_nowait())
        except Empty:
            return [Published(decode(Event, content), content) for content in contents]


@contextmanager
def listening(deployment: Deployment) -> Iterator[Feed]:
    """From now on: what was published before is not heard."""
    admin, topic = deployment.admin, deployment.topology.topics.completions
    name = pull_subscription(admin, deployment.site, "console", topic)
    feed = Feed()
    stream = admin.subscriber.subscribe(name, callback=feed.receive)
    try:
        yield feed
    finally:
        stream.cancel()
        stream.result()
