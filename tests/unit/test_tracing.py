"""Spans of the work on a run: where they hang, what is in them, and that nothing happens unless somebody wants traces."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from shared.edge.answer import Ack, Nack
from shared.edge.spans import told
from shared.errors import ConfigurationError
from shared.names import trace_id
from shared.trace import LANDING, REQUEST, place_of, traceparent
from shared.tracing import Work, calling, flush, install, wanted_place, working
from shared.tracing_sdk import LoggedSpans, provider

SEGMENT = "1234567890-high-value-append-0f98cd055c2ea59d"
LAND = Work("land", SEGMENT, 1, LANDING, "")
CHUNK = Work("chunk", SEGMENT, 1, REQUEST, LANDING)
UPLOAD = Work("upload", SEGMENT, 1, "upload-1-3", REQUEST)


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(exporter: InMemorySpanExporter) -> Iterator[Tracer]:
    made: TracerProvider = provider(LoggedSpans())
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made.get_tracer("test")
    made.shutdown()


def spans(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def ids(span: ReadableSpan) -> tuple[int, int]:
    about = span.get_span_context()
    assert about
    return about.trace_id, about.span_id


def test_a_run_is_one_trace_from_its_landing_on(exporter: InMemorySpanExporter, tracer: Tracer) -> None:
    for work in (LAND, CHUNK, UPLOAD):
        with working(work, tracer) as span:
            told(span, Ack("done"))

    found = spans(exporter)
    assert {ids(span)[0] for span in found.values()} == {int(trace_id(SEGMENT, 1), 16)}
    assert found["land"].parent is None
    for name, above in (("chunk", "land"), ("upload", "chunk")):
        parent = found[name].parent
        assert parent
        assert parent.span_id == ids(found[above])[1]


def test_a_step_has_the_span_that_its_message_names(exporter: InMemorySpanExporter, tracer: Tracer) -> None:
    with working(UPLOAD, tracer):
        pass

    place = place_of(SEGMENT, 1, "upload-1-3")
    assert ids(spans(exporter)["upload"]) == (place.trace, place.span)
    assert traceparent(SEGMENT, 1, "upload-1-3") == f"00-{place.trace:032x}-{place.span:016x}-01"


def test_a_further_attempt_hangs_below_the_first(exporter: InMemorySpanExporter, tracer: Tracer) -> None:
    for attempt in (1, 2):
        with working(Work("upload", SEGMENT, 1, "upload-1-3", REQUEST, attempt), tracer):
            pass

    first, second = exporter.get_finished_spans()
    assert second.parent
    assert second.parent.span_id == ids(first)[1] != ids(second)[1]


def test_a_request_hangs_below_its_delivery(exporter: InMemorySpanExporter, tracer: Tracer) -> None:
    with working(UPLOAD, tracer, stage=1, part=3), calling("add_operations", "1234567890", tracer):
        assert wanted_place() is None

    found = spans(exporter)
    parent = found["add_operations"].parent
    assert parent
    assert parent.span_id == ids(found["upload"])[1]
    assert dict(found["upload"].attributes or {}) == {
        "segment": SEGMENT,
        "run": 1,
        "attempt": 1,
        "stage": 1,
        "part": 3,
    }


def test_what_goes_wrong_is_an_error_without_its_text(exporter: InMemorySpanExporter, tracer: Tracer) -> None:
    with pytest.raises(ValueError, match="quillan"), working(UPLOAD, tracer), calling("run", "1", tracer):
        raise ValueError("quillan@example.com")
    with working(CHUNK, tracer) as span:
        told(span, Nack("contended"))

    for finished in exporter.get_finished_spans():
        assert finished.status.status_code.name == "ERROR"
        assert "quillan" not in finished.to_json()
        assert finished.events == ()
    assert (spans(exporter)["chunk"].attributes or {})["answer"] == "nack"


def test_without_an_order_nothing_is_recorded() -> None:
    install("", "acme")

    with working(UPLOAD) as span:
        assert not span.is_recording()
    flush()


def test_another_destination_of_traces_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="SLUICE_TRACES"):
        install("paper", "acme")
