"""W3C trace context. The trace id derives from segment and run, so that every process finds it without being told."""

import hashlib
import re

from shared.names import trace_id

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def traceparent(segment: str, run: int, step: str) -> str:
    """The header of one step of a run; `step` names the span."""
    span = hashlib.sha256(f"{segment}|{run}|{step}".encode()).hexdigest()[:16]
    return f"00-{trace_id(segment, run)}-{span}-01"


def is_traceparent(text: str) -> bool:
    return _TRACEPARENT.fullmatch(text) is not None
