"""How the demo looks while it runs. Pure: values in, what rich draws out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.console.demo.progress import AccountProgress, SegmentProgress
from services.console.narrate import clock

_BAR = 20  # with it a line of the board has 80 columns
_NOTES = 8
_STATES = {
    "completed": "bold green",
    "landing": "dim",
    "landed": "dim",
    "chunking": "cyan",
    "queued": "yellow",
    "job running": "magenta",
}


@dataclass(frozen=True)
class Heading:
    """`seconds` are real, since the first upload began."""

    rows: int
    speed: float
    seconds: float


@dataclass(frozen=True)
class Board:
    """All that is drawn. `faults` are (seen, injected); `notes` the last things that happened, oldest first."""

    heading: Heading
    segments: Sequence[SegmentProgress]
    accounts: Sequence[AccountProgress]
    faults: tuple[int, int]
    notes: Sequence[Text]


def drawn(board: Board) -> RenderableType:
    parts = (
        _heading(board),
        _segments(board.segments),
        Group(_accounts(board.accounts), *(_why(each) for each in board.accounts if each.paused)),
        Group(*board.notes[-_NOTES:]),
    )
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts))


def _heading(board: Board) -> Text:
    heading = board.heading
    simulated = clock(heading.seconds * heading.speed)
    seen, injected = board.faults
    rejected = sum(each.rejected for each in board.segments)
    return Text.assemble(
        ("Sluice ", "bold"),
        f"{heading.rows:,} people   ",
        (clock(heading.seconds), "bold"),
        (f" ({simulated} simulated)   ", "dim"),
        (f"{rejected:,} rejected   ", "yellow" if rejected else "dim"),
        (f"{seen} of {injected} faults", "red" if seen else "dim"),
    )


def _segments(segments: Iterable[SegmentProgress]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(no_wrap=True, min_width=_BAR)
    table.add_column(no_wrap=True, min_width=14)
    for each in segments:
        segment = each.segment
        table.add_row(
            Text(segment.title, "bold"),
            Text(f"{segment.account} / {segment.audience}", "dim"),
            bar(each),
            Text(each.state, state_style(each.state)),
        )
    return table


def state_style(state: str) -> str:
    return "green" if state.startswith("uploading") else _STATES.get(state, "bold red")


def bar(each: SegmentProgress) -> Text:
    """Green is uploaded, cyan is chunked. A segment that was rejected has no parts."""
    parts = max(1, each.parts)
    done = _BAR * each.done // parts
    stored = max(done, _BAR * each.stored // parts)
    return Text.assemble(
        ("━" * done, "green"), ("━" * (stored - done), "cyan"), ("─" * (_BAR - stored), "bright_black")
    )


def _accounts(accounts: Iterable[AccountProgress]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=16)
    for each in accounts:
        table.add_row(
            Text(each.account, "bold"),
            Text(each.activity, _activity_style(each)),
            Text(f"{each.requests} requests", "dim", justify="right"),
            Text(f"{each.busy_ratio:.0%} busy", "dim", justify="right"),
            Text(f"{each.max_in_flight} in flight at most", "dim" if each.max_in_flight <= 1 else "bold red"),
        )
    return table


def _activity_style(each: AccountProgress) -> str:
    if each.paused:
        return "bold red"
    return "dim" if each.activity.startswith("waiting") else "green"


def _why(each: AccountProgress) -> Padding:
    """Beneath all accounts, as wide as there is room: cause and cure are whole sentences."""
    return Padding(Text.assemble((f"{each.account} is paused. ", "bold red"), each.paused), (1, 0, 0, 0))
