"""Spans of the work on a run: one trace from the landing object to the outcome, whose id whoever knows segment and run can tell.

A step's first delivery has the span that its messages name (shared/trace.py); further attempts hang below it. By OpenTelemetry's interface
alone, which does nothing until `install` was asked for: off by default.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)

from shared.errors import ConfigurationError
from shared.trace import Place, place_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

_NAME = "sluice"
_FLUSH_MILLISECONDS = 5000
_TEXT = 200
_wanted: ContextVar[Place | None] = ContextVar("wanted", default=None)


@dataclass(frozen=True)
class Work:
    """One delivery. `step` names its span within the run, `parent` the step that it came from, "" for the first of all."""

    kind: str
    segment: str
    run: int
    step: str
    parent: str
    attempt: int = 1


@contextmanager
def working(work: Work, tracer: Tracer | None = None, **attributes: str | int) -> Iterator[Span]:
    """The span of a delivery, to be told how it was answered. An exception that passes through makes it an error, by its type alone."""
    known = {"segment": work.segment, "run": work.run, "attempt": work.attempt, **attributes}
    with _started(work, tracer or trace.get_tracer(_NAME), known) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def answered(span: Span, answer: str, why: str) -> None:
    """`answer`: ack, nack or snooze."""
    span.set_attribute("answer", answer)
    span.set_attribute("why", why[:_TEXT])
    if answer == "nack":
        span.set_status(Status(StatusCode.ERROR, why[:_TEXT]))


@contextmanager
def calling(method: str, account: str, tracer: Tracer | None = None) -> Iterator[Span]:
    """The span of one request to the destination, below that of the delivery. Never what is in it."""
    spans = tracer or trace.get_tracer(_NAME)
    with spans.start_as_current_span(
        method,
        kind=SpanKind.CLIENT,
        attributes={"account": account},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


@contextmanager
def _started(work: Work, tracer: Tracer, attributes: dict[str, str | int]) -> Iterator[Span]:
    own = place_of(work.segment, work.run, work.step)
    first = work.attempt <= 1
    above = (place_of(work.segment, work.run, work.parent) if work.parent else None) if first else own
    context = trace.set_span_in_context(NonRecordingSpan(_remote(above))) if above else None
    token = _wanted.set(own if first else None)
    try:
        span = tracer.start_span(work.kind, context, SpanKind.CONSUMER, attributes)
    finally:
        _wanted.reset(token)
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        yield span


def _remote(place: Place) -> SpanContext:
    return SpanContext(place.trace, place.span, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def install(kind: str, project: str) -> None:
    """`kind`: "" for no traces, console for log lines, cloud for Cloud Trace. Once a process."""
    if kind:
        from shared.tracing_sdk import provider

        trace.set_tracer_provider(provider(_exporter(kind, project)))


def flush() -> None:
    """At the end of a request: Cloud Run gives no time afterwards. What cannot be exported is lost, and the work is not."""
    found = trace.get_tracer_provider()
    if hasattr(found, "force_flush"):
        found.force_flush(_FLUSH_MILLISECONDS)


def wanted_place() -> Place | None:
    """The ids that the span being started shall have; None: any."""
    return _wanted.get()


def _exporter(kind: str, project: str) -> "SpanExporter":
    if kind == "console":
        from shared.tracing_sdk import LoggedSpans

        return LoggedSpans()
    if kind == "cloud":
        from opentelemetry.exporter.cloud_trace import CloudTraceSpanExporter

        return CloudTraceSpanExporter(project_id=project)  # type: ignore[no-untyped-call]
    raise ConfigurationError("SLUICE_TRACES must be console or cloud, or not be set")
