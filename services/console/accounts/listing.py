"""`sluice accounts list` in words and documents. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.console.accounts.survey import Seen
from shared.pausing import explained

_HEAD = ("account", "name", "destination", "open runs", "state")


def document(seen: Seen) -> dict[str, object]:
    """`state`: works, rests, or broken when `problem` says why nobody can tell. What does not apply is ""."""
    pause = seen.pause if seen.rests else None
    return {
        "account": seen.id,
        "name": seen.name,
        "destinations": list(seen.account.destinations) if seen.account else [],
        "state": _state(seen),
        "since": moment(pause.at) if pause else "",
        "cause": pause.cause if pause else "",
        "until": moment(pause.until) if pause and pause.until else "",
        "by": pause.by if pause else "",
        "open_runs": dict(seen.open_runs),
        "problem": seen.problem,
    }


def table(accounts: Iterable[Seen]) -> list[str]:
    """One line for each account, below a head; the last column is as long as it must be."""
    rows = [_HEAD, *(_cells(seen) for seen in accounts)]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return [_line(row, widths) for row in rows]


def runs_words(open_runs: Mapping[str, int]) -> str:
    """Like "high-value 2, newsletter 1"."""
    return ", ".join(f"{audience} {number}" for audience, number in sorted(open_runs.items()))


def state_words(seen: Seen) -> str:
    resting = (
        f"rests since {moment(seen.pause.at)}: {explained(seen.id, seen.pause)}"
        if seen.pause and seen.rests
        else ""
    )
    broken = f"broken: {seen.problem}" if seen.problem else ""
    return "; ".join(filter(None, (resting, broken))) or "works"


def moment(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _state(seen: Seen) -> str:
    if seen.rests:
        return "rests"
    return "broken" if seen.problem else "works"


def _cells(seen: Seen) -> tuple[str, ...]:
    destinations = ", ".join(seen.account.destinations) if seen.account else ""
    return seen.id, seen.name, destinations, runs_words(seen.open_runs) or "-", state_words(seen)


def _line(cells: Iterable[str], widths: list[int]) -> str:
    *fixed, last = cells
    return "  ".join([*(cell.ljust(width) for cell, width in zip(fixed, widths, strict=True)), last])
