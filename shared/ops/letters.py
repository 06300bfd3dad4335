"""Dead letters in the ledger: each is recorded once, however often it comes, so that listing them consumes nothing.

What comes on the topic is written by Sluice itself (DeadLetter), or passed on by Pub/Sub after too many deliveries, as it was;
or it is a stranger's, and kept all the same.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared import names
from shared.edge.push import Message
from shared.ledger import Entry
from shared.log import get_logger
from shared.model.codec import DocumentError, decode
from shared.model.dead_letter import DeadLetter, KeptLetter, Origin, Resolution
from shared.model.segment import SegmentRequest
from shared.model.topology import Topology
from shared.ports import Blob
from shared.reasons import words
from shared.world import Ports

_PASSED_ON = "CloudPubSubDeadLetterSource"
"""How the attributes begin that Pub/Sub adds to what it passes on."""
_PAYLOAD_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class Arrived:
    id: str
    letter: DeadLetter


def keep_letter(ports: Ports, message: Message) -> str:
    """The id of the letter, which is in the ledger now."""
    arrived = arrived_letter(message, ports.topology, ports.clock.now())
    name = names.dead_letter_json(arrived.id)
    ports.ledger.settle(name, KeptLetter(arrived.letter), shown(KeptLetter(arrived.letter)))
    said = {"origin": arrived.letter.origin, "reason_code": arrived.letter.reason_code}
    get_logger().error("dead_letter_kept", letter=arrived.id, segment=arrived.letter.segment, **said)
    return arrived.id


def resolve(ports: Ports, entry: Entry[KeptLetter], letter: str, resolution: Resolution) -> bool:
    """False: somebody else has resolved it meanwhile."""
    after = replace(entry.value, resolution=resolution)
    name = names.dead_letter_json(letter)
    return ports.ledger.swap(name, after, entry.generation, shown(after)) is not None


def read_letter(ports: Ports, letter: str) -> Entry[KeptLetter] | None:
    return ports.ledger.read(KeptLetter, names.dead_letter_json(letter))


def list_letters(ports: Ports, start: str = "") -> Iterator[Blob]:
    """In the order of their coming, by pages of a thousand; what they are about is in the metadata. `start`: a landing key."""
    found = ports.ledger.list(names.DEAD_LETTERS, names.DEAD_LETTERS + start if start else "")
    return (blob for blob in found if names.parse_dead_letter(blob.name))


def shown(kept: KeptLetter) -> Mapping[str, str]:
    """All that a list shows: ids, codes and counts."""
    letter, end = kept.letter, kept.resolution
    numbers = {"run": letter.run, "part": letter.part, "attempt": letter.attempt}
    return {
        "origin": letter.origin,
        "reason_code": letter.reason_code,
        "segment": letter.segment,
        "resolved": end.action if end else "",
        **{key: str(number) for key, number in numbers.items() if number},
    }


def arrived_letter(message: Message, topology: Topology, now: datetime) -> Arrived:
    """Pure and total: whatever came is some letter. `now` is for a message that does not say when it was published."""
    try:
        letter = decode(DeadLetter, message.data)
    except DocumentError:
        at = message.published or now
        letter = _passed_on(message, topology, at) or _foreign(message, at)
        return Arrived(names.dead_letter_id(at, message.message_id.encode()), letter)
    return Arrived(names.dead_letter_id(letter.occurred_at, message.data), letter)


def _passed_on(message: Message, topology: Topology, at: datetime) -> DeadLetter | None:
    """What a subscription has delivered as often as it may."""
    subscription = message.attributes.get(f"{_PASSED_ON}Subscription", "")
    origin = _origins(topology).get(subscription)
    if origin is None:
        return None
    code = "deliveries_exhausted"
    letter = DeadLetter(origin, code, words(code), at, _payload(message), _own(message.attributes))
    count = message.attributes.get(f"{_PASSED_ON}DeliveryCount", "0")
    return _about(replace(letter, attempt=int(count) if count.isdecimal() else 0), message.data)


def _about(letter: DeadLetter, data: bytes) -> DeadLetter:
    """A request names its run."""
    if letter.origin != "segment-requests":
        return letter
    try:
        request = decode(SegmentRequest, data)
    except DocumentError:
        return letter
    if not names.is_segment_id(request.segment) or not 1 <= request.run <= names.MOST:
        return letter
    trace = names.trace_id(request.segment, request.run)
    return replace(letter, segment=request.segment, run=request.run, trace_id=trace)


def _foreign(message: Message, at: datetime) -> DeadLetter:
    code = "letter_foreign"
    return DeadLetter("foreign", code, words(code), at, _payload(message), dict(message.attributes))


def _origins(topology: Topology) -> dict[str, Origin]:
    """By the subscription that passes on."""
    topics: dict[str, Origin] = {
        topology.topics.landing_notifications: "landing-notifications",
        topology.topics.segment_requests: "segment-requests",
    }
    read = ((name, topics.get(each.topic)) for name, each in topology.subscriptions.items())
    return {name: origin for name, origin in read if origin}


def _payload(message: Message) -> str:
    return base64.b64encode(message.data[:_PAYLOAD_LIMIT]).decode()


def _own(attributes: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in attributes.items() if not key.startswith(_PASSED_ON)}
