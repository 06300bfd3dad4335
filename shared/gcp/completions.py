"""Listening to `completions`: events in their type, chosen, without repeats, acknowledged when the consumer has done with them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from google.api_core.exceptions import GoogleAPICallError, NotFound, PermissionDenied, RetryError

from shared.consuming import Interest, Seen
from shared.errors import ConfigurationError, SluiceError, TransientError
from shared.log import get_logger
from shared.model.codec import DocumentError, decode
from shared.model.events import Event
from shared.settings import Settings

_DAY = 24 * 3600
_TIMEOUT = 10
_LOOK = 1.0
_PULLED = 1000
_PATIENCE = 4
"""Seconds that a pull waits for a first message."""
_AT_ONCE = 100
"""Messages that are received and not acknowledged yet: a consumer that stops keeps no more from others."""


class Message(Protocol):
    """What of a received Pub/Sub message is used here."""

    @property
    def message_id(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    def ack(self) -> None: ...
    def drop(self) -> None: ...


@dataclass(frozen=True)
class Heard:
    """An event, and the very bytes that it came in."""

    event: Event
    content: bytes


@dataclass
class Events:
    """To be iterated over by one thread, for ever; `take` waits for a while only. An event is acknowledged when the next one is asked
    for, so that one whose consumer dies over it comes again."""

    interest: Interest = field(default_factory=Interest)
    seen: Seen = field(default_factory=Seen)
    _received: SimpleQueue[Message] = field(default_factory=SimpleQueue)
    _in_hand: list[Message] = field(default_factory=list)
    _broken: Callable[[], BaseException | None] = lambda: None

    def receive(self, message: Message) -> None:
        """In the client's threads."""
        self._received.put(message)

    def __iter__(self) -> Iterator[Event]:
        while True:
            yield from (heard.event for heard in self.take(None))

    def take(self, seconds: float | None) -> list[Heard]:
        """The next, as a list of one; after so many seconds without any an empty one. Raises ConfigurationError where the subscription
        cannot be listened to, TransientError where Pub/Sub is away for good."""
        self._done()
        while True:
            message = self._next(seconds)
            if message is None:
                return []
            if heard := self._wanted(message):
                self._in_hand.append(message)
                return [heard]

    def _next(self, seconds: float | None) -> Message | None:
        while True:
            try:
                return self._received.get(timeout=_LOOK if seconds is None else seconds)
            except Empty:
                if error := self._broken():
                    raise _said(error) from error
                if seconds is not None:
                    return None

    def _wanted(self, message: Message) -> Heard | None:
        """What is no event is neither lost nor in the way: it comes again when its time is over, to whoever can read it."""
        try:
            event = decode(Event, message.data)
        except DocumentError as error:
            get_logger().error("message_is_no_event", message_id=message.message_id, why=str(error))
            message.drop()  # a nack would bring it back at once, for ever
            return None
        if self.interest.holds(event) and self.seen.is_new(event.event_id):
            return Heard(event, message.data)
        message.ack()
        return None

    def _done(self) -> None:
        while self._in_hand:
            self._in_hand.pop().ack()


def _said(error: BaseException) -> SluiceError:
    what = f"Pub/Sub streaming pull: {type(error).__name__}"
    if isinstance(error, NotFound | PermissionDenied):
        return ConfigurationError(f"{what}: name a subscription that there is, and that you may listen to")
    return TransientError(what)


@contextmanager
def temporary(settings: Settings, topic: str, name: str) -> Iterator[str]:
    """A subscription of this name that is there as long as somebody listens; Pub/Sub removes it after a day, should he not come to that.
    Raises TransientError where it cannot be made."""
    from google.cloud.pubsub_v1 import SubscriberClient
    from google.protobuf.duration_pb2 import Duration
    from google.pubsub_v1.types import ExpirationPolicy, Subscription

    with SubscriberClient() as client:
        path = client.subscription_path(settings.project, name)
        wanted = Subscription(
            name=path,
            topic=f"projects/{settings.project}/topics/{topic}",
            expiration_policy=ExpirationPolicy(ttl=Duration(seconds=_DAY)),
        )
        with _reached(f"subscribe to {topic}"):
            client.create_subscription(request=wanted, timeout=_TIMEOUT)
        try:
            yield name
        finally:
            with suppress(GoogleAPICallError, RetryError):
                client.delete_subscription(subscription=path, timeout=_TIMEOUT)


@contextmanager
def _reached(what: str) -> Iterator[None]:
    try:
        yield
    except (GoogleAPICallError, RetryError) as error:
        raise TransientError(f"Pub/Sub {what}: {type(error).__name__}") from error


@contextmanager
def listen(
    project: str,
    subscription: str,
    *,
    types: Collection[str] = (),
    accounts: Collection[str] = (),
    segments: Collection[str] = (),
) -> Iterator[Events]:
    """`subscription`: its short name. The client finds an emulator by PUBSUB_EMULATOR_HOST. What is in hand at the end comes again."""
    from google.cloud.pubsub_v1 import SubscriberClient
    from google.cloud.pubsub_v1.types import FlowControl

    events = Events(Interest(types, accounts, segments))
    with SubscriberClient() as client:
        stream = client.subscribe(
            client.subscription_path(project, subscription),
            callback=events.receive,
            flow_control=FlowControl(max_messages=_AT_ONCE),
        )
        events._broken = lambda: stream.exception(0) if stream.done() else None
        try:
            yield events
        finally:
            stream.cancel()
            with suppress(GoogleAPICallError, RetryError):  # it was said already
                stream.result()


@dataclass(frozen=True)
class Batch:
    """Pulled messages, each by what acknowledges it and its data."""

    messages: list[tuple[str, bytes]]
    acknowledge: Callable[[Iterable[str]], None]


def batches(project: str, subscription: str) -> Iterator[Batch]:
    """What waits, until nothing more comes within a few seconds. Raises TransientError."""
    from google.cloud.pubsub_v1 import SubscriberClient

    with SubscriberClient() as client:
        path = client.subscription_path(project, subscription)

        def acknowledge(ids: Iterable[str]) -> None:
            if wanted := list(ids):
                with _reached(f"acknowledge on {subscription}"):
                    client.acknowledge(subscription=path, ack_ids=wanted, timeout=_TIMEOUT)

        while messages := _pulled(client, path):
            yield Batch(messages, acknowledge)


def _pulled(client: Any, path: str) -> list[tuple[str, bytes]]:
    """A pull without messages ends by its deadline."""
    from google.api_core.exceptions import DeadlineExceeded

    name = path.rpartition("/")[2]
    try:
        with _reached(f"pull from {name}"):
            answer = client.pull(subscription=path, max_messages=_PULLED, timeout=_PATIENCE, retry=None)
    except TransientError as error:
        if isinstance(error.__cause__, DeadlineExceeded):
            return []
        raise
    return [(each.ack_id, bytes(each.message.data)) for each in answer.received_messages]
