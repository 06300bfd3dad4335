"""What the demo says at its end: the table, the accounts, the faults, the verdict. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.console.demo.report import Delivered, Findings, problems
from services.console.demo.screen import state_style
from services.console.narrate import clock, counted

_ALWAYS = ("received", "accepted", "rejected", "parts", "attempts")
_RARELY = ("skipped", "failed")

Row = Mapping[str, Any]


def concluded(report: Mapping[str, Any], findings: Findings, peaks: Mapping[str, int]) -> RenderableType:
    """`peaks` in bytes, by process; empty where nothing is known about them."""
    return Group(
        Text(),
        _table(report["segments"], findings.delivered),
        Text(),
        *(_account(row) for row in report["accounts"]),
        *(_pause(row) for row in report["pauses"]),
        *_refused(sum(row["refused"] for row in report["segments"])),
        *_memory(peaks),
        Text(),
        *_verdict(report, findings),
    )


def _table(rows: Sequence[Row], delivered: Sequence[Delivered]) -> Table:
    """Without the columns that are rarely of interest and now hold nothing."""
    numbers = _ALWAYS + tuple(name for name in _RARELY if any(row[name] for row in rows))
    table = Table(box=None, header_style="dim", pad_edge=False, show_footer=True, footer_style="bold")
    table.add_column("segment", footer="in all", no_wrap=True)
    table.add_column("account / audience")
    table.add_column("state")
    for name in numbers:
        table.add_column(name, justify="right", footer=f"{sum(row[name] for row in rows):,}")
    table.add_column("time", justify="right")
    for row, each in zip(rows, delivered, strict=True):
        table.add_row(*_cells(row, each.segment.title, numbers))
    return table


def _cells(row: Row, title: str, numbers: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(title, "bold")
    yield Text(f"{row['account']} / {row['audience']}")
    yield Text(row["state"], state_style(row["state"]))
    yield from (Text(f"{row[name]:,}") for name in numbers)
    yield Text(clock(row["seconds"]))


def _account(row: Row) -> Text:
    requests, most, busy = row["requests"], row["max_in_flight"], row["busy_ratio"]
    return Text.assemble(
        (row["account"], "bold"),
        f"  {requests} requests, at most {most} in flight, {busy:.0%} of the time busy",
    )


def _pause(row: Row) -> Text:
    words = f"  paused for {clock(row['seconds'])}: {row['cause']}" if row["resumed"] else "  is paused still"
    return Text.assemble((row["account"], "bold"), words)


def _refused(number: int) -> Iterator[Text]:
    if number:
        yield Text(f"Google refused {counted(number, 'record')} one by one: receipts name each by its line.")


def _memory(peaks: Mapping[str, int]) -> Iterator[Text]:
    if peaks:
        told = ", ".join(f"{name} {size / 1_000_000:,.0f} MB" for name, size in sorted(peaks.items()))
        yield Text(f"Peak memory, the largest process of each: {told}", "dim")


def _verdict(report: Mapping[str, Any], findings: Findings) -> Iterator[Text]:
    wrong = problems(findings)
    for problem in wrong:
        yield Text(problem, "bold red")
    if wrong:
        yield Text("What the services said about it is in build/demo/logs/.", "dim")
    else:
        members = sum(each.members for each in findings.audiences.values())
        yield Text.assemble(
            ("Exact. ", "bold green"),
            f"{report['faults_seen']} of {report['faults_injected']} faults happened; {len(findings.audiences)}",
            f" audiences hold {members:,} members: everybody who was accepted and nobody else.",
        )
