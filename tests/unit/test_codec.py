"""The codec: what it writes it reads back, and what does not fit is refused without being quoted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.codec import DocumentError, decode, encode


@dataclass(frozen=True)
class Leg:
    distance: int
    note: str = ""


@dataclass(frozen=True)
class Journey:
    name: str
    legs: tuple[Leg, ...]
    booked: bool
    ratio: float
    state: Literal["open", "closed"]
    began: datetime
    ended: datetime | None = None
    guide: Leg | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    schema_version: Literal[1] = 1


@dataclass(frozen=True)
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError(f"{self.number} is odd")


A_TIME = "a time like 2026-11-23T08:00:00.000000Z"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
JOURNEY = Journey("North", (Leg(3), Leg(4, "uphill")), True, 0.5, "open", NOON)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LEGS = st.builds(Leg, st.integers(), TEXTS)
MOMENTS = st.datetimes(timezones=st.just(UTC))
JOURNEYS = st.builds(
    Journey,
    TEXTS,
    st.lists(LEGS).map(tuple),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["open", "closed"]),
    MOMENTS,
    st.none() | MOMENTS,
    st.none() | LEGS,
    st.dictionaries(TEXTS, st.integers()),
)


def changed(**changes: Any) -> bytes:
    """JOURNEY's document with some values replaced by JSON texts; None removes the field."""
    fields = {
        "name": '"North"',
        "legs": '[{"distance":3,"note":""}]',
        "booked": "true",
        "ratio": "0.5",
        "state": '"open"',
        "began": '"2026-11-23T12:00:00.000000Z"',
        "ended": "null",
        "guide": "null",
        "counts": "{}",
        "schema_version": "1",
    }
    text = ",".join(f'"{key}":{value}' for key, value in (fields | changes).items() if value is not None)
    return f"{{{text}}}".encode()


@given(JOURNEYS)
def test_what_was_written_is_read_back(journey: Journey) -> None:
    assert decode(Journey, encode(journey)) == journey


@given(JOURNEYS)
def test_equal_values_have_equal_bytes(journey: Journey) -> None:
    assert encode(decode(Journey, encode(journey))) == encode(journey)


def test_a_document_is_one_line_with_sorted_keys_and_every_field() -> None:
    assert encode(JOURNEY) == (
        b'{"began":"2026-11-23T12:00:00.000000Z","booked":true,"counts":{},"ended":null,"guide":null,'
        b'"legs":[{"distance":3,"note":""},{"distance":4,"note":"uphill"}],"name":"North","ratio":0.5,'
        b'"schema_version":1,"state":"open"}'
    )


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    oslo = timezone(timedelta(hours=1))

    document = encode(Journey("N", (), True, 0.5, "open", NOON.astimezone(oslo)))

    assert b'"began":"2026-11-23T12:00:00.000000Z"' in document


def test_a_field_with_a_default_may_be_absent() -> None:
    assert decode(Leg, b'{"distance":3}') == Leg(3)


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        (changed(schema_version="2"), "schema_version", "1"),
        (changed(schema_version="true"), "schema_version", "1"),
        (changed(schema_version="1.0"), "schema_version", "1"),
        (changed(schema_version=None), "schema_version", "this field"),
        (changed(schema_version="2", wings="1"), "schema_version", "1"),
        (changed(name=None), "name", "this field"),
        (changed(wings="1"), "wings", "no such field"),
        (changed(name="3"), "name", "a text"),
        (changed(name="null"), "name", "a text"),
        (changed(name=r'"\ud800"'), "name", "a text"),
        (changed(booked="1"), "booked", "true or false"),
        (changed(ratio='"1"'), "ratio", "a finite number"),
        (changed(ratio="true"), "ratio", "a finite number"),
        (changed(ratio="1e999"), "ratio", "a finite number"),
        (changed(ratio="9" * 400), "ratio", "a finite number"),
        (changed(ratio="NaN"), "", "finite numbers"),
        (changed(state='"lost"'), "state", "'open' or 'closed'"),
        (changed(legs='{"0":1}'), "legs", "a list"),
        (changed(legs='[{"distance":3},{"distance":true}]'), "legs[1].distance", "an integer"),
        (changed(legs='[{"distance":3.0}]'), "legs[0].distance", "an integer"),
        (changed(legs='[{"distance":3,"wings":1}]'), "legs[0].wings", "no such field"),
        (changed(legs='[{"note":""}]'), "legs[0].distance", "this field"),
        (changed(guide="[]"), "guide", "an object"),
        (changed(counts='{"a":"b"}'), "counts.a", "an integer"),
        (changed(counts="[]"), "counts", "an object"),
        (changed(began='"2026-11-23"'), "began", A_TIME),
        (changed(began='"2026-02-31T12:00:00.000000Z"'), "began", A_TIME),
        (
            changed(began='"2026-11-23T12:00:00.000000+01:00"'),
            "began",
            A_TIME,
        ),
        (changed(began="0"), "began", A_TIME),
        (b'{"name":"a","name":"b"}', "", "each key only once in its object"),
        (changed() + b" {}", "", "one JSON value in UTF-8"),
        (changed(name='"\xff"').decode().encode("latin-1"), "", "one JSON value in UTF-8"),
        (b"\xef\xbb\xbf" + changed(), "", "one JSON value in UTF-8"),
        (b"[" * 100_000, "", "one JSON value in UTF-8"),
        (b"1" * 5_000, "", "one JSON value in UTF-8"),
        (b"", "", "one JSON value in UTF-8"),
        (b"[]", "", "an object"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(document: bytes, path: str, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decode(Journey, document)

    assert (caught.value.path, caught.value.expected) == (path, expected)


@given(st.binary())
def test_no_bytes_raise_anything_but_a_document_error(data: bytes) -> None:
    with pytest.raises(DocumentError):
        decode(Journey, data)


@pytest.mark.parametrize(
    "document",
    [
        changed(state='"ada@example.com"'),
        changed(counts='{"ada@example.com":"x"}'),
        changed(**{"ada@example.com": "1"}),
        changed(legs='[{"distance":"ada@example.com"}]'),
        b'{"name":"ada@example.com"',
        b'{"ada@example.com":1,"ada@example.com":2}',
    ],
)
def test_an_error_never_quotes_the_document(document: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        decode(Journey, document)

    told = [str(caught.value), str(caught.value.__cause__)]
    assert not any("ada" in text for text in told)


def test_what_a_dataclass_refuses_is_a_document_error() -> None:
    with pytest.raises(DocumentError, match="fields that fit together in a Even"):
        decode(Even, b'{"number":3}')


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Journey("N", (), True, float("nan"), "open", NOON), "ratio"),
        (Journey("N", (), True, 0.5, "open", NOON.replace(tzinfo=None)), "began"),
        (Journey("N", [], True, 0.5, "open", NOON), "legs"),  # type: ignore[arg-type]
        (Journey("N", (), True, 0.5, "open", NOON, counts={"a": True}), "counts.a"),
        (Journey("N", (), True, 0.5, "ajar", NOON), "state"),  # type: ignore[arg-type]
        (Journey("\ud800", (), True, 0.5, "open", NOON), "name"),
    ],
)
def test_a_value_that_could_not_be_read_back_is_not_written(value: Journey, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        encode(value)

    assert caught.value.path == path


@pytest.mark.parametrize(
    "annotation", [set[str], int | str, tuple[int, int], dict[str, int], Mapping[int, str]]
)
def test_an_annotation_without_a_form_is_refused_before_any_document(annotation: Any) -> None:
    with pytest.raises(TypeError):
        decode(annotation, b"{}")
