"""The audit's table and its saved queries, on events that were made up, with answers written by hand."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.audit.columns import columns
from infra.audit.queries import queries
from infra.event_pages import example
from services.console.audit.store import Store, documents, opened, translated
from shared.errors import ConfigurationError, TransientError
from shared.model.events import Event, EventType

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "audit.duckdb") as found:
        yield found


def event(kind: EventType, name: str, hours: float = 1, **changes: object) -> Event:
    made = replace(
        example(kind), event_id=f"{name}.{kind}", segment=name, occurred_at=NOW - timedelta(hours=hours)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def asked(store: Store, name: str) -> list[dict[str, object]]:
    return [dict(row) for row in documents(store.ask(queries()[name].sql, NOW))]


def test_the_columns_are_the_fields_of_an_event() -> None:
    assert {each.name for each in columns()} == {field.name for field in fields(Event)}


def test_an_event_is_stored_once_with_all_its_fields(store: Store) -> None:
    first = event("segment.completed", "a")
    store.add([first, first])
    store.add([first])

    (row,) = documents(store.ask("SELECT * FROM events", NOW))

    assert row["event_id"] == first.event_id
    assert row["records_accepted"] == first.records_accepted
    assert row["occurred_at"] == "2026-11-23T11:00:00Z"
    assert json.loads(str(row["labels"])) == first.labels


def test_labels_can_be_asked_for(store: Store) -> None:
    store.add([event("segment.completed", "a")])

    (row,) = documents(store.ask("SELECT JSON_VALUE(labels, '$.campaign') AS campaign FROM events", NOW))

    assert row == {"campaign": "spring"}


def test_segments_per_day(store: Store) -> None:
    store.add(
        [
            event("segment.completed", "a", 1, records_accepted=10, records_rejected=1),
            event("segment.failed", "b", 2, records_accepted=0, records_rejected=2, records_failed=7),
            event("segment.completed", "c", 30, records_accepted=5, records_rejected=0),
            event("part.completed", "a", 1),
        ]
    )

    found = [
        (row["day"], row["segments"], row["completed"], row["accepted"], row["rejected"], row["failed"])
        for row in asked(store, "segments-per-day")
    ]

    assert found == [("2026-11-22", 1, 1, 5, 0, 0), ("2026-11-23", 2, 1, 10, 3, 7)]


def test_reject_reasons(store: Store) -> None:
    store.add(
        [
            event("segment.rejected", "a", reason_code="empty_file", records_rejected=0),
            event("segment.rejected", "b", reason_code="too_many_rejects", records_rejected=9),
            event("segment.rejected", "c", reason_code="too_many_rejects", records_rejected=1),
            event("segment.completed", "d"),
        ]
    )

    found = [(row["reason_code"], row["segments"], row["rejected"]) for row in asked(store, "reject-reasons")]

    assert found == [("too_many_rejects", 2, 10), ("empty_file", 1, 0)]


def test_time_per_part(store: Store) -> None:
    store.add(
        [
            event("part.completed", str(number), duration_seconds=number, attempt=1 + (number > 98))
            for number in range(101)
        ]
    )

    (row,) = asked(store, "time-per-part")

    assert (row["account"], row["parts"], row["repeated"]) == ("1234567890", 101, 2)
    assert (row["median_seconds"], row["p95_seconds"]) == (50, 95)


def test_accounts_behind(store: Store) -> None:
    store.add(
        [
            event("segment.received", "open", 10),
            event("segment.received", "older", 20),
            event("segment.received", "done", 30),
            event("segment.completed", "done", 29),
            event("segment.received", "young", 1, account="9876543210"),
        ]
    )

    assert asked(store, "accounts-behind") == [
        {"account": "1234567890", "open_runs": 2, "oldest_minutes": 1200}
    ]


def test_missing_segments(store: Store) -> None:
    daily = [event("segment.received", f"a{day}", 24 * day + 25, audience="daily") for day in range(6)]
    still = [event("segment.received", f"b{day}", 24 * day + 1, audience="still") for day in range(6)]
    seldom = [
        event("segment.received", f"c{day}", 24 * day + 25, audience="seldom") for day in range(0, 6, 2)
    ]
    store.add([*daily, *still, *seldom])

    (row,) = asked(store, "missing-segments")

    assert (row["audience"], row["days"], row["last_received"]) == ("daily", 6, "2026-11-22T11:00:00Z")


@pytest.mark.parametrize("name", queries())
def test_every_saved_query_says_what_it_tells_and_answers_on_an_empty_table(store: Store, name: str) -> None:
    assert queries()[name].tells.endswith(".")
    assert asked(store, name) == []


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT nothing FROM events", "SELECT 1; SELECT 2", ""])
def test_what_is_no_question_is_refused_in_words(store: Store, sql: str) -> None:
    with pytest.raises(ConfigurationError, match="quer"):
        store.ask(sql, NOW)


def test_a_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "audit.duckdb").write_text("no database")

    with pytest.raises(TransientError, match="cannot be opened"), opened(tmp_path / "audit.duckdb"):
        pass


def test_a_query_is_translated_from_bigquery() -> None:
    assert translated("SELECT COUNTIF(run > 1) FROM events") == "SELECT COUNT_IF(run > 1) FROM events"
