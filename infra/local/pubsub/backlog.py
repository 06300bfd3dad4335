"""The messages of one subscription: who has which, until when, and how often it went wrong.

A pure state machine that is told the time. It knows neither topics nor other subscriptions: what has used up
its delivery attempts is laid out in `spent`, and the engine carries it to the dead-letter topic.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from heapq import heappop, heappush
from math import inf

from infra.local.pubsub import filters
from infra.local.pubsub.message import Message
from infra.local.pubsub.settings import SubscriptionSettings, redelivery_delay
from infra.local.pubsub.window import Window
from infra.local.refused import invalid

ACK_ID = re.compile(r"(\d+)-(\d+)-(\d+)")
# A client that PUBSUB_EMULATOR_HOST configures refuses answers over 4 MiB. A single message may be larger.
MAX_ANSWER_BYTES = 3_500_000
MAX_OUTSTANDING_PUSHES = 100


class State(Enum):
    """Where a message stands."""

    READY = auto()  # published, sought back, or its backoff is over; leaves when it is handed out
    OUTSTANDING = auto()  # handed out; leaves by ack, by nack, or when its ack deadline passes
    WAITING = auto()  # after a nack or a passed deadline, until the retry policy's backoff is over
    ACKED = auto()  # kept for seek only, where acked messages are retained


@dataclass(slots=True)
class Item:
    """`failures`: nacks and passed deadlines. `deliveries`: how often handed out; only the newest ack id
    counts. `due`: when the ack deadline (OUTSTANDING) or the backoff (WAITING) ends."""

    message: Message
    state: State = State.READY
    failures: int = 0
    deliveries: int = 0
    due: float = 0.0
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery. `attempt` is 1 + failures with a dead-letter policy and 0 without."""

    ack_id: str
    message: Message
    attempt: int


class Backlog:
    def __init__(self, settings: SubscriptionSettings, number: int, now: float) -> None:
        """`number` marks this subscription's ack ids: those of another one are refused."""
        self.settings = settings
        self.active = now
        self.push_window = Window(max_messages=MAX_OUTSTANDING_PUSHES)
        self.spent: list[Item] = []
        self._number = number
        self._matches = filters.parse(settings.filter)
        self._items: OrderedDict[int, Item] = OrderedDict()
        self._ready: list[int] = []
        self._timers: list[tuple[float, int]] = []

    def configure(self, settings: SubscriptionSettings) -> None:
        """New settings; the filter stays what it was."""
        self.settings = settings
        for item in [each for each in self._items.values() if each.state is State.ACKED]:
            self.settle(item)

    def add(self, message: Message) -> bool:
        """False: the filter does not let the message through, which counts as acknowledged."""
        if not self._matches(message.attributes):
            return False
        self._items[message.sequence] = Item(message)
        heappush(self._ready, message.sequence)
        return True

    def take(self, now: float, limit: int, window: Window, deadline: float) -> list[Received]:
        """Hands out the oldest messages: at most `limit`, what the window allows, what fits an answer."""
        taken: list[Received] = []
        room = MAX_ANSWER_BYTES
        while len(taken) < limit and window.is_open() and (item := self._first_ready()):
            room -= item.message.size
            if taken and room < 0:
                break
            taken.append(self._hand_out(item, window, now + deadline))
        return taken

    def acknowledge(self, ack_id: str) -> None:
        """Also works after the deadline, as long as nobody else has been given the message."""
        if item := self._find(ack_id):
            self.settle(item)

    def settle(self, item: Item) -> None:
        """The message is acknowledged, by the subscriber or in its place."""
        self._release(item)
        item.state = State.ACKED
        if not self.settings.retain_acked:
            self._items.pop(item.message.sequence, None)

    def extend(self, ack_id: str, until: float) -> None:
        item = self._find(ack_id)
        if item and item.state is State.OUTSTANDING:
            self._wake_at(item, until)

    def nack(self, ack_id: str, now: float) -> None:
        item = self._find(ack_id)
        if item and item.state is State.OUTSTANDING:
            self._fail(item, now)

    def advance(self, now: float) -> bool:
        """Ends the deadlines and backoffs that are due. True: there is more to hand out, or room for it."""
        moved = False
        while self._timers and self._timers[0][0] <= now:
            due, sequence = heappop(self._timers)
            item = self._items.get(sequence)
            if item and item.due == due:
                moved = self._lapse(item) or moved
        return moved

    def next_due(self) -> float:
        """When `advance` has something to do, at the earliest; inf: never."""
        return self._timers[0][0] if self._timers else inf

    def forget(self, published_before: float) -> None:
        """Retention: what was published before is gone, whatever its state."""
        while self._items:
            item = next(iter(self._items.values()))
            if item.message.published > published_before:
                return
            self._release(item)
            self._items.popitem(last=False)

    def seek(self, moment: float, log: Iterable[Message]) -> None:
        """Acknowledges what was published before `moment` and brings back what was published since.

        It comes back if this subscription still has it, or if the topic's log does (of a topic that retains).
        """
        for item in list(self._items.values()):
            self._seek_item(item, moment)
        for message in log:
            if message.published >= moment and message.sequence not in self._items:
                self.add(message)
        self._items = OrderedDict(sorted(self._items.items()))

    def _seek_item(self, item: Item, moment: float) -> None:
        if item.message.published < moment:
            self.settle(item)
        elif item.state is State.ACKED:
            item.failures = 0
            self._make_ready(item)

    def _first_ready(self) -> Item | None:
        """Stays in the heap, in case that it does not fit into the answer; stale entries go."""
        while self._ready:
            item = self._items.get(self._ready[0])
            if item and item.state is State.READY:
                return item
            heappop(self._ready)
        return None

    def _hand_out(self, item: Item, window: Window, deadline: float) -> Received:
        item.state, item.window = State.OUTSTANDING, window
        item.deliveries += 1
        window.hold(item.message.size)
        self._wake_at(item, deadline)
        attempt = item.failures + 1 if self.settings.dead_letter else 0
        return Received(f"{self._number}-{item.message.sequence}-{item.deliveries}", item.message, attempt)

    def _find(self, ack_id: str) -> Item | None:
        """The item of this ack id, unless it is gone or has been handed out again."""
        match = ACK_ID.fullmatch(ack_id)
        if match is None or int(match[1]) != self._number:
            raise invalid(f"{ack_id!r} is not an ack id of this subscription")
        item = self._items.get(int(match[2]))
        return item if item and item.deliveries == int(match[3]) else None

    def _lapse(self, item: Item) -> bool:
        match item.state:
            case State.OUTSTANDING:
                self._fail(item, item.due)  # not when it is noticed: that may be later
            case State.WAITING:
                self._make_ready(item)
            case _:
                return False
        return True

    def _fail(self, item: Item, now: float) -> None:
        self._release(item)
        item.failures += 1
        item.state = State.WAITING
        self._wake_at(item, now + redelivery_delay(self.settings, item.failures))
        policy = self.settings.dead_letter
        if policy and item.failures >= policy.attempts:
            self.spent.append(item)

    def _make_ready(self, item: Item) -> None:
        item.state = State.READY
        heappush(self._ready, item.message.sequence)

    def _wake_at(self, item: Item, due: float) -> None:
        item.due = due
        heappush(self._timers, (due, item.message.sequence))

    def _release(self, item: Item) -> None:
        if item.window:
            item.window.release(item.message.size)
            item.window = None
