"""What the console says to people: events in a line, log lines that matter, times and counts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.console.logs import LogReader, noteworthy
from services.console.narrate import STYLES, clock, counted, event_words
from shared.model.events import Event, EventType


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("segment.received", {"source": "gs://b/a.csv"}, "gs://b/a.csv"),
        (
            "segment.chunked",
            {"parts": 1, "records_received": 1_200, "records_rejected": 7},
            "1,200 records in 1 part, 7 rejected",
        ),
        (
            "part.completed",
            {"part": 2, "parts": 3, "records_accepted": 5, "attempt": 1},
            "part 2 of 3: 5 accepted",
        ),
        (
            "part.completed",
            {"part": 1, "parts": 1, "records_accepted": 5, "attempt": 4},
            "part 1 of 1: 5 accepted at attempt 4",
        ),
        (
            "segment.completed",
            {"records_received": 9, "records_accepted": 8, "records_rejected": 1},
            "8 accepted, 1 rejected",
        ),
        (
            "segment.rejected",
            {"reason": "The file is empty. Export it again."},
            "The file is empty. Export it again.",
        ),
        (
            "account.paused",
            {"reason": "The terms have not been accepted. Accept them."},
            "The terms have not been accepted. Accept them.",
        ),
        ("account.resumed", {}, "works again"),
    ],
)
def test_an_event_is_told_in_a_line(kind: EventType, fields: dict[str, Any], said: str) -> None:
    event = Event("id", kind, datetime(2026, 11, 23, tzinfo=UTC), "s", 1, **fields)

    assert event_words(event) == said
    assert kind in STYLES


def test_times_and_counts_are_written_as_people_write_them() -> None:
    assert [clock(seconds) for seconds in (0, 61.9, 3_599, 3_600, 36_125)] == [
        "0:00",
        "1:01",
        "59:59",
        "1:00:00",
        "10:02:05",
    ]
    assert [counted(number, "part") for number in (0, 1, 2_000)] == ["0 parts", "1 part", "2,000 parts"]


def test_errors_and_tracebacks_are_worth_showing_and_routine_is_not() -> None:
    error = {"severity": "ERROR", "message": "stuck", "time": "now", "service": "uploader", "part": 3}

    assert noteworthy(json.dumps(error)) == "stuck part=3"
    assert noteworthy(json.dumps({"severity": "INFO", "message": "task_answered"})) == ""
    assert noteworthy("ModuleNotFoundError: no module") == "ModuleNotFoundError: no module"


def test_a_log_is_read_along_line_by_line_and_each_is_told_once(tmp_path: Path) -> None:
    log = tmp_path / "uploader.log"
    reader = LogReader({"uploader": log})

    assert reader.notable() == []
    log.write_text("first\nsec")
    assert reader.notable() == [("uploader", "first")]
    log.write_text("first\nsecond\n")
    assert reader.notable() == [("uploader", "second")]
    assert reader.notable() == []
