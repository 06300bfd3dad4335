"""How `sluice watch` looks on a terminal. Pure: a board in, what rich draws out."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.console.narrate import STYLES
from services.console.segments.rows import Row
from services.console.watching.board import Activity, Board, Note

_BAR = 20
_STATES = {
    "chunking": "cyan",
    "waiting": "yellow",
    "sending": "green",
    "following": "magenta",
    "paused": "bold red",
    "stuck": "bold red",
}


def drawn(board: Board, now: datetime, height: int = 24) -> RenderableType:
    """`height`: lines that there are; of many open runs the first are shown, and how many more there are."""
    room = max(3, height - 8 - len(board.accounts) - len(board.troubles) - len(board.ended))
    parts = [_heading(board, now), _rows(board.rows, room), _accounts(board.accounts)]
    parts += [_notes(notes) for notes in (board.ended, board.troubles) if notes]
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts))


def _heading(board: Board, now: datetime) -> Text:
    return Text.assemble(
        ("Sluice ", "bold"),
        f"{now:%H:%M:%S}   {len(board.rows)} open   ",
        f"{board.throughput(now):,.0f} records a minute   ",
        (f"{board.rejected:,} rejected   ", "yellow" if board.rejected else "dim"),
        (f"{board.events:,} events", "dim"),
    )


def _rows(rows: tuple[Row, ...], room: int) -> RenderableType:
    if not rows:
        return Text("No run is open.", "dim")
    table = Table.grid(padding=(0, 2))
    for row in rows[:room]:
        again = f" run {row.run}" if row.run > 1 else ""
        table.add_row(Text(row.segment + again, "bold"), bar(row), Text(row.standing.words, _style(row)))
    more = len(rows) - room
    return Group(table, Text(f"and {more} more", "dim")) if more > 0 else table


def bar(row: Row) -> Text:
    done = _BAR * row.standing.done // max(1, row.standing.parts) if row.standing.parts else 0
    return Text.assemble(("━" * done, _style(row)), ("─" * (_BAR - done), "bright_black"))


def _style(row: Row) -> str:
    return _STATES.get(row.standing.state, "dim")


def _accounts(accounts: Iterable[Activity]) -> Table:
    table = Table.grid(padding=(0, 2))
    for each in accounts:
        table.add_row(Text(each.account, "bold"), Text(each.words, "bold red" if each.resting else "green"))
    return table


def _notes(notes: Iterable[Note]) -> Group:
    return Group(*(note_line(note) for note in notes))


def note_line(note: Note) -> Text:
    return Text.assemble(
        (f"{note.at:%H:%M:%S}  ", "dim"),
        (f"{note.type:<20}", STYLES.get(note.type, "")),
        f"{note.place}  ",
        (note.words, "dim"),
        no_wrap=True,
        overflow="ellipsis",
    )
