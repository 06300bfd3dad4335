"""S-INGEST: pin the decision by creating segment.json, then do what is stored: open the run and ask for it, or announce a rejection.

A crash anywhere is repeated by the unacknowledged notification, with the same ids. Once the run is open, the sweep knows of it too.
"""

from collections.abc import Mapping

from services.ingest.decide import Group, Ignored, classify, decide, identify, is_shard
from services.ingest.labels import labels_of
from services.ingest.landing import Landing, read_landing
from shared import names
from shared.edge.answer import Ack, Nack
from shared.edge.push import Message
from shared.edge.spans import told
from shared.ledger import Entry
from shared.log import bind_account, bind_work, get_logger
from shared.model.account import Account
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest, Source
from shared.ops import runs
from shared.ops.accounts import read_account
from shared.ops.announce import announce_derived, bury, request_run
from shared.ops.index import index_run
from shared.ops.opening import open_run
from shared.ops.run_events import letter_of_outcome, refused
from shared.trace import LANDING, traceparent
from shared.tracing import Work, working
from shared.world import Ports


def handle(ports: Ports, message: Message, patterns: str) -> Ack | Nack:
    landing = read_landing(message)
    if landing is None:
        return Ack("no new content")
    kind = classify(landing.source.name)
    if isinstance(kind, Ignored):
        get_logger().info("landing_ignored", why=kind.why)
        return Ack(kind.why)
    if landing.source.bucket != ports.landing.bucket:
        get_logger().error("landing_foreign_bucket", cure="point the notification of this bucket elsewhere")
        return Ack("not our landing bucket")
    sources = _shards(ports, kind, landing) if isinstance(kind, Group) else (landing.source,)
    identity = identify(landing.source, patterns)
    account = read_account(ports, identity.named.account) if identity.named else None
    segment = decide(identity, sources, account, landing.validate_only, _labels(ports, landing))
    entry = ports.ledger.settle(names.segment_json(segment.segment), segment)
    with working(Work("land", segment.segment, 1, LANDING, "", max(message.attempt, 1))) as span:
        return told(span, _follow(ports, entry, account, message.attempt))


def _labels(ports: Ports, landing: Landing) -> Mapping[str, str]:
    labels = labels_of(landing.metadata, ports.topology.labels)
    if labels.refused:
        get_logger().warning(
            "labels_refused", keys=labels.refused, cure="values have 1 to 63 of a-z, 0-9, - and _"
        )
    return labels.kept


def _shards(ports: Ports, group: Group, landing: Landing) -> tuple[Source, ...]:
    """In the order of their names; which generations belong to the group is pinned by segment.json."""
    bucket = landing.source.bucket
    return tuple(
        Source(bucket, blob.name, blob.generation, blob.size, blob.created)
        for blob in ports.landing.list(group.prefix)
        if is_shard(blob.name)
    )


def _follow(ports: Ports, entry: Entry[Segment], account: Account | None, attempt: int) -> Ack:
    segment = entry.value
    bind_work(segment.segment, 1, attempt)
    bind_account(segment.account, segment.labels)
    log = get_logger()
    if segment.verdict == "rejected":
        _tell_refused(ports, entry)
        log.warning("segment_rejected", reason_code=segment.reason_code)
        return Ack(segment.reason_code)
    if runs.read_outcome(ports, segment.segment, 1) or not (run := _open(ports, segment, account)):
        return Ack("the run has ended")
    request_run(ports, run.value)
    log.info("segment_requested", shards=len(segment.sources))
    return Ack("requested")


def _tell_refused(ports: Ports, entry: Entry[Segment]) -> None:
    outcome = refused(entry)
    announce_derived(ports, outcome)
    if letter := letter_of_outcome(outcome, again=False):
        bury(ports, letter)
    index_run(ports, outcome, entry.created)


def _open(ports: Ports, segment: Segment, account: Account | None) -> Entry[Run] | None:
    trace = traceparent(segment.segment, 1, "request")
    return open_run(ports, segment, SegmentRequest(segment.segment, traceparent=trace), account)
