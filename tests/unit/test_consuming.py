"""What a consumer hears: what it is interested in, each event once, and none that is lost with it."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from infra.event_pages import example
from shared.consuming import Interest, Seen
from shared.gcp.completions import Events
from shared.model.codec import encode
from shared.model.events import Event

IDS = st.lists(st.sampled_from("abcdefgh"), max_size=60)


@dataclass
class Delivered:
    data: bytes
    message_id: str = "7"
    said: str = ""

    def ack(self) -> None:
        self.said += "ack"

    def drop(self) -> None:
        self.said += "drop"


def message(event_id: str, **fields: str) -> Delivered:
    event: Event = replace(example("segment.completed"), event_id=event_id, **fields)  # type: ignore[arg-type]
    return Delivered(encode(event))


def heard(events: Events, *messages: Delivered) -> list[str]:
    for each in messages:
        events.receive(each)
    found = []
    while taken := events.take(0):
        found += [each.event.event_id for each in taken]
    return found


@given(IDS)
def test_each_event_is_new_once(ids: list[str]) -> None:
    seen = Seen()

    assert [each for each in ids if seen.is_new(each)] == list(dict.fromkeys(ids))


@given(IDS, st.integers(1, 5))
def test_no_more_is_remembered_than_was_agreed(ids: list[str], most: int) -> None:
    seen = Seen(most)
    for at, each in enumerate(ids):
        recent = list(dict.fromkeys(reversed(ids[:at])))[:most]
        assert seen.is_new(each) == (each not in recent)


def test_an_event_is_acknowledged_when_the_next_one_is_asked_for() -> None:
    events = Events()
    first, second = message("a"), message("b")
    events.receive(first)
    events.receive(second)

    (taken,) = events.take(0)

    assert (taken.event.event_id, taken.content, first.said) == ("a", first.data, "")
    events.take(0)
    assert (first.said, second.said) == ("ack", "")


def test_a_repeat_is_dropped_by_its_event_id() -> None:
    again = message("a")

    assert heard(Events(), message("a"), again, message("b")) == ["a", "b"]
    assert again.said == "ack"


def test_what_nobody_is_interested_in_is_passed_over() -> None:
    events = Events(Interest(types=("segment.failed",), accounts=("1234567890",)))
    other = message("c", type="segment.failed", account="9876543210")

    assert heard(events, message("a"), message("b", type="segment.failed"), other) == ["b"]
    assert other.said == "ack"


def test_what_is_no_event_is_left_for_whoever_can_read_it() -> None:
    broken = Delivered(b"{}")

    assert heard(Events(), broken, message("a")) == ["a"]
    assert broken.said == "drop"
