"""How far a run has been cut, `chunking.json`. A push request lasts for ten minutes at most, a large file takes longer: the
next delivery goes on from here. It saves time and nothing else: without it the same parts are cut again.
"""

from dataclasses import dataclass, replace
from typing import Literal

from services.chunker.cut import Progress
from services.chunker.manifesting import column_names
from shared import names
from shared.ledger import Entry
from shared.model.codec import DocumentError
from shared.model.run import Run
from shared.world import Ports

PARTS_BETWEEN = 8
"""Some six seconds of work: Cloud Storage takes one write a second of one name, and a crash costs no more than that."""


UNTOLD = "@"
"""Stands for names that are not told: it looks like a value itself, so that the manifest tells none either."""


@dataclass(frozen=True)
class Chunking:
    """`digest` names the settings and the version that cut the parts: those of two never mix."""

    digest: str
    progress: Progress
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Saved:
    """What is stored, in generation `generation` (0: nothing). `progress` is None where it is of no use to this digest."""

    generation: int = 0
    progress: Progress | None = None

    @property
    def parts(self) -> int:
        return self.progress.totals.parts if self.progress else 0


def read(ports: Ports, run: Run, digest: str) -> Saved:
    name = names.chunking_json(run.segment, run.run)
    try:
        entry: Entry[Chunking] | None = ports.ledger.read(Chunking, name)
    except DocumentError:
        # Of another version, which does not keep this one from cutting anew.
        stat = ports.ledger.stat(name)
        return Saved(stat.generation if stat else 0)
    if entry is None:
        return Saved()
    return Saved(entry.generation, entry.value.progress if entry.value.digest == digest else None)


def save(ports: Ports, run: Run, digest: str, saved: Saved, progress: Progress | None) -> Saved:
    """It moves forward only. A twin that wrote meanwhile is read: it cuts the same parts."""
    if progress is None or progress.totals.parts <= saved.parts:
        return saved
    name = names.chunking_json(run.segment, run.run)
    shown = {"parts": str(progress.totals.parts)}
    entry = ports.ledger.swap(name, Chunking(digest, _discreet(progress)), saved.generation, shown)
    return Saved(entry.generation, progress) if entry else read(ports, run, digest)


def is_due(saved: Saved, progress: Progress | None) -> bool:
    return progress is not None and progress.totals.parts >= saved.parts + PARTS_BETWEEN


def _discreet(progress: Progress) -> Progress:
    """Names that may be a person's are not written down: those of a header that has found nobody, which may be the first row of a
    file without one, and those that look like values."""
    named = progress.totals.ignored
    if progress.totals.good and (column_names(named) or not named):
        return progress
    hidden = (UNTOLD,) if named else ()
    return replace(progress, totals=replace(progress.totals, ignored=hidden))
