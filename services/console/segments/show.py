"""`sluice show SEGMENT`: everything that the ledger knows of one segment."""

import json

import click

from services.console.completing import SEGMENT
from services.console.ports import console_ports
from services.console.segments.page import page
from services.console.segments.story import story


@click.command("show")
@click.argument("segment", type=SEGMENT, metavar="SEGMENT")
@click.option("--run", "run", default=0, type=click.IntRange(0), help="This run only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(segment: str, run: int, as_json: bool) -> int:
    """One segment: its source, its runs with state, counts, reasons, jobs and rejects, and what happened when.

    Ends with 1 when the ledger knows no such segment or run.
    """
    ports = console_ports()
    told = story(ports, segment, run)
    if told is None:
        click.echo(f"There is no segment {segment}: see `sluice segments`.", err=True)
        return 1
    if run and not told["runs"]:
        click.echo(f"{segment} has no run {run}.", err=True)
        return 1
    for line in [json.dumps(told)] if as_json else page(told):
        click.echo(line)
    return 0
