"""The ledger's states: small documents that change by compare-and-swap on their own generation. Who moves them is in docs/protocol.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from shared.model.receipt import Refusals
from shared.model.run import UploadKeyType
from shared.names import is_job, is_list_id

JobState = Literal["creating", "opening", "filling", "sealed", "running", "abandoned"]
JobEnd = Literal["", "LOST", "FAILED"]
ResultStatus = Literal["SUCCESS", "FAILED", "LOST"]
Decider = Literal["sluice", "operator"]
SEALED: frozenset[JobState] = frozenset({"sealed", "running"})


@dataclass(frozen=True)
class Job:
    """A stage's job at the destination. creating -> (opening ->) filling -> sealed -> running;
    any state before sealed -> abandoned, with `why`. `k` counts the jobs tried for the stage: it changes only while no receipt
    exists. `fence` is the lease token of the last holder. `resource` goes into queries: it is "" or a job's name and nothing else.
    `missing` and `missing_since` count the follow-ups that found no such job. `list_size`: people in the audience when the job was opened,
    as Google estimates them; 0 where unknown."""

    state: JobState
    k: int
    external_id: int
    fence: str = ""
    resource: str = ""
    created: datetime | None = None
    why: JobEnd = ""
    reason_code: str = ""
    missing: int = 0
    missing_since: datetime | None = None
    list_size: int = 0
    schema_version: Literal[1] = 1

    def __post_init__(self) -> None:
        if self.resource and not is_job(self.resource):
            raise ValueError("the resource is no job of the destination")


@dataclass(frozen=True)
class KnownList:
    """The user list that an audience's name was found to mean: true for this name and kind of identifier only, so that a changed
    configuration is looked up again. `list_id` goes into queries: it is a list's number and nothing else."""

    list_id: str
    name: str
    upload_key_type: UploadKeyType
    schema_version: Literal[1] = 1

    def __post_init__(self) -> None:
        if not is_list_id(self.list_id):
            raise ValueError("the list's number is none")


@dataclass(frozen=True)
class Claim:
    segment: str
    run: int
    stage: int = 0


@dataclass(frozen=True)
class Line:
    """An audience's line. `owner` fills its stages, `filling` is the stage being filled, `running` the one whose job runs.
    `top` holds, for each mode, the largest landing key that ever owned; `last_replace` the largest key of a replace."""

    owner: Claim | None = None
    filling: int = 0
    running: Claim | None = None
    last_replace: str = ""
    top: Mapping[str, str] = field(default_factory=dict)
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Marker:
    """An open run. Object metadata: `ready` (1 once the manifest is ok) and `mode`, so that a list alone shows the line."""

    epoch: int
    at: datetime
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Lease:
    """One account's lease. `quiet` is a release that must rest for `quiet` seconds; `released_by` names a receipt whose
    existence with this token releases the lease without a write."""

    token: str
    state: Literal["held", "quiet", "free"]
    term: int
    quiet: int = 0
    released_by: str = ""
    schema_version: Literal[1] = 1

    def freed(self) -> "Lease":
        return replace(self, state="free", released_by="")

    def quietened(self, seconds: int) -> "Lease":
        return replace(self, state="quiet", quiet=seconds, released_by="")


@dataclass(frozen=True)
class Pause:
    """Whether an account rests: the queue's own state only saves dispatches. `episode` counts the pauses from 1; resuming ends one.
    `at` is when the state was decided, `by` who did: "sluice", or the operator's command. `cause` is a reason code, "" once resumed.
    `until`: it ends by itself then; None: somebody must resume it. `announced`: the queue was told and the event published."""

    paused: bool
    by: Decider
    at: datetime
    episode: int
    cause: str = ""
    destination: str = ""
    until: datetime | None = None
    announced: bool = False
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Progress:
    """How far a part came before a deadline or failure inside it: frames that went in, their records, and which of these the
    destination refused, as a receipt says it (shared/model/receipt.py). Valid for job number `k` only."""

    k: int
    frames: int
    records: int
    refused: tuple[Refusals, ...] = ()
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Result:
    """A stage's end, as the destination said it. `failure`: its own word for why the job failed. `list_size_before` and `list_size_after`:
    people in the audience when the job was opened and when it had ended, as Google estimates them; 0 where unknown."""

    status: ResultStatus
    job: str = ""
    match_rate: str = ""
    reason_code: str = ""
    failure: str = ""
    list_size_before: int = 0
    list_size_after: int = 0
    schema_version: Literal[1] = 1
