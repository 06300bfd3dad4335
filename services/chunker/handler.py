"""S-CHUNK: pin the run, cut it, decide it by one object, take its place in the line, and begin.

Nothing is sent before the whole segment has been read and its manifest is stored;
what is followed is what is stored, not what was computed.
"""

from services.chunker.storing import cut_run
from shared import names
from shared.edge.answer import Ack, Nack, Snooze
from shared.errors import UnusableMessage
from shared.ledger import Entry
from shared.log import bind_account, get_logger
from shared.model.codec import DocumentError, decode
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest
from shared.ops import runs
from shared.ops.announce import announce, announce_derived
from shared.ops.begin import begin
from shared.ops.close import close
from shared.ops.enqueue import first_task, succeed
from shared.ops.manifests import settle_manifest
from shared.ops.markers import mark_ready
from shared.ops.opening import open_run
from shared.ops.outcome import end_by_verdict
from shared.ops.run_events import chunked, received
from shared.trace import is_traceparent
from shared.world import Ports


def read_request(data: bytes) -> SegmentRequest:
    """UnusableMessage for what is no request of a version known here."""
    try:
        request = decode(SegmentRequest, data)
    except DocumentError as error:
        raise UnusableMessage("message_unusable", str(error)) from error
    if not names.is_segment_id(request.segment):
        raise UnusableMessage("message_unusable", "segment: expected an id as ingest gives it")
    if not all(1 <= number <= names.MOST for number in (request.run, *request.parts)):
        raise UnusableMessage("message_unusable", "run and parts are counted from 1")
    if request.traceparent and not is_traceparent(request.traceparent):
        raise UnusableMessage("message_unusable", "traceparent: expected a W3C trace context")
    return request


def handle(ports: Ports, request: SegmentRequest) -> Ack | Nack:
    if outcome := runs.read_outcome(ports, request.segment, request.run):
        if not close(ports, request.segment, request.run):
            announce(ports, outcome.content)
        return Ack("the run has ended")
    segment = _segment(ports, request)
    bind_account(segment.account, segment.labels)
    entry = open_run(ports, segment, request)
    if entry is None:
        return Ack("the run has ended")
    announce_derived(ports, received(entry))
    manifest = _manifest(ports, entry.value, segment)
    if manifest.value.verdict != "ok":
        return _end(ports, entry.value, manifest.value)
    return _make_ready(ports, entry, manifest)


def _segment(ports: Ports, request: SegmentRequest) -> Segment:
    entry = ports.ledger.fact(Segment, names.segment_json(request.segment))
    if entry is None or entry.value.verdict == "rejected":
        raise UnusableMessage("segment_unknown", "the ledger holds no accepted segment of this id")
    if request.run > 1 and runs.read_outcome(ports, request.segment, request.run - 1) is None:
        raise UnusableMessage("previous_run_open", "the run before has no outcome")
    return entry.value


def _manifest(ports: Ports, run: Run, segment: Segment) -> Entry[Manifest]:
    """One object decides. A twin's manifest that is there already spares the cutting."""
    found = runs.read_manifest(ports, run)
    if found:
        return found
    return settle_manifest(ports, cut_run(ports, run, segment))


def _end(ports: Ports, run: Run, manifest: Manifest) -> Ack:
    get_logger().warning("segment_not_sent", verdict=manifest.verdict, reason_code=manifest.reason_code)
    end_by_verdict(ports, run, manifest)
    return Ack(manifest.reason_code)


def _make_ready(ports: Ports, entry: Entry[Run], manifest: Entry[Manifest]) -> Ack | Nack:
    run = entry.value
    if not mark_ready(ports, entry):
        close(ports, run.segment, run.run)
        return Ack("the run has ended")
    announce_derived(ports, chunked(run, manifest))
    get_logger().info("segment_chunked", parts=len(manifest.value.parts), received=manifest.value.received)
    task = first_task(ports, run, "begin", 1, 0)
    answer = begin(ports, entry, task)
    if isinstance(answer, Snooze):
        succeed(ports, run.target.account, task, 0, answer.seconds)
        return Ack(f"waits: {answer.reason_code}")
    return answer
