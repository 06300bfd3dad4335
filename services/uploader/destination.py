"""What the uploader asks of a destination. Each call is one request: its own time limit, no retries of the client's own."""

from dataclasses import dataclass
from typing import Literal, Protocol

from shared.model.run import Target
from shared.verdict import Failure

JobPhase = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]


@dataclass(frozen=True)
class JobStatus:
    """`list_id` tells whether a job found by its external id is for the audience that we mean. `failure` is the destination's own word."""

    resource: str
    phase: JobPhase
    list_id: str
    match_rate: str = ""
    failure: str = ""


@dataclass(frozen=True)
class FoundList:
    """A user list, in the destination's own words: `kind` like "CRM_BASED", `upload_key_type` like "CONTACT_INFO" or "" for another kind,
    `membership` "OPEN" or "CLOSED". `read_only`: another account's list that is shared with this one, or one that Google keeps."""

    list_id: str
    kind: str
    upload_key_type: str
    membership: str
    read_only: bool


@dataclass(frozen=True)
class Refused:
    """One operation of a frame that was not taken: its index in the frame and the destination's error code."""

    index: int
    code: str


class Destination(Protocol):
    """`seconds` is real time, the network's own. A negative answer is a Failure value; nothing is raised for what the destination said.

    `find_list` finds the target's user lists: that of its `list_id`, or where it has none all of its `list_name`. `create_list` makes an
    empty one of its name and gives the number. `list_size` is the destination's estimate of the people on it, 0 where there is none.
    `examine` asks whether a job for the list of the target's number would be taken, and changes nothing: it meets what an upload would
    meet, from allow-listing, terms and access to the list itself."""

    def renew(self, target: Target) -> None:
        """The token under which the account is asked is spent: the next request comes with a new one. No request itself."""
        ...

    def create_job(self, target: Target, external_id: int, seconds: float) -> str | Failure: ...
    def find_job(self, target: Target, external_id: int, seconds: float) -> JobStatus | Failure | None: ...
    def add(
        self, target: Target, job: str, frame: bytes | bytearray | memoryview, seconds: float
    ) -> tuple[Refused, ...] | Failure: ...
    def run_job(self, target: Target, job: str, seconds: float) -> Literal["started"] | Failure: ...
    def job_status(self, target: Target, job: str, seconds: float) -> JobStatus | Failure | None: ...
    def find_list(self, target: Target, seconds: float) -> tuple[FoundList, ...] | Failure: ...
    def create_list(self, target: Target, seconds: float) -> str | Failure: ...
    def list_size(self, target: Target, seconds: float) -> int | Failure: ...
    def examine(self, target: Target, seconds: float) -> Literal["welcome"] | Failure: ...
