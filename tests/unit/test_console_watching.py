"""What somebody who watches sees, from events and from the ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

from infra.event_pages import example
from services.console.segments.rows import Row
from services.console.standing import Standing
from services.console.watching.board import Board
from services.console.watching.command import line
from services.console.watching.screen import drawn
from shared.model.events import Event

NOW = datetime(2026, 11, 23, 14, 6, tzinfo=UTC)
COMPLETED, FAILED = example("segment.completed"), example("part.failed")


def row(account: str, audience: str, standing: Standing) -> Row:
    return Row(f"{account}-{audience}-append-00", 1, account, audience, "append", standing, NOW)


def part(minutes: float, records: int) -> Event:
    at = NOW - timedelta(minutes=minutes)
    return replace(example("part.completed"), occurred_at=at, records_accepted=records)


def text(board: Board, height: int = 24) -> str:
    console = Console(file=StringIO(), width=140, color_system=None)
    console.print(drawn(board, NOW, height))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_an_open_run_has_a_bar_and_its_account_an_activity() -> None:
    rows = [
        row("1234567890", "high-value", Standing("sending", 5, 20)),
        row("1234567890", "newsletter", Standing("waiting", 0, 3)),
        row("9876543210", "lapsed", Standing("paused", 0, 3, "terms_not_accepted")),
    ]

    told = text(Board().looked(rows, NOW))

    assert "3 open" in told
    assert "━━━━━───────────────" in told
    assert "sending: 5 of 20 parts" in told
    assert "sending high-value; 1 waiting" in told
    assert "rests: terms_not_accepted" in told


def test_failures_and_ends_come_as_they_happen() -> None:
    board = Board().heard(FAILED).heard(COMPLETED)

    told = text(board)

    assert told.index("segment.completed") < told.index("part.failed")
    assert "2 events" in told
    assert "No run is open." in told


def test_throughput_is_of_the_last_ten_minutes() -> None:
    board = Board().heard(part(20, 9_000_000)).heard(part(5, 40_000)).heard(part(1, 60_000))

    assert board.throughput(NOW) == 100_000 / 5
    assert len(board.looked([], NOW).sent) == 2
    assert Board().throughput(NOW) == 0


def test_many_open_runs_fit_on_the_screen() -> None:
    rows = [row("1234567890", f"audience-{number:03}", Standing("waiting")) for number in range(500)]

    told = text(Board().looked(rows, NOW), height=30)

    assert "and 479 more" in told
    assert len(told.splitlines()) <= 30


def test_off_a_terminal_an_event_is_one_line() -> None:
    assert line(COMPLETED) == (
        "2026-11-23T14:05:12Z  segment.completed     1234567890-high-value-append-0f98cd055c2ea59d  "
        "999,000 accepted, 800 rejected, 200 skipped"
    )
