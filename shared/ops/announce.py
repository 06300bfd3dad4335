"""Publishing what the ledger holds. Bytes are published as they are stored, never as they were computed."""

from shared.log import get_logger
from shared.model.codec import decode, encode
from shared.model.dead_letter import DeadLetter
from shared.model.events import OUTCOMES, Event, attributes
from shared.model.run import Run
from shared.model.segment import SegmentRequest
from shared.trace import REQUEST, traceparent
from shared.world import Ports


def announce(ports: Ports, content: bytes) -> None:
    """Publish one stored event; whoever gets there may, consumers drop repeats by event_id."""
    _publish(ports, decode(Event, content), content)


def announce_derived(ports: Ports, event: Event) -> None:
    """For events that are functions of a stored document alone, so that every repeat has the same bytes."""
    _publish(ports, event, encode(event))


def _publish(ports: Ports, event: Event, content: bytes) -> None:
    ports.publisher.publish(ports.topology.topics.completions, content, _attributes(event))
    if event.type in OUTCOMES:
        get_logger().info("segment_ended", **_told(event))


def _told(event: Event) -> dict[str, str | int | float]:
    """What the deployment's metrics are made of."""
    return {
        "type": event.type,
        "account": event.account,
        "segment": event.segment,
        "run": event.run,
        "reason_code": event.reason_code,
        "received": event.records_received,
        "rejected": event.records_rejected,
        "rejected_percent": round(100 * event.records_rejected / max(event.records_received, 1), 2),
    }


def _attributes(event: Event) -> dict[str, str]:
    """Whoever works on the event further may do so below the run's trace."""
    return {**attributes(event), **_traced(event.segment, event.run)}


def _traced(segment: str, run: int) -> dict[str, str]:
    return {"traceparent": traceparent(segment, run, REQUEST)} if segment and run else {}


def request_run(ports: Ports, run: Run, reason: str = "") -> None:
    """Ask the chunker to carry out a pinned run; asking again re-drives it."""
    request = SegmentRequest(run.segment, run.run, run.parts, run.validate_only, reason, run.traceparent)
    publish_request(ports, request, run.target.account, run.target.audience)


def publish_request(ports: Ports, request: SegmentRequest, account: str, audience: str) -> None:
    about = {
        "segment": request.segment,
        "account": account,
        "audience": audience,
        **_traced(request.segment, request.run),
    }
    ports.publisher.publish(ports.topology.topics.segment_requests, encode(request), about)


def bury(ports: Ports, letter: DeadLetter) -> None:
    about = {
        "origin": letter.origin,
        "reason_code": letter.reason_code,
        "segment": letter.segment,
        "run": str(letter.run),
        **_traced(letter.segment, letter.run),
    }
    ports.publisher.publish(ports.topology.topics.dead_letters, encode(letter), about)
