"""OpenTelemetry's SDK, set up so that spans get the ids that their messages name. Imported only where traces are wanted."""

from collections.abc import Sequence

from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator

from shared.log import get_logger
from shared.tracing import wanted_place


class _Named(IdGenerator):
    def __init__(self) -> None:
        self._any = RandomIdGenerator()

    def generate_span_id(self) -> int:
        place = wanted_place()
        return place.span if place else self._any.generate_span_id()

    def generate_trace_id(self) -> int:
        place = wanted_place()
        return place.trace if place else self._any.generate_trace_id()


class LoggedSpans(SpanExporter):
    """Each span as a line of the log."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            get_logger().info("span", **_line(span))
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Nothing is kept."""


def _line(span: ReadableSpan) -> dict[str, object]:
    about = span.get_span_context()
    nanoseconds = (span.end_time or 0) - (span.start_time or 0)
    return {
        "span": span.name,
        "trace": f"{about.trace_id:032x}" if about else "",
        "span_id": f"{about.span_id:016x}" if about else "",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else "",
        "milliseconds": nanoseconds // 1_000_000,
        "status": span.status.status_code.name,
        **{key: value for key, value in (span.attributes or {}).items() if isinstance(value, str | int)},
    }


def provider(exporter: SpanExporter) -> TracerProvider:
    found = TracerProvider(id_generator=_Named(), resource=Resource({SERVICE_NAME: "sluice"}))
    found.add_span_processor(BatchSpanProcessor(exporter))
    return found
