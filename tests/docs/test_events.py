"""The forms of events that are written down, and the events that there are."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from infra.audit.queries import queries
from infra.event_pages import FIELDS, TYPES, example
from shared.model.codec import decode, encode
from shared.model.events import Event, EventType

DOCS = Path(__file__).parents[2] / "docs"
AVRO: dict[str, Any] = json.loads((DOCS / "schemas/event.avsc").read_text())
FORM = Draft202012Validator(json.loads((DOCS / "schemas/event.json").read_text()))
KINDS = get_args(EventType)


def test_every_field_has_a_meaning_and_every_type_a_moment() -> None:
    assert list(FIELDS) == [field.name for field in sorted_like_the_page()]
    assert tuple(TYPES) == KINDS
    assert all(meaning.endswith(".") for meaning, _ in FIELDS.values())


def sorted_like_the_page() -> list[Any]:
    place = {name: at for at, name in enumerate(FIELDS)}
    return sorted(fields(Event), key=lambda field: place.get(field.name, -1))


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_each_type_has_the_form_that_is_written_down(kind: EventType) -> None:
    content = encode(example(kind))

    FORM.validate(json.loads(content))
    assert decode(Event, content) == example(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_each_type_is_a_record_of_the_avro_schema(kind: EventType) -> None:
    told = json.loads(encode(example(kind)))

    types = {field["name"]: field["type"] for field in AVRO["fields"]}
    assert told.keys() == types.keys()
    for name, value in told.items():
        assert fits(value, types[name]), name


@pytest.mark.parametrize(
    "broken", [{"run": "1"}, {"type": "segment.lost"}, {"surprise": 1}, {"records_failed": -1}]
)
def test_another_form_is_none(broken: dict[str, Any]) -> None:
    told = {**json.loads(encode(example("segment.completed"))), **broken}

    assert not FORM.is_valid(told)


def fits(value: Any, kind: Any) -> bool:
    """By Avro's JSON encoding, of the few types that are used."""
    if kind == "long":
        return type(value) is int and -(2**63) <= value < 2**63
    if kind == "string":
        return isinstance(value, str)
    assert kind == {"type": "map", "values": "string"}
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def test_every_saved_query_is_on_the_page_of_the_audit() -> None:
    page = (DOCS / "audit.md").read_text()

    for query in queries().values():
        assert f"{query.name:<18}  {query.tells}" in page
