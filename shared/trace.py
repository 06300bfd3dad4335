"""W3C trace context. The trace id derives from segment and run, so that every process finds it without being told."""

import hashlib

from shared.names import trace_id


def traceparent(segment: str, run: int, step: str) -> str:
    """The header of one step of a run; `step` names the span."""
    span = hashlib.sha256(f"{segment}|{run}|{step}".encode()).hexdigest()[:16]
    return f"00-{trace_id(segment, run)}-{span}-01"
