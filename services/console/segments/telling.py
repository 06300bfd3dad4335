"""Rows of runs in words and documents. Pure."""

from collections.abc import Iterable

from services.console.segments.rows import Row
from services.console.tables import moment, table

_HEAD = ("segment", "run", "when", "state")


def document(row: Row) -> dict[str, object]:
    """docs/schemas/segments.json."""
    return {
        "segment": row.segment,
        "run": row.run,
        "account": row.account,
        "audience": row.audience,
        "mode": row.mode,
        "state": row.standing.state,
        "done": row.standing.done,
        "parts": row.standing.parts,
        "cause": row.standing.cause,
        "at": moment(row.at),
        "source": row.source,
        "records_received": row.received,
        "records_accepted": row.accepted,
        "records_rejected": row.rejected,
        "records_skipped": row.skipped,
        "records_failed": row.failed,
        "duration_seconds": row.duration,
    }


def lines(rows: Iterable[Row]) -> list[str]:
    return table(_HEAD, (_cells(row) for row in rows))


def _cells(row: Row) -> tuple[str, ...]:
    return row.segment, str(row.run), moment(row.at), words(row)


def words(row: Row) -> str:
    if row.open:
        return row.standing.words
    counts = (
        (row.accepted, "accepted"),
        (row.rejected, "rejected"),
        (row.skipped, "skipped"),
        (row.failed, "failed"),
    )
    told = ", ".join(f"{number:,} {word}" for number, word in counts if number)
    return ": ".join(filter(None, (row.standing.state, told))) + (
        f" ({row.reason_code})" if row.reason_code else ""
    )
