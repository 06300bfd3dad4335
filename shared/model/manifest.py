"""What the chunker made of a run, decided once: its parts in stages, or why there are none. `manifest.json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ManifestVerdict = Literal["ok", "validated", "rejected", "gave_up", "cancelled"]


@dataclass(frozen=True)
class Part:
    """One part file, pinned. `rejected` and `skipped` are the rows of the part's stretch of the file that became no record."""

    number: int
    name: str
    generation: int
    crc32c: str
    size: int
    records: int
    identifiers: int
    frames: int
    rejected: int
    fields_dropped: int
    skipped: int = 0


@dataclass(frozen=True)
class Warning:
    """What is odd about a column whose values are sent all the same."""

    code: str
    column: str


@dataclass(frozen=True)
class Stage:
    """The parts that go into one job of the destination."""

    number: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Manifest:
    """`ignored_columns` are names only of a segment that is sent: the first row of a file without header is a person.
    received = records of all parts + rejected + skipped. `reasons` counts rejected and skipped rows and dropped fields by reason code.
    `line` is where a rejected segment broke, 0 when it is no single line."""

    segment: str
    run: int
    verdict: ManifestVerdict
    digest: str
    received: int
    rejected: int
    skipped: int
    fields_dropped: int
    stages: tuple[Stage, ...] = ()
    reason_code: str = ""
    line: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()
    schema_version: Literal[1] = 1

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for stage in self.stages for part in stage.parts)

    def stage(self, number: int) -> Stage:
        return self.stages[number - 1]

    def part(self, number: int) -> Part:
        return next(part for part in self.parts if part.number == number)
