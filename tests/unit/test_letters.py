"""Dead letters of all origins in one form."""

import base64
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from infra.load import load_topology
from shared.edge.push import Message
from shared.model.codec import encode
from shared.model.dead_letter import DeadLetter, KeptLetter
from shared.model.segment import SegmentRequest
from shared.names import dead_letter_json, parse_dead_letter
from shared.ops.letters import arrived_letter, keep_letter, list_letters, shown
from tests.support.recording import Recording

TOPOLOGY = load_topology()
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SEGMENT = "1234567890-high-value-append-0f98cd055c2ea59d"
LETTER = DeadLetter("tasks", "part_expired", "It is gone.", AT, segment=SEGMENT, run=1, part=3)
PASSED_ON = {
    "CloudPubSubDeadLetterSourceSubscription": "chunker",
    "CloudPubSubDeadLetterSourceDeliveryCount": "100",
    "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-11-23T10:00:00Z",
    "account": "1234567890",
}


def test_a_letter_of_ours_is_kept_as_it_is_whichever_message_brings_it() -> None:
    first, again = (arrived_letter(Message(encode(LETTER), {}, mark, 1, AT), TOPOLOGY, NOW) for mark in "12")

    assert first == again
    assert first.letter == LETTER
    assert first.id.startswith("20261123T120000.000000Z-")


def test_what_pubsub_passes_on_is_named_by_the_subscription_that_gave_up() -> None:
    request = encode(SegmentRequest(SEGMENT, 2))

    found = arrived_letter(Message(request, PASSED_ON, "7", 1, AT), TOPOLOGY, NOW).letter

    assert (found.origin, found.reason_code, found.attempt) == (
        "segment-requests",
        "deliveries_exhausted",
        100,
    )
    assert (found.segment, found.run, found.occurred_at) == (SEGMENT, 2, AT)
    assert base64.b64decode(found.payload) == request
    assert found.attributes == {"account": "1234567890"}


def test_what_was_passed_on_and_cannot_be_read_is_kept_all_the_same() -> None:
    found = arrived_letter(Message(b"\xff", PASSED_ON, "7", 1, AT), TOPOLOGY, NOW).letter

    assert (found.origin, found.segment, base64.b64decode(found.payload)) == ("segment-requests", "", b"\xff")


@given(
    st.binary(max_size=300),
    st.dictionaries(st.sampled_from([*PASSED_ON, "other"]), st.text(max_size=20)),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_whatever_comes_is_some_letter_with_a_name_of_its_own(
    data: bytes, attributes: dict[str, str], published: datetime | None
) -> None:
    message = Message(data, attributes, "7", 0, published)

    found = arrived_letter(message, TOPOLOGY, NOW)

    assert parse_dead_letter(dead_letter_json(found.id)) == found.id
    assert arrived_letter(message, TOPOLOGY, NOW) == found


def test_a_letter_is_recorded_once_and_listing_it_consumes_nothing() -> None:
    ports = Recording()
    message = Message(encode(LETTER), {}, "7", 1, AT)

    names = {keep_letter(ports, message), keep_letter(ports, message)}

    assert len(names) == 1
    for _ in range(2):
        (blob,) = list_letters(ports)
        assert blob.metadata == {
            "origin": "tasks",
            "reason_code": "part_expired",
            "segment": SEGMENT,
            "run": "1",
            "part": "3",
        }


def test_what_a_list_shows_has_no_payload() -> None:
    kept = KeptLetter(
        DeadLetter("foreign", "letter_foreign", "", AT, payload="c2VjcmV0", attributes={"a": "b"})
    )

    assert "c2VjcmV0" not in "".join(shown(kept).values())
