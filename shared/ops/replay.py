"""S-REPLAY carried out: look at what became of a segment, decide, and publish a request with the next run.

Twice at once is one run: both ask for the same number, and a run is pinned once. shared/replaying.py decides.
"""

from dataclasses import dataclass, replace
from itertools import islice

from shared import names
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest
from shared.ops import runs
from shared.ops.announce import publish_request
from shared.ops.history import History, read_history
from shared.replaying import Decision, Past, Replay, Stock, Wish, decide
from shared.trace import traceparent
from shared.world import Ports


@dataclass(frozen=True)
class Replayed:
    """What a replay of the segment does, or would do. `segment` is None where the ledger knows none of that id."""

    id: str
    segment: Segment | None
    decision: Decision | None


def replay_of(ports: Ports, segment: str, wish: Wish) -> Replayed:
    """Looks and decides, and changes nothing."""
    known = ports.ledger.fact(Segment, names.segment_json(segment))
    if known is None:
        return Replayed(segment, None, None)
    history = read_history(ports, segment)
    cut = _last_cut(ports, history)
    past = _past(known.value, history, cut)
    return Replayed(segment, known.value, decide(past, wish, _stock(ports, known.value, cut)))


def carry_out(ports: Ports, replayed: Replayed, reason: str) -> None:
    """Publishes the request. The chunker refuses it, should the run before have no outcome by then."""
    segment, decision = replayed.segment, replayed.decision
    if segment is None or not isinstance(decision, Replay):
        return
    trace = traceparent(segment.segment, decision.run, "request")
    request = SegmentRequest(segment.segment, decision.run, decision.parts, False, reason, trace)
    publish_request(ports, request, segment.account, segment.audience)


def _past(segment: Segment, history: History, cut: "_Cut | None") -> Past:
    last = history.last
    past = Past(segment.mode, segment.reason_code if segment.verdict == "rejected" else "")
    if last is None:
        return past
    past = replace(past, run=last.number, open=not last.outcome, again=last.again)
    if cut is None:
        return past
    later = (run.taken for run in history.runs if run.number >= cut.run.run)
    return replace(past, parts=cut.parts, delivered=frozenset().union(*later))


@dataclass(frozen=True)
class _Cut:
    run: Run
    manifest: Manifest

    @property
    def parts(self) -> tuple[int, ...]:
        return tuple(part.number for part in self.manifest.parts)


def _last_cut(ports: Ports, history: History) -> _Cut | None:
    """By the last run that was asked for everything and got so far."""
    whole = [run.number for run in history.runs if not run.asked and run.verdict == "ok"]
    if not whole:
        return None
    run = runs.read_run(ports, history.segment, whole[-1]).value
    manifest = runs.read_manifest(ports, run)
    return _Cut(run, manifest.value) if manifest else None


def _stock(ports: Ports, segment: Segment, cut: _Cut | None) -> Stock:
    return Stock(_source_is_there(ports, segment), _stored(ports, cut))


def _source_is_there(ports: Ports, segment: Segment) -> bool:
    """By one list, of a group's folder or of the one name, which comes first: whoever replays need not be allowed to read people."""
    name, alone = segment.sources[0].name, len(segment.sources) == 1
    found = ports.landing.list(name if alone else name.rpartition("/")[0] + "/")
    there = {(blob.name, blob.generation) for blob in (islice(found, 1) if alone else found)}
    return all((source.name, source.generation) in there for source in segment.sources)


def _stored(ports: Ports, cut: _Cut | None) -> frozenset[int]:
    if cut is None or not cut.manifest.parts:
        return frozenset()
    folder = cut.manifest.parts[0].name.rpartition("/")[0] + "/"
    there = {(blob.name, blob.generation) for blob in ports.parts.list(folder)}
    return frozenset(part.number for part in cut.manifest.parts if (part.name, part.generation) in there)
