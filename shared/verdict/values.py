"""A destination's negative answer, and the verdicts about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """A destination's negative answer. `codes` are like "DatabaseError.CONCURRENT_MODIFICATION", empty when only a gRPC status came.
    `retry_delay` in seconds, 0 when the destination named none."""

    status: str
    codes: tuple[str, ...] = ()
    retry_delay: float = 0


@dataclass(frozen=True)
class Retry:
    """Counted; the queue's own backoff. `quiet`: the account must rest first, because the call may still be at work."""

    reason_code: str
    quiet: bool = False


@dataclass(frozen=True)
class Snooze:
    """Not counted: the destination said when, or nothing that the part could do would help."""

    reason_code: str
    seconds: float


@dataclass(frozen=True)
class Split:
    """The request is too large: halve the frame and send the halves."""

    reason_code: str


@dataclass(frozen=True)
class FailRecord:
    """What one operation holds is wrong. Which one it is, only a partial failure tells; without one, no part of the request was taken."""

    reason_code: str


@dataclass(frozen=True)
class FailPart:
    """No repeat can help this part."""

    reason_code: str


@dataclass(frozen=True)
class PauseAccount:
    """Nothing of this account can work. `seconds`: until it is tried again by itself; 0: until somebody has mended it."""

    reason_code: str
    seconds: float = 0


@dataclass(frozen=True)
class JobGone:
    """The destination does not know the job any more."""


@dataclass(frozen=True)
class JobStarted:
    """The job no longer takes operations: after an ambiguous run it means success."""


@dataclass(frozen=True)
class JobExists:
    """The external id is taken: an earlier create succeeded."""


@dataclass(frozen=True)
class NameTaken:
    """A user list cannot be created under this name: most likely there is one, by an earlier create or somebody else's."""


Verdict = (
    Retry
    | Snooze
    | Split
    | FailRecord
    | FailPart
    | PauseAccount
    | JobGone
    | JobStarted
    | JobExists
    | NameTaken
)


@dataclass(frozen=True)
class Row:
    """`name` is a code, a group of codes or a gRPC status; `source` says what the verdict rests on."""

    name: str
    verdict: Verdict
    source: str


SHORT_WAIT, LONG_WAIT = 30, 3600
"""Seconds to wait where the destination names no delay. A spent day's quota is asked about every hour: when it resets is not told."""
