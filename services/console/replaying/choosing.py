"""Which segments a replay is about, and which of their parts."""

import click

from services.console.segments.rows import Row, Wanted, rows
from shared.part_ranges import from_text, is_text
from shared.replaying import Wish
from shared.world import Ports

REPLAYABLE = ("partial", "failed", "rejected", "superseded", "cancelled")
"""What is looked for where no segment is named: ends that left something undelivered."""


def wish_of(parts: str, *, whole: bool, failed: bool) -> Wish:
    """One of the three, `failed` unless something else is said. Raises click.BadParameter, click.UsageError."""
    if sum((bool(parts), whole, failed)) > 1:
        raise click.UsageError("give one of --failed, --parts and --all")
    if parts:
        return Wish("some", parts_of(parts))
    return Wish("whole") if whole else Wish()


def parts_of(text: str) -> tuple[int, ...]:
    pieces = ",".join(piece.strip() for piece in text.split(","))
    numbers = tuple(sorted({number for piece in pieces.split(",") for number in _numbers(piece)}))
    if not numbers or len(numbers) > 10_000:
        raise click.BadParameter("name at least one part, and 10,000 at most", param_hint="--parts")
    return numbers


def _numbers(piece: str) -> tuple[int, ...]:
    if not is_text(piece) or sum(map(len, piece.split("-"))) > 12:
        raise click.BadParameter(f"{piece!r} is no part; write 3,7 or 3-7", param_hint="--parts")
    return from_text(piece)


def last_runs(ports: Ports, wanted: Wanted, reason_code: str) -> list[Row]:
    """The last run of each segment that ended in a way that left something, by account, reason and time."""
    newest: dict[str, Row] = {}
    for row in rows(ports, Wanted(wanted.since, wanted.account, wanted.audience)):
        newest[row.segment] = max(newest.get(row.segment, row), row, key=lambda each: each.run)
    found = (row for row in newest.values() if row.standing.state in REPLAYABLE)
    return [row for row in found if reason_code in ("", row.reason_code)]
