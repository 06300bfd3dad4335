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
class Refused:
    """One operation of a frame that was not taken: its index in the frame and the destination's error code."""

    index: int
    code: str


class Destination(Protocol):
    """`seconds` is real time, the network's own. A negative answer is a Failure value; nothing is raised for what the destination said."""

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
