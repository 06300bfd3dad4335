"""W3C trace context. The trace id derives from segment and run, so that every process finds it without being told; so does the id of
each step's span, so that whoever sends a message knows the span of whoever receives it."""

import hashlib
import re
from dataclasses import dataclass

from shared.names import trace_id

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)

LANDING, REQUEST = "landing", "request"
"""The steps that all others come from: ingest's, and the chunker's."""


@dataclass(frozen=True)
class Place:
    """A span's ids, as numbers."""

    trace: int
    span: int


def traceparent(segment: str, run: int, step: str) -> str:
    """The header of one step of a run; `step` names the span."""
    return f"00-{trace_id(segment, run)}-{_span(segment, run, step)}-01"


def place_of(segment: str, run: int, step: str) -> Place:
    return Place(int(trace_id(segment, run), 16), int(_span(segment, run, step), 16))


def is_traceparent(text: str) -> bool:
    return _TRACEPARENT.fullmatch(text) is not None


def _span(segment: str, run: int, step: str) -> str:
    return hashlib.sha256(f"{segment}|{run}|{step}".encode()).hexdigest()[:16]
