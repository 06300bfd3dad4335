"""What the ledger holds, as the watch saw it written: every document parsed once, found without a call."""

from dataclasses import dataclass, field
from typing import Any

from shared import names
from shared.model.codec import decode
from shared.model.events import Event
from shared.model.manifest import Manifest
from shared.model.receipt import Receipt
from shared.model.run import Run
from shared.model.segment import Segment
from shared.model.state import Job, KnownList, Lease, Line, Marker, Pause, Progress, Result
from shared.model.task import Task
from shared.pausing import NOT_PAUSED
from shared.ports import Blob

RunId = tuple[str, int]

_KINDS: tuple[tuple[str, type], ...] = (
    ("/segment.json", Segment),
    ("/run.json", Run),
    ("/manifest.json", Manifest),
    ("/outcome.json", Event),
    ("/result.json", Result),
    ("/job.json", Job),
    ("/lease.json", Lease),
    ("/pause.json", Pause),
)


class Violated(BaseException):
    """An invariant of docs/protocol.md does not hold. No handler of the product may catch it."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant


def require(holds: object, invariant: str, what: str) -> None:
    if not holds:
        raise Violated(invariant, what)


@dataclass(frozen=True, eq=False)
class Who:
    """A process, or the test itself (`work` ""). `began`: when it was started; `task`: what it was given to do.
    `given_up`: attempts and age of its task are spent, clocks that are wrong allowed for."""

    work: str = ""
    began: float = 0.0
    task: Task | None = None
    given_up: bool = False

    def __str__(self) -> str:
        return self.work or "the test"


NOBODY = Who()


@dataclass
class Mirror:
    """`stored` maps a name to its document, `blobs` to its stamps and metadata. `opened`: the
    runs that ever had a marker; from then on nothing may be lost with a message."""

    stored: dict[str, Any] = field(default_factory=dict)
    blobs: dict[str, Blob] = field(default_factory=dict)
    jobs: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    opened: set[RunId] = field(default_factory=set)

    def put(self, blob: Blob) -> None:
        self.blobs[blob.name] = blob
        kind = kind_of(blob.name)
        if parsed := names.parse_open(blob.name):
            self.opened.add((parsed[1], parsed[2]))
        if kind:
            self.stored[blob.name] = decode(kind, blob.content)
        if kind is Job and self.stored[blob.name].resource:
            _, segment, _, run, _, stage, _ = blob.name.split("/")
            self.jobs[self.stored[blob.name].resource] = (segment, int(run), int(stage))

    def drop(self, name: str) -> None:
        self.stored.pop(name, None)
        self.blobs.pop(name, None)

    def get(self, name: str) -> Any:
        return self.stored.get(name)

    def has(self, name: str) -> bool:
        return name in self.blobs

    def run(self, run: RunId) -> Run:
        found: Run = self.stored[names.run_json(*run)]
        return found

    def manifest(self, run: RunId) -> Manifest | None:
        found: Manifest | None = self.stored.get(names.manifest_json(*run))
        return found

    def outcome(self, run: RunId) -> Event | None:
        found: Event | None = self.stored.get(names.outcome_json(*run))
        return found

    def result(self, run: RunId, stage: int) -> Result | None:
        found: Result | None = self.stored.get(names.result_json(*run, stage))
        return found

    def job(self, run: RunId, stage: int) -> Job | None:
        found: Job | None = self.stored.get(names.job_json(*run, stage))
        return found

    def line(self, run: RunId) -> Line:
        target = self.run(run).target
        found: Line = self.stored.get(names.line_json(target.account, target.audience)) or Line()
        return found

    def ready(self, run: RunId) -> bool:
        """Whether its marker says so, as long as it is there."""
        markers = [blob for name, blob in self.blobs.items() if (names.parse_open(name) or ("",))[1:] == run]
        return all(marker.metadata.get("ready") == "1" for marker in markers)

    def pause(self, account: str) -> Pause:
        found: Pause = self.stored.get(names.pause_json(account)) or NOT_PAUSED
        return found

    def receipt(self, run: RunId, stage: int, part: int) -> Blob | None:
        return self.blobs.get(names.receipt_json(*run, stage, part))

    def segments(self, mark: str) -> list[Segment]:
        """Those of one generation of a landing object: their ids end in the same way."""
        return [
            each for each in self.stored.values() if isinstance(each, Segment) and each.segment.endswith(mark)
        ]

    def runs(self) -> list[RunId]:
        found = [name.split("/") for name in self.stored if name.endswith("/run.json")]
        return [(segment, int(run)) for _, segment, _, run, _ in found]


def kind_of(name: str) -> type | None:
    """What a document of this name holds; None for what is no document."""
    for ending, kind in _KINDS:
        if name.endswith(ending):
            return kind
    if "/receipts/" in name:
        return Receipt
    if "/progress/" in name:
        return Progress
    return {"lines": Line, "open": Marker, "audiences": KnownList}.get(name.split("/", maxsplit=1)[0])


def is_fact(name: str) -> bool:
    """Created once, never changed: docs/protocol.md, "Rules for every write"."""
    return (
        "/rejects/" in name
        or "/told/" in name
        or kind_of(name) in (Segment, Run, Manifest, Event, Receipt, Result)
    )
