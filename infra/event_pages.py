"""What the topic `completions` carries, for people and for programs: docs/events.md, docs/schemas/event.json and event.avsc.

All three are made from the dataclass Event and the catalogue below by `python -m infra.reference`; tests compare them.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

from shared import names
from shared.model.codec import encode
from shared.model.events import Event, EventType

TEMPLATE = Path(__file__).with_name("events.md.template")
_SEGMENT = "1234567890-high-value-append-0f98cd055c2ea59d"
_SOURCE = "gs://acme-landing/1234567890/high-value/append/2026-11-23.csv.gz"
_JOB = "customers/1234567890/offlineUserDataJobs/31415926535"

FIELDS: dict[str, tuple[str, Any]] = {
    "event_id": ("Names the event; a repeat has the same id and the same bytes.", f"{_SEGMENT}.1.outcome"),
    "type": ("What happened: the table of types.", "segment.completed"),
    "occurred_at": ("When it was decided, RFC 3339 in UTC.", datetime(2026, 11, 23, 14, 5, 12, tzinfo=UTC)),
    "segment": ("The segment's id; empty for events about an account.", _SEGMENT),
    "run": ("The run's number, from 1; 0 for events about an account.", 1),
    "account": ("The Google Ads account, ten digits; empty where a name told none.", "1234567890"),
    "destination": ("The API that takes the records.", "google_ads"),
    "audience": ("The audience, by its key in accounts.yaml.", "high-value"),
    "mode": ("append, remove or replace.", "append"),
    "source": ("The landing object, or the folder of its shards.", _SOURCE),
    "stage": ("The job of the run that a part goes into, from 1.", 0),
    "part": ("The part's number, from 1.", 0),
    "parts": ("How many parts the run has.", 20),
    "records_received": ("Rows that were read: accepted + rejected + skipped + failed, always.", 1_000_000),
    "records_accepted": (
        "Taken by the destination. In part events intake numbers; in outcomes only what a job took that then succeeded.",
        999_000,
    ),
    "records_rejected": ("Bad rows, and records that the destination refused one by one.", 800),
    "records_skipped": (
        "Good records that were not sent on purpose: duplicate, no consent, superseded, cancelled.",
        200,
    ),
    "records_failed": ("Of failed parts or jobs: a replay sends them again.", 0),
    "fields_dropped": ("Single fields that were bad while their rows were sent.", 17),
    "attempt": ("At which attempt the part ended.", 0),
    "job": ("The destination's name of the job.", _JOB),
    "match_rate": ("The share of people whom Google knows, as a range.", "MATCH_RANGE_61_TO_70"),
    "list_size_before": (
        "People in the audience when the first job was opened, as Google estimates them; 0 unknown.",
        52_000,
    ),
    "list_size_after": ("The same when the last job had ended. Google lags behind by hours.", 68_000),
    "duration_seconds": ("From the run's opening to its outcome; of a part, from its first task on.", 1_912),
    "reason_code": ("Why it did not go well: docs/reasons.md.", ""),
    "reason": ("The same in words, with what to do.", ""),
    "labels": ("Metadata of the landing object that topology.yaml allows.", {"campaign": "spring"}),
    "trace_id": ("W3C trace id of the run, the same in logs and traces.", names.trace_id(_SEGMENT, 1)),
    "schema_version": ("Of this form.", 1),
}
"""Each field's meaning, and its value in the example of a completed segment."""

TYPES: dict[str, tuple[str, str]] = {
    "segment.received": ("chunker", "The run is opened and about to be read."),
    "segment.chunked": ("chunker", "The segment was read and cut; nothing has been sent yet."),
    "segment.completed": ("uploader", "Outcome: everything but rejects and skips was delivered."),
    "segment.partial": ("uploader", "Outcome: some parts failed, the rest was delivered."),
    "segment.failed": ("uploader, sweep", "Outcome: nothing was delivered."),
    "segment.rejected": (
        "ingest, chunker",
        "Outcome: its name, configuration or content does not fit; nothing was sent.",
    ),
    "segment.superseded": (
        "chunker, uploader",
        "Outcome: a newer replace makes it pointless; nothing was sent.",
    ),
    "segment.cancelled": (
        "console",
        "Outcome: somebody cancelled it; `records_accepted` says what was delivered before.",
    ),
    "part.completed": ("uploader", "A part was taken by the destination."),
    "part.failed": ("uploader", "A part was given up, and is a dead letter."),
    "account.paused": ("uploader, console", "The account rests: `reason` says why and what to do."),
    "account.resumed": ("uploader, console", "The account works again."),
}
"""Who publishes each, first; the sweep repeats what was not told. And when."""


def example(kind: EventType) -> Event:
    """One of each, with all fields that it fills."""
    values: dict[str, Any] = {name: value for name, (_, value) in FIELDS.items()}
    return Event(**{**values, "type": kind, **_DIFFERENT.get(kind, {})})


_PART = {
    "event_id": f"{_SEGMENT}.1.3",
    "stage": 1,
    "part": 3,
    "records_received": 50_000,
    "records_skipped": 0,
    "records_rejected": 0,
    "fields_dropped": 2,
    "match_rate": "",
    "list_size_before": 0,
    "list_size_after": 0,
}
_ACCOUNT = {
    "segment": "",
    "run": 0,
    "audience": "",
    "mode": "",
    "source": "",
    "parts": 0,
    "records_received": 0,
    "records_accepted": 0,
    "records_rejected": 0,
    "records_skipped": 0,
    "fields_dropped": 0,
    "job": "",
    "match_rate": "",
    "list_size_before": 0,
    "list_size_after": 0,
    "duration_seconds": 0,
    "labels": {},
    "trace_id": "",
}
_DIFFERENT: dict[str, dict[str, Any]] = {
    "part.failed": {
        **_PART,
        "records_accepted": 0,
        "records_failed": 50_000,
        "attempt": 10,
        "reason_code": "part_expired",
        "reason": "The part's file is gone from the parts bucket. Upload the segment again.",
        "duration_seconds": 86_412,
    },
    "part.completed": {**_PART, "records_accepted": 50_000, "attempt": 1, "duration_seconds": 61},
    "account.paused": {
        **_ACCOUNT,
        "event_id": "account.1234567890.1.paused",
        "reason_code": "terms_not_accepted",
        "reason": "Google Ads asks for its customer data terms. Accept them in the account, then resume it.",
    },
    "account.resumed": {**_ACCOUNT, "event_id": "account.1234567890.1.resumed"},
}


def json_schema() -> str:
    """JSON Schema 2020-12. Every field is always there: absent is "" or 0."""
    properties = {field: {**_json_type(kind), "description": FIELDS[field][0]} for field, kind in kinds()}
    properties["type"] = {"enum": list(get_args(EventType)), "description": FIELDS["type"][0]}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of Sluice on the topic completions",
        "type": "object",
        "required": [field for field, _ in kinds()],
        "additionalProperties": False,
        "properties": properties,
    }
    return json.dumps(document, indent=2) + "\n"


def avro_schema() -> str:
    """Avro for the JSON encoding of Pub/Sub. No unions: absent is "" or 0, and a nullable string would have to be written as an
    object. Times are strings, because Avro's logical ones are numbers in JSON."""
    document = {
        "type": "record",
        "name": "Event",
        "namespace": "sluice",
        "doc": "An event of Sluice on the topic completions",
        "fields": [
            {"name": field, "type": _avro_type(kind), "doc": FIELDS[field][0]} for field, kind in kinds()
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def kinds() -> Iterator[tuple[str, str]]:
    """Each field with what it is: text, number, moment, labels."""
    hints = get_type_hints(Event)
    for field in fields(Event):
        hint = hints[field.name]
        texts = {str: "text", int: "number", datetime: "moment"}
        kind = texts.get(hint) or ("labels" if field.name == "labels" else _literal(hint))
        yield field.name, kind


def _literal(hint: Any) -> str:
    return "number" if all(isinstance(value, int) for value in get_args(hint)) else "text"


def _json_type(kind: str) -> dict[str, Any]:
    types: dict[str, dict[str, Any]] = {
        "text": {"type": "string"},
        "number": {"type": "integer", "minimum": 0},
        "moment": {"type": "string", "format": "date-time"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    return types[kind]


def _avro_type(kind: str) -> Any:
    return {
        "text": "string",
        "number": "long",
        "moment": "string",
        "labels": {"type": "map", "values": "string"},
    }[kind]


def events_page(program: str) -> str:
    """`program`: the text of docs/examples/failures.py."""
    page = TEMPLATE.read_text()
    made = {"types": _types(), "fields": _rows(), "examples": _examples(), "program": [program.rstrip()]}
    for name, lines in made.items():
        page = page.replace(f"{{{name}}}", "\n".join(lines))
    return page


def _types() -> Iterator[str]:
    for kind in get_args(EventType):
        who, when = TYPES[kind]
        yield f"| `{kind}` | {who} | {when} |"


def _rows() -> Iterator[str]:
    shown = json.loads(encode(example("segment.completed")))
    for field, kind in kinds():
        value = shown[field] if isinstance(shown[field], str) else json.dumps(shown[field])
        yield f"| `{field}` | {_WORDS[kind]} | {FIELDS[field][0]} | {f'`{value}`' if value else ''} |"


_WORDS = {"text": "string", "number": "integer", "moment": "string, RFC 3339", "labels": "object of strings"}


def _examples() -> Iterator[str]:
    kinds: tuple[EventType, ...] = ("segment.completed", "part.failed", "account.paused")
    for kind in kinds:
        yield f"`{kind}`:\n\n```json\n{json.dumps(json.loads(encode(example(kind))), indent=2)}\n```\n"
