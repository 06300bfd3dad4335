"""Pub/Sub's rules on a virtual clock: who gets a message, how often, and for how long."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from infra.local.pubsub.backlog import MAX_ANSWER_BYTES, Received
from infra.local.pubsub.engine import PubSubEngine
from infra.local.pubsub.message import MAX_BYTES
from infra.local.pubsub.settings import (
    DAY,
    MINUTE,
    DeadLetterPolicy,
    Push,
    RetryPolicy,
    SubscriptionSettings,
    TopicSettings,
    redelivery_delay,
)
from infra.local.pubsub.window import Window
from infra.local.refused import Refused

TOPIC, GRAVES = "projects/p/topics/orders", "projects/p/topics/graves"
NAME, MOURNERS = "projects/p/subscriptions/orders", "projects/p/subscriptions/mourners"
PLAIN = SubscriptionSettings(TOPIC)
FOREVER = 10**6


class World:
    """An engine with one topic, and the clock it is told."""

    def __init__(self, topic: TopicSettings | None = None) -> None:
        self.now = 1_800_000_000.0
        self.engine = PubSubEngine(lambda: self.now, random.Random(1))
        self.engine.create_topic(TOPIC, topic or TopicSettings())

    def subscribe(self, settings: SubscriptionSettings = PLAIN, name: str = NAME) -> None:
        self.engine.create_subscription(name, settings)

    def publish(self, text: str = "x", **attributes: str) -> str:
        return self.engine.publish(TOPIC, text.encode(), attributes)

    def pull(self, name: str = NAME, limit: int = 100) -> list[Received]:
        return self.engine.pull(name, limit)

    def texts(self, name: str = NAME) -> list[str]:
        """What a pull brings now."""
        return [received.message.data.decode() for received in self.pull(name)]

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.engine.advance()

    def nack(self, received: Received) -> None:
        self.engine.modify_ack_deadline(NAME, [received.ack_id], 0)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


# Topics and publishing


def test_every_subscription_of_a_topic_gets_each_message_once() -> None:
    world = World()
    world.subscribe()
    world.subscribe(name=MOURNERS)

    world.publish("a")
    world.publish("b")

    assert world.texts() == ["a", "b"]
    assert world.texts(MOURNERS) == ["a", "b"]
    assert world.texts() == []


def test_a_subscription_knows_nothing_of_earlier_messages() -> None:
    world = World()
    world.publish("before")
    world.subscribe()

    assert world.texts() == []


def test_message_ids_are_unique_across_topics() -> None:
    world = World()
    world.engine.create_topic(GRAVES, TopicSettings())

    ids = {world.engine.publish(topic, b"x", {}) for topic in (TOPIC, GRAVES) for _ in range(50)}

    assert len(ids) == 100


@pytest.mark.parametrize(
    ("data", "attributes"),
    [
        (b"", {}),
        (b"x" * (MAX_BYTES + 1), {}),
        (b"x", {"": "v"}),
        (b"x", {"goog-internal": "v"}),
        (b"x", {"k" * 257: "v"}),
        (b"x", {"k": "v" * 1025}),
        (b"x", {str(number): "v" for number in range(101)}),
    ],
)
def test_content_outside_the_limits_is_not_published(data: bytes, attributes: dict[str, str]) -> None:
    world = World()

    assert refusal(lambda: world.engine.publish(TOPIC, data, attributes)) == "INVALID_ARGUMENT"


def test_an_unknown_name_is_not_found_and_a_malformed_one_is_invalid() -> None:
    world = World()

    assert refusal(lambda: world.engine.publish("projects/p/topics/other", b"x", {})) == "NOT_FOUND"
    assert refusal(lambda: world.engine.topic("orders")) == "INVALID_ARGUMENT"
    assert refusal(lambda: world.engine.create_topic("projects/p/topics/goog", TopicSettings())) == (
        "INVALID_ARGUMENT"
    )


def test_names_are_taken_once() -> None:
    world = World()
    world.subscribe()

    assert refusal(lambda: world.engine.create_topic(TOPIC, TopicSettings())) == "ALREADY_EXISTS"
    assert refusal(world.subscribe) == "ALREADY_EXISTS"


def test_the_subscriptions_of_a_deleted_topic_keep_their_messages() -> None:
    world = World()
    world.subscribe()
    world.publish("a")

    world.engine.delete_topic(TOPIC)

    assert world.engine.subscription(NAME).topic == "_deleted-topic_"
    assert world.texts() == ["a"]


def test_a_topic_made_anew_does_not_get_the_old_subscriptions_back() -> None:
    world = World()
    world.subscribe()
    world.engine.delete_topic(TOPIC)
    world.engine.create_topic(TOPIC, TopicSettings())

    world.publish("a")

    assert world.engine.topic_subscriptions(TOPIC) == []
    assert world.texts() == []


# Acknowledging


def test_an_acknowledged_message_never_comes_back() -> None:
    world = World()
    world.subscribe()
    world.publish()

    world.engine.acknowledge(NAME, [world.pull()[0].ack_id])
    world.wait(DAY)

    assert world.texts() == []


def test_acknowledging_twice_does_no_harm() -> None:
    world = World()
    world.subscribe()
    world.publish()
    ack_id = world.pull()[0].ack_id

    world.engine.acknowledge(NAME, [ack_id, ack_id])
    world.engine.acknowledge(NAME, [ack_id])

    assert world.texts() == []


def test_a_message_comes_back_when_its_deadline_passes() -> None:
    world = World()
    world.subscribe()
    world.publish("a")
    world.pull()

    world.wait(9.9)
    assert world.texts() == []
    world.wait(0.1)
    assert world.texts() == ["a"]


def test_a_late_acknowledgement_counts_while_nobody_else_has_the_message() -> None:
    world = World()
    world.subscribe()
    world.publish()
    late = world.pull()[0]
    world.wait(11)

    world.engine.acknowledge(NAME, [late.ack_id])

    assert world.texts() == []


def test_a_late_acknowledgement_is_void_once_the_message_is_delivered_again() -> None:
    world = World()
    world.subscribe()
    world.publish("a")
    late = world.pull()[0]
    world.wait(11)
    world.pull()

    world.engine.acknowledge(NAME, [late.ack_id])
    world.wait(11)

    assert world.texts() == ["a"]


def test_a_nacked_message_comes_back_at_once() -> None:
    world = World()
    world.subscribe()
    world.publish("a")

    world.nack(world.pull()[0])

    assert world.texts() == ["a"]


def test_a_deadline_is_moved_from_now_on() -> None:
    world = World()
    world.subscribe()
    world.publish("a")
    ack_id = world.pull()[0].ack_id
    world.wait(9)

    world.engine.modify_ack_deadline(NAME, [ack_id], 60)
    world.wait(59)
    assert world.texts() == []
    world.wait(1)
    assert world.texts() == ["a"]


def test_a_deadline_can_also_be_shortened() -> None:
    world = World()
    world.subscribe(replace(PLAIN, ack_deadline=600))
    world.publish("a")

    world.engine.modify_ack_deadline(NAME, [world.pull()[0].ack_id], 1)
    world.wait(1)

    assert world.texts() == ["a"]


def test_ack_ids_of_another_subscription_are_refused() -> None:
    world = World()
    world.subscribe()
    world.subscribe(name=MOURNERS)
    world.publish()
    ack_id = world.pull()[0].ack_id

    assert refusal(lambda: world.engine.acknowledge(MOURNERS, [ack_id])) == "INVALID_ARGUMENT"
    assert refusal(lambda: world.engine.acknowledge(NAME, ["nonsense"])) == "INVALID_ARGUMENT"


# Retries and dead letters


def test_backoff_doubles_between_the_policys_bounds() -> None:
    settings = replace(PLAIN, retry=RetryPolicy(10, 60))

    assert [redelivery_delay(settings, failures) for failures in range(1, 6)] == [10, 20, 40, 60, 60]


@given(
    st.floats(0, 600), st.floats(0, 600), st.integers(1, FOREVER), st.sampled_from([None, Push("http://h")])
)
def test_backoff_stays_within_the_policy(one: float, other: float, failures: int, push: Push | None) -> None:
    retry = RetryPolicy(min(one, other), max(one, other))

    delay = redelivery_delay(replace(PLAIN, retry=retry, push=push), failures)

    assert retry.minimum <= delay <= max(retry.maximum, 0.1 if push else 0.0)


def test_without_a_policy_a_push_waits_and_a_pull_does_not() -> None:
    assert redelivery_delay(PLAIN, 3) == 0
    assert redelivery_delay(replace(PLAIN, push=Push("http://h")), 3) == 40


def test_a_nacked_message_waits_for_its_backoff() -> None:
    world = World()
    world.subscribe(replace(PLAIN, retry=RetryPolicy(5, 600)))
    world.publish("a")

    world.nack(world.pull()[0])
    world.wait(4.9)
    assert world.texts() == []
    world.wait(0.1)
    assert world.texts() == ["a"]


def test_attempts_are_counted_only_with_a_dead_letter_policy() -> None:
    world = World()
    world.subscribe()
    world.publish()
    world.nack(world.pull()[0])

    assert world.pull()[0].attempt == 0


def burying(world: World, attempts: int = 5, **changes: Any) -> None:
    world.engine.create_topic(GRAVES, TopicSettings())
    world.engine.create_subscription(MOURNERS, SubscriptionSettings(GRAVES))
    settings = replace(PLAIN, dead_letter=DeadLetterPolicy(GRAVES, attempts))
    world.subscribe(replace(settings, **changes))


def test_an_attempt_is_one_more_than_nacks_and_passed_deadlines() -> None:
    world = World()
    burying(world)
    world.publish()

    first = world.pull()[0]
    world.nack(first)
    second = world.pull()[0]
    world.wait(10)
    third = world.pull()[0]

    assert [first.attempt, second.attempt, third.attempt] == [1, 2, 3]


def test_the_dead_letter_tells_where_it_comes_from() -> None:
    world = World()
    burying(world)
    published = world.publish("a", colour="red")

    for _ in range(5):
        world.nack(world.pull()[0])

    letter = world.pull(MOURNERS)[0].message
    assert world.texts() == []
    assert letter.data == b"a"
    assert letter.id != published
    assert letter.attributes == {
        "colour": "red",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "orders",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "p",
        "CloudPubSubDeadLetterSourceTopicPublishTime": "2027-01-15T08:00:00.000+00:00",
    }


def test_a_dead_letter_goes_out_though_nobody_pulls_any_more() -> None:
    world = World()
    burying(world)
    world.publish("a")
    for _ in range(4):
        world.nack(world.pull()[0])
    world.pull()

    world.wait(10)

    assert world.texts(MOURNERS) == ["a"]


def test_a_message_stays_while_its_dead_letter_topic_is_gone() -> None:
    world = World()
    burying(world)
    world.publish("a")
    world.engine.delete_topic(GRAVES)

    for _ in range(7):
        world.nack(world.pull()[0])

    assert world.pull()[0].attempt == 8


@pytest.mark.parametrize("attempts", [4, 101])
def test_a_dead_letter_policy_has_between_5_and_100_attempts(attempts: int) -> None:
    world = World()

    assert refusal(lambda: burying(world, attempts)) == "INVALID_ARGUMENT"


def test_a_dead_letter_topic_has_to_exist() -> None:
    world = World()

    assert (
        refusal(lambda: world.subscribe(replace(PLAIN, dead_letter=DeadLetterPolicy(GRAVES)))) == "NOT_FOUND"
    )


# Filters


def test_what_does_not_match_the_filter_counts_as_acknowledged() -> None:
    world = World()
    world.subscribe(replace(PLAIN, filter='attributes.type = "a"', retain_acked=True))

    world.publish("wanted", type="a")
    world.publish("unwanted", type="b")
    world.engine.seek(NAME, 0)

    assert world.texts() == ["wanted"]


def test_a_filter_cannot_change() -> None:
    world = World()
    world.subscribe()

    changed = replace(PLAIN, filter="attributes:a")
    assert refusal(lambda: world.engine.update_subscription(NAME, changed)) == "INVALID_ARGUMENT"


# Retention and seek


def test_an_unacknowledged_message_is_gone_after_its_retention() -> None:
    world = World()
    world.subscribe(replace(PLAIN, retention=10 * MINUTE))
    world.publish("a")
    world.wait(10 * MINUTE - 1)
    world.publish("b")

    world.wait(1)

    assert world.texts() == ["b"]


@pytest.mark.parametrize("retention", [10 * MINUTE - 1, 31 * DAY + 1])
def test_retention_is_between_ten_minutes_and_31_days(retention: float) -> None:
    world = World()

    assert refusal(lambda: world.subscribe(replace(PLAIN, retention=retention))) == "INVALID_ARGUMENT"
    assert refusal(lambda: World(TopicSettings(retention))) == "INVALID_ARGUMENT"


def test_seeking_forward_acknowledges_what_is_older() -> None:
    world = World()
    world.subscribe()
    world.publish("old")
    world.wait(1)
    middle = world.now
    world.publish("new")

    world.engine.seek(NAME, middle)

    assert world.texts() == ["new"]


def test_seeking_back_brings_retained_acknowledged_messages_again() -> None:
    world = World()
    world.subscribe(replace(PLAIN, retain_acked=True))
    for text in "abc":
        world.publish(text)
        world.wait(1)
    world.engine.acknowledge(NAME, [received.ack_id for received in world.pull()])

    world.engine.seek(NAME, world.now - 2)

    assert world.texts() == ["b", "c"]


def test_seeking_back_brings_nothing_that_is_not_retained() -> None:
    world = World()
    world.subscribe()
    world.publish("a")
    world.engine.acknowledge(NAME, [world.pull()[0].ack_id])

    world.engine.seek(NAME, 0)

    assert world.texts() == []


def test_seeking_back_stops_at_the_retention() -> None:
    world = World()
    world.subscribe(replace(PLAIN, retain_acked=True, retention=10 * MINUTE))
    world.publish("too old")
    world.wait(5 * MINUTE)
    world.publish("kept")
    world.engine.acknowledge(NAME, [received.ack_id for received in world.pull()])
    world.wait(6 * MINUTE)

    world.engine.seek(NAME, 0)

    assert world.texts() == ["kept"]


def test_a_retaining_topic_gives_new_subscriptions_its_past() -> None:
    world = World(TopicSettings(retention=DAY))
    world.publish("forgotten")
    world.wait(DAY - 1)
    world.publish("kept")
    world.subscribe()
    world.wait(2)

    world.engine.seek(NAME, 0)

    assert world.texts() == ["kept"]


def test_a_message_in_somebodys_hands_is_not_delivered_twice_by_seek() -> None:
    world = World(TopicSettings(retention=DAY))
    world.subscribe(replace(PLAIN, ack_deadline=600))
    world.publish("a")
    world.pull()

    world.engine.seek(NAME, 0)

    assert world.texts() == []


# Flow control


def test_a_window_holds_no_more_than_it_allows() -> None:
    world = World()
    world.subscribe()
    for _ in range(10):
        world.publish()
    window = Window(max_messages=3)

    assert len(world.engine.pull(NAME, 100, window)) == 3
    assert world.engine.pull(NAME, 100, window) == []


def test_a_window_of_bytes_closes_when_it_is_full() -> None:
    world = World()
    world.subscribe()
    for _ in range(10):
        world.publish("x" * 100)

    assert len(world.engine.pull(NAME, 100, Window(max_bytes=250))) == 3


@pytest.mark.parametrize("way", ["ack", "nack", "deadline", "seek", "retention"])
def test_whatever_ends_a_delivery_opens_the_window_again(way: str) -> None:
    world = World()
    world.subscribe(replace(PLAIN, retry=RetryPolicy(600, 600), retention=10 * MINUTE, ack_deadline=600))
    world.publish("a")
    window = Window(max_messages=1)
    held = world.engine.pull(NAME, 1, window)[0]
    world.publish("b")

    match way:
        case "ack":
            world.engine.acknowledge(NAME, [held.ack_id])
        case "nack":
            world.nack(held)
        case "deadline":
            world.engine.modify_ack_deadline(NAME, [held.ack_id], 1)
            world.wait(1)
        case "seek":
            world.engine.seek(NAME, world.now + 1)
            world.wait(2)
            world.publish("b")
        case "retention":
            world.wait(10 * MINUTE - 1)
            world.publish("b")
            world.wait(1)

    assert [each.message.data for each in world.engine.pull(NAME, 1, window)] == [b"b"]


def test_an_answer_stays_below_what_clients_accept() -> None:
    world = World()
    world.subscribe()
    world.publish("x" * (MAX_ANSWER_BYTES + 1))
    for _ in range(5):
        world.publish("x" * 1_000_000)

    assert [len(world.pull()), len(world.pull()), len(world.pull())] == [1, 3, 2]


# Push


def pushing(**changes: Any) -> SubscriptionSettings:
    return replace(PLAIN, push=Push("http://127.0.0.1/"), **changes)


def test_at_most_100_pushes_are_outstanding() -> None:
    world = World()
    world.subscribe(pushing())
    for _ in range(250):
        world.publish()

    first = world.engine.pushes()
    assert len(first) == 100
    assert world.engine.pushes() == []
    world.engine.acknowledge(NAME, [each.received.ack_id for each in first[:40]])
    assert len(world.engine.pushes()) == 40


def test_a_push_subscription_cannot_be_pulled() -> None:
    world = World()
    world.subscribe(pushing())

    assert refusal(world.pull) == "FAILED_PRECONDITION"


def test_a_subscription_turns_from_push_to_pull_with_its_messages() -> None:
    world = World()
    world.subscribe(pushing())
    world.publish("a")

    world.engine.update_subscription(NAME, PLAIN)

    assert world.engine.pushes() == []
    assert world.texts() == ["a"]


def test_listeners_hear_of_messages_and_of_room_for_them() -> None:
    world = World()
    world.subscribe(replace(PLAIN, retry=RetryPolicy(5, 5)))
    heard: list[str] = []
    world.engine.listen(heard.append)

    world.publish()
    assert heard == [NAME]
    world.nack(world.pull()[0])
    heard.clear()
    assert world.engine.next_due() == world.now + 5
    world.wait(5)
    assert heard == [NAME]


# A subscription's life


def test_an_unused_subscription_expires_after_31_days() -> None:
    world = World()
    world.subscribe()
    world.wait(31 * DAY - 1)
    assert world.texts() == []

    world.wait(31 * DAY)

    assert refusal(world.pull) == "NOT_FOUND"
    assert world.engine.topic_subscriptions(TOPIC) == []


def test_a_subscription_that_is_told_to_never_expires() -> None:
    world = World()
    world.subscribe(replace(PLAIN, idle_life=None))

    world.wait(400 * DAY)

    assert world.texts() == []


def test_a_hundred_thousand_messages_are_no_trouble() -> None:
    """Ten times the number takes about ten times as long: a quadratic step would never end here."""
    world = World()
    world.subscribe(replace(PLAIN, retain_acked=True))
    for _ in range(100_000):
        world.publish()

    delivered = 0
    while received := world.pull(limit=1000):
        world.engine.acknowledge(NAME, [each.ack_id for each in received])
        delivered += len(received)
    world.wait(8 * DAY)
    world.engine.seek(NAME, 0)

    assert delivered == 100_000
    assert world.texts() == []


class AnyOrder(RuleBasedStateMachine):
    """Publishes, delivers, acks, nacks and waits in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.world.subscribe(replace(PLAIN, retry=RetryPolicy(1, 4)))
        self.open: set[str] = set()
        self.held: list[Received] = []

    @rule()
    def publish(self) -> None:
        self.open.add(self.world.publish())

    @rule()
    def pull(self) -> None:
        pulled = self.world.pull(limit=2)
        assert {each.message.id for each in pulled} <= self.open
        self.held += pulled

    @precondition(lambda self: self.held)
    @rule(choice=st.randoms(use_true_random=False))
    def acknowledge(self, choice: random.Random) -> None:
        received = self.held.pop(choice.randrange(len(self.held)))
        self.world.engine.acknowledge(NAME, [received.ack_id])
        self.open.remove(received.message.id)

    @precondition(lambda self: self.held)
    @rule(choice=st.randoms(use_true_random=False))
    def nack(self, choice: random.Random) -> None:
        self.world.nack(self.held.pop(choice.randrange(len(self.held))))

    @rule()
    def let_deadlines_pass(self) -> None:
        self.held.clear()
        self.world.wait(10)

    def teardown(self) -> None:
        """In the end, everything that was not acknowledged comes again, and nothing else."""
        self.world.wait(20)
        assert {each.message.id for each in self.world.pull(limit=1000)} == self.open


def test_in_any_order_of_events_every_message_is_acknowledged_or_comes_back() -> None:
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=50))
