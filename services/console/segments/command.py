"""`sluice segments`: every run and where it stands."""

import json
from collections.abc import Iterable

import click

from services.console.completing import ACCOUNT, AUDIENCE
from services.console.ports import console_ports
from services.console.segments.rows import Row, Wanted, rows
from services.console.segments.telling import document, lines
from services.console.since import HOW, moment_of
from services.console.standing import MOVES

_STATES = tuple(dict.fromkeys(word for move in MOVES for word in move[:2] if word != "landed"))


@click.command("segments")
@click.option("--account", default="", metavar="ID", type=ACCOUNT, help="Of this account only.")
@click.option("--audience", default="", metavar="KEY", type=AUDIENCE, help="Of this audience only.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(_STATES), help="In this state; may be repeated."
)
@click.option("--since", default="7d", show_default=True, metavar="WHEN", help=f"Ended since: {HOW}.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(0), help="The newest so many; 0: all."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each run.")
def segments(
    account: str, audience: str, states: tuple[str, ...], since: str, limit: int, as_json: bool
) -> int:
    """Every run: what is open with its state, and what has ended with its counts. Newest last, open ones at the end.

    From the ledger alone: nothing is asked of Google Ads, and no data is read.
    """
    ports = console_ports()
    wanted = Wanted(moment_of(since, ports.clock.now()), account, audience, states)
    found = rows(ports, wanted)
    shown = found[-limit:] if limit else found
    for line in map(json.dumps, map(document, shown)) if as_json else _told(shown, len(found), since):
        click.echo(line)
    return 0


def _told(shown: list[Row], every: int, since: str) -> Iterable[str]:
    if not every:
        return [f"No run is open, and none has ended since {since}."]
    more = every - len(shown)
    return [*([f"{more:,} older ones: give --limit {every}"] if more else []), *lines(shown)]
