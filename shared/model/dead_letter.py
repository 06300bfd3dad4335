"""What no machine will retry, with its reason and all that a person needs to send it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Origin = Literal["landing-notifications", "segment-requests", "tasks", "segments"]
"""Where it comes from: a topic, an account's queue, or (segments) a run that came to nothing as a whole."""


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
