"""What became of a segment, run by run, as one list of its objects shows it: their names, stamps and metadata tell everything but words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared import names
from shared.ops.close import NEXT_PARTS
from shared.ports import Blob
from shared.world import Ports

_PLACE = re.compile(r"segments/[^/]+/runs/(?P<run>\d+)/(?:stages/(?P<stage>\d+)/)?(?P<rest>.+)", re.ASCII)


@dataclass(frozen=True)
class Receipted:
    """The end of a part. `status`: taken or failed; counts in records."""

    part: int
    status: str
    accepted: int
    refused: int
    attempt: int
    reason_code: str
    at: datetime


@dataclass
class StageHistory:
    """`job` is its state, "" before there is one; `resource` Google's name of it; `result` SUCCESS, FAILED or LOST, "" before its end."""

    number: int
    job: str = ""
    resource: str = ""
    job_at: datetime | None = None
    result: str = ""
    reason_code: str = ""
    result_at: datetime | None = None
    receipts: dict[int, Receipted] = field(default_factory=dict)

    @property
    def delivered(self) -> bool:
        return self.result == "SUCCESS"


@dataclass
class RunHistory:
    """`asked`: how many parts it was asked for, 0 for all. `cut`: parts that were cut when the chunker last said so. `verdict`: the
    manifest's, "" before there is one, with the number of its parts and stages. `outcome`: its type, "" while the run is open; `again`: a
    next run starts by itself."""

    number: int
    opened: datetime | None = None
    asked: int = 0
    cut: int = 0
    verdict: str = ""
    parts: int = 0
    chunked: datetime | None = None
    outcome: str = ""
    again: bool = False
    ended: datetime | None = None
    touched: datetime | None = None
    stages: dict[int, StageHistory] = field(default_factory=dict)
    rejects: list[str] = field(default_factory=list)

    @property
    def receipts(self) -> dict[int, Receipted]:
        return {part: each for stage in self.stages.values() for part, each in stage.receipts.items()}

    @property
    def taken(self) -> frozenset[int]:
        """Parts that are delivered: taken, by a job that then succeeded."""
        stages = (stage for stage in self.stages.values() if stage.delivered)
        return frozenset(
            part for stage in stages for part, each in stage.receipts.items() if each.status == "taken"
        )


@dataclass(frozen=True)
class History:
    """`known`: ingest has decided about the segment. Runs in the order of their numbers."""

    segment: str
    known: bool
    runs: tuple[RunHistory, ...]

    @property
    def last(self) -> RunHistory | None:
        return self.runs[-1] if self.runs else None


def read_history(ports: Ports, segment: str) -> History:
    """One list, in pages of a thousand objects."""
    return history_of(segment, ports.ledger.list(f"segments/{segment}/"))


def read_run_history(ports: Ports, segment: str, run: int) -> RunHistory:
    """One list, of this run alone. A run that nobody has heard of has no moments."""
    found = history_of(segment, ports.ledger.list(f"{names.run_prefix(segment, run)}/"))
    return found.runs[0] if found.runs else RunHistory(run)


def history_of(segment: str, blobs: Iterable[Blob]) -> History:
    """Pure. Names that nobody of ours gives are passed over."""
    known, found = False, dict[int, RunHistory]()
    for blob in blobs:
        known = known or blob.name == names.segment_json(segment)
        if place := _PLACE.fullmatch(blob.name):
            number = int(place["run"])
            run = found.setdefault(number, RunHistory(number))
            run.touched = max(run.touched or blob.created, blob.created)
            if place["stage"]:
                stage = int(place["stage"])
                _stage(run.stages.setdefault(stage, StageHistory(stage)), place["rest"], blob)
            else:
                _run(run, place["rest"], blob)
    return History(segment, known, tuple(found[number] for number in sorted(found)))


def _run(run: RunHistory, rest: str, blob: Blob) -> None:
    shown = blob.metadata
    match rest:
        case "run.json":
            run.opened, run.asked = blob.created, _number(shown, "parts")
        case "chunking.json":
            run.cut = _number(shown, "parts")
        case "manifest.json":
            run.verdict, run.parts = shown.get("verdict", "ok"), _number(shown, "parts")
            run.chunked = blob.created
        case "outcome.json":
            run.outcome, run.again = shown.get("type", "ended"), NEXT_PARTS in shown
            run.ended = blob.created
        case _ if rest.startswith("rejects/"):
            run.rejects.append(blob.name)


def _stage(stage: StageHistory, rest: str, blob: Blob) -> None:
    shown = blob.metadata
    match rest:
        case "job.json":
            stage.job, stage.resource = shown.get("state", ""), shown.get("resource", "")
            stage.job_at = blob.created
        case "result.json":
            stage.result, stage.reason_code = shown.get("status", ""), shown.get("reason_code", "")
            stage.result_at = blob.created
        case _ if rest.startswith("receipts/") and (part := names.parse_receipt(blob.name)):
            stage.receipts[part] = _receipt(part, blob)


def _receipt(part: int, blob: Blob) -> Receipted:
    shown = blob.metadata
    return Receipted(
        part,
        shown.get("status", ""),
        _number(shown, "accepted"),
        _number(shown, "rejected"),
        _number(shown, "attempt"),
        shown.get("reason_code", ""),
        blob.created,
    )


def _number(shown: Mapping[str, str], key: str) -> int:
    text = shown.get(key, "0")
    return int(text) if text.isdecimal() else 0
