"""Which segments a replay is about, and which of their parts."""

import click

from services.console.segments.rows import Row, Wanted, rows
from shared.part_ranges import count, from_text, is_text
from shared.replaying import Wish
from shared.world import Ports

MOST_PARTS = 10_000
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
    """Nothing is unfolded before it is known to be few."""
    pieces = [piece.strip() for piece in text.split(",")]
    for piece in pieces:
        if not is_text(piece):
            raise click.BadParameter(f"{piece!r} is no part; write 3,7 or 3-7", param_hint="--parts")
    if sum(map(count, pieces)) > MOST_PARTS:
        raise click.BadParameter(f"name {MOST_PARTS:,} parts at most", param_hint="--parts")
    return tuple(sorted({number for piece in pieces for number in from_text(piece)}))


def last_runs(ports: Ports, wanted: Wanted, reason_code: str, *, every: bool) -> list[Row]:
    """The last run of each segment, by account, reason and time; unless `every`, of those that ended in a way that left something."""
    newest: dict[str, Row] = {}
    for row in rows(ports, Wanted(wanted.since, wanted.account, wanted.audience)):
        newest[row.segment] = max(newest.get(row.segment, row), row, key=lambda each: each.run)
    found = (row for row in newest.values() if not row.open and (every or row.standing.state in REPLAYABLE))
    return [row for row in found if reason_code in ("", row.reason_code)]
