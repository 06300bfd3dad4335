"""Where a run stands, in the word that people are told: from the ledger alone, with a bounded number of reads."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared import names
from shared.line import fills
from shared.model.events import Event
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.segment import Segment
from shared.model.state import Claim, Line
from shared.ops import runs
from shared.ops.close import NEXT_PARTS
from shared.ops.pausing import read_pause
from shared.world import Ports

PARTS_TOLD = 1000
"""A page of a list: how many parts were cut is told up to so many."""


@dataclass(frozen=True)
class Standing:
    """`state`: landed, received, chunking, waiting, sending, following, paused or closing, or an outcome's own word. `done` of
    `parts`: cut while it is chunked, sent after that; 0 of 0 where there is nothing to count. `next_run`: that the outcome starts one
    by itself."""

    state: str
    done: int = 0
    parts: int = 0
    cause: str = ""
    outcome: Event | None = None
    next_run: bool = False

    @property
    def words(self) -> str:
        if self.state == "chunking" and self.done:
            return f"chunking: {self.done:,} parts so far"
        if self.state == "sending":
            return f"sending: {self.done:,} of {self.parts:,} parts"
        return f"{self.state}: {self.cause}" if self.cause else self.state


def standing(ports: Ports, segment: str, run: int) -> Standing:
    outcome = runs.read_outcome(ports, segment, run)
    if outcome:
        word = outcome.value.type.removeprefix("segment.")
        return Standing(word, outcome=outcome.value, next_run=bool(outcome.metadata.get(NEXT_PARTS)))
    entry = ports.ledger.fact(Run, names.run_json(segment, run))
    if entry is None:
        known = ports.ledger.fact(Segment, names.segment_json(segment))
        return _refused(known.value) if known else Standing("landed")
    manifest = runs.read_manifest(ports, entry.value)
    if manifest is None:
        return Standing("chunking", done=_parts_cut(ports, segment, run))
    if manifest.value.verdict != "ok":
        return Standing("closing")
    pause = read_pause(ports, entry.value.target.account).pause
    if pause.paused:
        return Standing("paused", cause=pause.cause)
    line, _ = runs.read_line(ports, entry.value)
    return placed_in(manifest.value, line, _received(ports, manifest.value, line))


def placed_in(manifest: Manifest, line: Line, received: int) -> Standing:
    """By the audience's line. `received`: receipts of the stage that is being filled."""
    claims = [Claim(manifest.segment, manifest.run, stage.number) for stage in manifest.stages]
    total = len(manifest.parts)
    filling = next((claim for claim in claims if fills(line, claim)), None)
    if filling:
        before = sum(len(stage.parts) for stage in manifest.stages if stage.number < filling.stage)
        return Standing("sending", min(before + received, total), total)
    if line.running in claims:
        return Standing("following", total, total)
    return Standing("waiting", 0, total)


def _refused(segment: Segment) -> Standing:
    return (
        Standing("rejected", cause=segment.reason_code)
        if segment.verdict == "rejected"
        else Standing("received")
    )


def _parts_cut(ports: Ports, segment: str, run: int) -> int:
    """Of whatever version of the chunker: nobody else writes there."""
    found = ports.parts.list(f"{segment}/{run}/")
    return sum(1 for _ in _first(found, PARTS_TOLD))


def _first(found: Iterable[object], most: int) -> Iterable[object]:
    return (each for each, _ in zip(found, range(most), strict=False))


def _received(ports: Ports, manifest: Manifest, line: Line) -> int:
    if not (line.filling and line.owner and line.owner.segment == manifest.segment):
        return 0
    prefix = names.receipts_prefix(manifest.segment, manifest.run, line.filling)
    return sum(1 for _ in ports.ledger.list(prefix))
