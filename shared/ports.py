"""What Sluice needs from the world outside the process. Implementations: shared/gcp (Google's services), tests/support (engines)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Blob:
    """One generation of an object. `created` is Cloud Storage's own stamp of that generation, the only clock that two processes share."""

    name: str
    generation: int
    created: datetime
    size: int
    crc32c: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


class Blobs(Protocol):
    """One bucket. A write answers None when its precondition failed (412); every other failure is a TransientError."""

    @property
    def bucket(self) -> str: ...
    def get(self, name: str) -> Blob | None: ...
    def stat(self, name: str) -> Blob | None: ...
    def create(self, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> Blob | None: ...
    def replace(
        self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None = None
    ) -> Blob | None: ...
    def delete(self, name: str, generation: int) -> bool: ...
    def list(self, prefix: str, start: str = "") -> Iterator[Blob]:
        """In the order of their names, from the name `start` on, without content."""
        ...

    def stream(self, name: str, generation: int, start: int = 0) -> Iterator[bytes]:
        """The raw bytes of one generation from byte `start` on in bounded chunks; SourceGone when that generation is no longer there."""
        ...


class Publisher(Protocol):
    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Return only when Pub/Sub has acknowledged the message."""
        ...


@dataclass(frozen=True)
class QueueSettings:
    """How a queue works. `dispatches`: it is neither held nor disabled. `max_attempts` -1 and `max_retry_seconds` 0 are no limit; only
    with neither is no task ever given up."""

    dispatches: bool
    max_concurrent_dispatches: int
    max_attempts: int
    max_retry_seconds: float = 0


class TaskQueues(Protocol):
    def create(self, queue: str, name: str, body: bytes, at: datetime | None = None) -> None:
        """Return when the name is known to the queue: created now, or ALREADY_EXISTS."""
        ...

    def names(self, queue: str) -> Iterator[str]:
        """Short names of the tasks that are waiting or running, in no order; no snapshot: others come and go meanwhile."""
        ...

    def hold(self, queue: str) -> None:
        """It dispatches no more; what runs goes on, tasks stay. Repeating it changes nothing."""
        ...

    def release(self, queue: str) -> None:
        """It dispatches again. Repeating it changes nothing."""
        ...

    def is_held(self, queue: str) -> bool: ...

    def settings(self, queue: str) -> QueueSettings | None:
        """None: there is no such queue."""
        ...


class Secrets(Protocol):
    def access(self, name: str) -> bytes:
        """The newest version of a secret of this project. SecretMissing, SecretDenied, or TransientError when nobody answers."""
        ...


@dataclass(frozen=True)
class Readings:
    """Three clocks read together, in seconds. Elapsed time is the largest of the three differences:
    CLOCK_MONOTONIC stands still while a machine sleeps, the wall clock may be stepped."""

    monotonic: float
    boottime: float
    wall: float

    def since(self, earlier: "Readings") -> float:
        return max(
            self.monotonic - earlier.monotonic, self.boottime - earlier.boottime, self.wall - earlier.wall
        )


class Clock(Protocol):
    def now(self) -> datetime: ...
    def readings(self) -> Readings: ...
    def sleep(self, seconds: float) -> None: ...
    def real(self, seconds: float) -> float:
        """How long `seconds` of this clock last for a network library's own timer."""
        ...
