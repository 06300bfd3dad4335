"""What no machine will retry, with its reason and all that a person needs to send it again; and what a person did about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Origin = Literal["landing-notifications", "segment-requests", "tasks", "segments", "foreign"]
"""Where it comes from: a topic; an account's queue; a run that came to nothing as a whole (segments); nobody of ours (foreign)."""


@dataclass(frozen=True)
class DeadLetter:
    """`payload` is the message as it came, in base64: it may be anything at all."""

    origin: Origin
    reason_code: str
    reason: str
    occurred_at: datetime
    payload: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    segment: str = ""
    run: int = 0
    part: int = 0
    attempt: int = 0
    trace_id: str = ""
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Resolution:
    """What somebody did about it. `by`: the account of his credentials."""

    action: Literal["replayed", "discarded"]
    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True)
class KeptLetter:
    """`dead-letters/{id}.json`: a letter as it is in the ledger. Metadata shows by a list alone what it is about and whether it is open."""

    letter: DeadLetter
    resolution: Resolution | None = None
    schema_version: Literal[1] = 1
