"""A segment: which objects hold it, for whom it is, what ingest decided about it (`segment.json`), and the request to chunk it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Mode = Literal["append", "remove", "replace"]
NamedMode = Literal["append", "remove", "replace", ""]
Verdict = Literal["accepted", "rejected"]


@dataclass(frozen=True)
class Source:
    """One landing object, pinned: this generation and no other is read."""

    bucket: str
    name: str
    generation: int
    size: int
    created: datetime


@dataclass(frozen=True)
class Segment:
    """`key` is the landing time (of `_SUCCESS` for a group of shards); segments of one audience go in the order of their keys.
    A rejected segment holds what could be told from its name, "" for the rest."""

    segment: str
    verdict: Verdict
    key: str
    sources: tuple[Source, ...]
    account: str = ""
    audience: str = ""
    mode: NamedMode = ""
    destination: str = ""
    reason_code: str = ""
    reason: str = ""
    validate_only: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    schema_version: Literal[1] = 1

    @property
    def source(self) -> str:
        """The object, or the folder of the shards, as users know it."""
        first = self.sources[0]
        return f"gs://{first.bucket}/{first.name if len(self.sources) == 1 else first.name.rpartition('/')[0] + '/'}"


@dataclass(frozen=True)
class SegmentRequest:
    """Message on `segment-requests`. A run is carried out once: the same message again re-drives it or does nothing."""

    segment: str
    run: int = 1
    parts: tuple[int, ...] = ()
    validate_only: bool = False
    reason: str = ""
    traceparent: str = ""
    schema_version: Literal[1] = 1
