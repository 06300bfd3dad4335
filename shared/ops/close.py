"""S-DONE: after a run's outcome is stored, announce it and take the run out of the line. Every step may be repeated, by anyone."""

from dataclasses import replace

from shared import names
from shared.ledger import Entry
from shared.line import without_run
from shared.model.events import Event
from shared.model.run import Run
from shared.model.state import Line, Result
from shared.ops import runs
from shared.ops.announce import announce, announce_derived, bury, request_run
from shared.ops.index import index_run
from shared.ops.markers import open_marker
from shared.ops.pinned import settle_run
from shared.ops.run_events import chunked, letter_of_outcome, received
from shared.ops.telling import tell_untold
from shared.part_ranges import from_text
from shared.trace import traceparent
from shared.world import Ports

NEXT_PARTS = "next-parts"
"""Metadata of an outcome that has an automatic next run: its parts as ranges, "all" for the whole segment."""


def close(ports: Ports, segment: str, run: int) -> bool:
    """The marker goes last: as long as it is there, somebody still has to do all this. False: it has been done."""
    outcome = runs.read_outcome(ports, segment, run)
    entry = runs.read_run(ports, segment, run)
    marker = runs.read_marker(ports, entry)
    if outcome is None or marker is None:
        return False
    _announce_way(ports, entry, helped=marker.value.epoch > 0)
    announce(ports, outcome.content)
    _start_next(ports, entry.value, outcome)
    if letter := letter_of_outcome(outcome.value, again=NEXT_PARTS in outcome.metadata):
        bury(ports, letter)
    index_run(ports, outcome.value, outcome.created)
    leave_line(ports, entry.value)
    ports.ledger.remove(runs.marker_name(entry), marker.generation)
    return True


def _announce_way(ports: Ports, entry: Entry[Run], *, helped: bool) -> None:
    """Whoever begins a run has told that it was received and chunked. Where a sweep had to help, it may have begun for somebody who
    was lost before."""
    run, manifest = entry.value, runs.read_manifest(ports, entry.value)
    if helped:
        announce_derived(ports, received(entry))
    if helped and manifest and manifest.value.stages:
        announce_derived(ports, chunked(run, manifest))
    for stage in manifest.value.stages if manifest else ():
        tell_untold(ports, run.segment, run.run, stage.number)


def _start_next(ports: Ports, run: Run, outcome: Entry[Event]) -> None:
    text = outcome.metadata.get(NEXT_PARTS, "")
    if not text:
        return
    parts = () if text == "all" else from_text(text)
    number = run.run + 1
    trace = traceparent(run.segment, number, "request")
    again = replace(run, run=number, key=run.landing_key, parts=parts, traceparent=trace)
    entry = settle_run(ports, again)
    open_marker(ports, entry)
    request_run(ports, again, outcome.value.reason_code)


def leave_line(ports: Ports, run: Run) -> None:
    while True:
        line, generation = runs.read_line(ports, run)
        left = without_run(line, run.segment, run.run, _running_ended(ports, line))
        if left == line or runs.swap_line(ports, run, left, generation):
            return


def _running_ended(ports: Ports, line: Line) -> bool:
    claim = line.running
    return claim is not None and _result(ports, claim.segment, claim.run, claim.stage) is not None


def _result(ports: Ports, segment: str, run: int, stage: int) -> Entry[Result] | None:
    return ports.ledger.fact(Result, names.result_json(segment, run, stage))
