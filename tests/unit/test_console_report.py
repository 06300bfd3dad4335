"""What the demo makes of its events: the journal, the progress, the report, and what it calls wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console, RenderableType

from services.console.demo.conclusion import concluded
from services.console.demo.journal import Journal
from services.console.demo.pauses import Pause
from services.console.demo.progress import account_progress, segment_progress, stored_parts
from services.console.demo.refused import Refused
from services.console.demo.report import Delivered, Findings, problems, report
from services.console.demo.screen import Board, Heading, drawn
from services.console.demo.segments import Dialect, File, Segment
from services.console.demo.truth import Counted, Difference
from services.console.feed import Published
from shared.model.codec import encode
from shared.model.events import Event, EventType

AT = datetime(2026, 11, 23, tzinfo=UTC)
FILE = File(
    "1234567890/high-value/append/crm.csv", "1234567890", "high-value", "NO", Dialect(), 0, 100_000, 5
)
SEGMENT = Segment("crm", "1234567890", "high-value", (FILE,))
SOURCE = f"gs://landing/{FILE.name}"
TRAFFIC = {
    "account": "1234567890",
    "destination": "google_ads",
    "requests": 12,
    "max_in_flight": 1,
    "injected_overlaps": 1,
    "busy_ratio": 0.9,
}


def event(kind: EventType, step: str, **fields: Any) -> Event:
    return Event(f"s.1.{step}", kind, AT, "s", 1, "1234567890", source=SOURCE, **fields)


RECEIVED = event("segment.received", "received")
CHUNKED = event("segment.chunked", "chunked", parts=2, records_received=100_000, records_rejected=3)
PARTS = [event("part.completed", str(part), part=part, parts=2, attempt=part) for part in (1, 2)]
OUTCOME = event(
    "segment.completed",
    "outcome",
    parts=2,
    records_received=100_000,
    records_accepted=99_997,
    records_rejected=3,
    duration_seconds=1_500,
)
EVERYTHING = (RECEIVED, CHUNKED, *PARTS, OUTCOME)
EXACT = Findings(
    delivered=(Delivered(SEGMENT, EVERYTHING, Counted(100_000, 3)),),
    traffic=(TRAFFIC,),
    faults=({"id": "a", "seen": 1}, {"id": "b", "seen": 0}),
    audiences={("1234567890", "high-value"): Difference(99_990, 0, 0)},
    refused={("1234567890", "high-value"): Refused(0, 0, 0)},
    pauses=(),
    contradicted=frozenset(),
)
PAUSE = Pause("1234567890", "terms_not_accepted", "Accept them.", AT, AT + timedelta(seconds=150))
FALLEN = {"id": "c", "account": "1234567890", "standing": "terms_not_accepted", "seen": 1}
PAUSED = replace(EXACT, faults=(*EXACT.faults, FALLEN), pauses=((PAUSE, 0),))


def test_the_report_is_the_agreed_document() -> None:
    assert report(EXACT) == {
        "ok": True,
        "faults_injected": 2,
        "faults_seen": 1,
        "segments": [
            {
                "segment": "s",
                "account": "1234567890",
                "audience": "high-value",
                "state": "completed",
                "received": 100_000,
                "accepted": 99_997,
                "rejected": 3,
                "skipped": 0,
                "failed": 0,
                "refused": 0,
                "parts": 2,
                "attempts": 3,
                "seconds": 1_500,
            }
        ],
        "accounts": [
            {
                "account": "1234567890",
                "destination": "google_ads",
                "requests": 12,
                "max_in_flight": 1,
                "busy_ratio": 0.9,
            }
        ],
        "pauses": [],
    }


def test_the_report_lists_pauses_with_their_causes_and_lengths() -> None:
    assert problems(PAUSED) == ()
    assert report(PAUSED)["pauses"] == [
        {
            "account": "1234567890",
            "cause": "terms_not_accepted",
            "reason": "Accept them.",
            "resumed": True,
            "seconds": 150,
        }
    ]


def test_who_was_refused_is_rejected_beside_the_bad_rows() -> None:
    outcome = replace(OUTCOME, records_accepted=99_990, records_rejected=10)
    delivered = Delivered(SEGMENT, (*EVERYTHING[:-1], outcome), Counted(100_000, 3), refused=7)
    findings = replace(EXACT, delivered=(delivered,))

    assert problems(findings) == ()
    assert report(findings)["segments"][0]["refused"] == 7


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (replace(EXACT, traffic=({**TRAFFIC, "max_in_flight": 2},)), "2 requests in flight at once"),
        (replace(EXACT, contradicted=frozenset({"s.1.2"})), "s.1.2: came with two different bodies"),
        (replace(EXACT, audiences={("1", "a"): Difference(5, 1, 0)}), "1 / a: 1 people are missing"),
        (replace(EXACT, audiences={("1", "a"): Difference(5, 0, 2)}), "2 people do not belong there"),
        (replace(EXACT, refused={("1", "a"): Refused(9, 2, 0)}), "2 people were refused, and no receipt"),
        (replace(EXACT, refused={("1", "a"): Refused(9, 0, 3)}), "3 lines of people who were not refused"),
        (replace(PAUSED, pauses=()), "account 1234567890: paused 0 times, not 1"),
        (replace(PAUSED, faults=()), "account 1234567890: paused 1 times, not 0"),
        (replace(PAUSED, pauses=((PAUSE, 2),)), "account 1234567890: 2 requests while it was paused"),
        (replace(PAUSED, pauses=((replace(PAUSE, until=None), 0),)), "and nobody resumed it"),
    ],
)
def test_whatever_is_not_as_it_must_be_is_said(findings: Findings, said: str) -> None:
    (problem,) = problems(findings)

    assert said in problem
    assert report(findings)["ok"] is False


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (EVERYTHING[:-1], "segment crm: 0 outcomes, not 1"),
        ((*EVERYTHING, replace(OUTCOME, event_id="s.2.outcome", run=2)), "segment crm: 2 outcomes, not 1"),
        (
            (*EVERYTHING[:-1], replace(OUTCOME, type="segment.partial", reason="A part failed.")),
            "segment crm: segment.partial, not segment.completed. A part failed",
        ),
        (
            (*EVERYTHING[:-1], replace(OUTCOME, records_accepted=99_996, records_rejected=4)),
            "segment crm: 99,996 accepted, not 99,997",
        ),
    ],
)
def test_a_segment_has_one_outcome_with_the_generators_numbers(events: tuple[Event, ...], said: str) -> None:
    findings = replace(EXACT, delivered=(Delivered(SEGMENT, events, Counted(100_000, 3)),))

    assert said in problems(findings)
    assert report(findings)["ok"] is False


def test_a_segment_without_any_event_is_reported_as_open() -> None:
    findings = replace(EXACT, delivered=(Delivered(SEGMENT, (), Counted(100_000, 3)),))

    (row,) = report(findings)["segments"]

    assert (row["segment"], row["state"], row["accepted"]) == ("", "open", 0)


@pytest.mark.parametrize(
    ("events", "state", "stored", "done"),
    [
        ((), "landed", 0, 0),
        ((RECEIVED,), "chunking", 1, 0),
        ((CHUNKED, RECEIVED), "queued", 2, 0),
        ((RECEIVED, CHUNKED, PARTS[1]), "uploading 1/2", 2, 1),
        ((RECEIVED, *PARTS, CHUNKED), "job running", 2, 2),
        ((OUTCOME, RECEIVED, CHUNKED, *PARTS), "completed", 2, 2),
    ],
)
def test_progress_is_told_by_events_in_any_order(
    events: tuple[Event, ...], state: str, stored: int, done: int
) -> None:
    progress = segment_progress(SEGMENT, events, landed=True, part_records=50_000, stored={"s": 1})

    assert (progress.state, progress.stored, progress.done, progress.parts) == (state, stored, done, 2)


def test_a_repeat_is_no_news_unless_it_says_something_else() -> None:
    journal = Journal()
    other = replace(OUTCOME, parts=3)

    news = [journal.add(Published(each, encode(each))) for each in (RECEIVED, OUTCOME, RECEIVED, other)]

    assert news == [True, True, False, False]
    assert journal.contradicted == {OUTCOME.event_id}
    assert journal.of(SOURCE) == (RECEIVED, OUTCOME)
    assert journal.outcomes(SOURCE) == (OUTCOME,)
    assert journal.of("gs://landing/other.csv") == ()


def test_a_part_that_was_stored_twice_is_one_part() -> None:
    first, second = "s/1/abc/00001.frames", "s/1/abc/00002.frames"
    calls = [
        call("OK", first),
        call("OK", first),
        call("UNAVAILABLE", second),
        call("OK", second, ended=None),
    ]

    assert stored_parts(calls) == {"s": 1}


def test_an_account_is_busy_while_a_request_is_under_way() -> None:
    adding = {"method": "AddOfflineUserDataJobOperations", "ended": None}

    assert account_progress(TRAFFIC, [adding], ()).activity == "adding people"
    assert account_progress(TRAFFIC, [{**adding, "ended": 3.0}], [PAUSE]).activity == "waiting"
    assert account_progress(TRAFFIC, [], ()).activity == "waiting for a part"


def test_an_account_is_paused_until_it_is_resumed_and_others_are_not() -> None:
    open_pause, other = replace(PAUSE, until=None), {**TRAFFIC, "account": "9876543210"}

    assert account_progress(TRAFFIC, [], [PAUSE, open_pause]).activity == "paused"
    assert account_progress(other, [], [open_pause]).activity == "waiting for a part"


def test_the_board_says_why_an_account_is_paused_and_what_to_do() -> None:
    paused = account_progress(TRAFFIC, [], [replace(PAUSE, until=None)])

    shown = text(drawn(Board(Heading(1, 1.0, 0.0), [], [paused], (1, 1), [])))

    assert "1234567890  paused" in shown
    assert "1234567890 is paused. Accept them." in shown


def test_the_board_shows_each_segment_account_and_fault() -> None:
    segment = segment_progress(SEGMENT, EVERYTHING[:3], True, 50_000, {})
    board = Board(Heading(100_000, 30.0, 90.0), [segment], [account_progress(TRAFFIC, [], ())], (1, 2), [])

    shown = text(drawn(board))

    assert "100,000 people   1:30 (45:00 simulated)" in shown
    assert "uploading 1/2" in shown
    assert "12 requests  90% busy  1 in flight at most" in shown
    assert "1 of 2 faults" in shown


def test_a_rejected_segment_has_no_parts_and_is_drawn_all_the_same() -> None:
    rejected = event("segment.rejected", "outcome", records_received=9, records_rejected=9)
    segment = segment_progress(SEGMENT, (RECEIVED, rejected), True, 50_000, {})

    assert "rejected" in text(drawn(Board(Heading(1, 1.0, 0.0), [segment], [], (0, 0), [])))


def test_the_conclusion_tells_exactness_or_what_is_wrong() -> None:
    wrong = replace(EXACT, contradicted=frozenset({"s.1.2"}))

    assert "Exact. 1 of 2 faults happened" in text(concluded(report(EXACT), EXACT, {"cloud": 90_000_000}))
    assert "two different bodies" in text(concluded(report(wrong), wrong, {}))
    assert "Exact" not in text(concluded(report(wrong), wrong, {}))


def test_the_conclusion_tells_who_was_paused_and_how_many_were_refused() -> None:
    (delivered,) = PAUSED.delivered
    still = replace(PAUSED, pauses=((replace(PAUSE, until=None), 0),))
    refused = replace(PAUSED, delivered=(replace(delivered, refused=1),))

    assert "1234567890  paused for 2:30: terms_not_accepted" in text(concluded(report(PAUSED), PAUSED, {}))
    assert "1234567890  is paused still" in text(concluded(report(still), still, {}))
    assert "Google refused 1 record one by one" in text(concluded(report(refused), refused, {}))
    assert "Google refused" not in text(concluded(report(PAUSED), PAUSED, {}))


def call(status: str, name: str, ended: float | None = 2.0) -> dict[str, Any]:
    return {"resource": name, "status": status, "ended": ended}


def text(drawing: RenderableType) -> str:
    console = Console(width=140)
    with console.capture() as capture:
        console.print(drawing)
    return capture.get()
