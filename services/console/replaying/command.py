"""`sluice replay`: sends segments again, what was not delivered of them unless more is asked for."""

import json
import sys
from collections.abc import Iterable

import click

from services.console.completing import ACCOUNT, AUDIENCE, SEGMENT
from services.console.narrate import counted
from services.console.ports import ConsolePorts, console_ports
from services.console.replaying.choosing import last_runs, wish_of
from services.console.replaying.telling import document, line, refusal
from services.console.segments.rows import Wanted
from services.console.since import HOW, moment_of
from shared.ops.replay import Replayed, carry_out, replay_of
from shared.replaying import Replay


@click.command("replay")
@click.argument("segments", nargs=-1, type=SEGMENT, metavar="[SEGMENT...]")
@click.option("--failed", is_flag=True, help="What no run has delivered; also without this option.")
@click.option("--parts", default="", metavar="3,7", help="These parts, delivered or not.")
@click.option("--all", "whole", is_flag=True, help="Everything, cut anew from its source.")
@click.option("--account", default="", metavar="ID", type=ACCOUNT, help="Segments of this account.")
@click.option("--audience", default="", metavar="KEY", type=AUDIENCE, help="Segments of this audience.")
@click.option("--reason", default="", metavar="CODE", help="Segments that ended with this reason code.")
@click.option("--since", default="", metavar="WHEN", help=f"Segments that ended since: {HOW}.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal either.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each segment.")
def replay(
    segments: tuple[str, ...],
    failed: bool,
    parts: str,
    whole: bool,
    account: str,
    audience: str,
    reason: str,
    since: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Ask for the next run of segments: those that are named, or all that left something undelivered (with --all: all), by account,
    audience, reason and time.

    What was delivered is not sent again unless --parts or --all says so. Twice at once is one new run. Ends with 1 when one is refused.
    """
    wish = wish_of(parts, whole=whole, failed=failed)
    chosen = bool(account or audience or reason or since)
    if chosen == bool(segments):
        raise click.UsageError("name segments, or choose them by --account, --audience, --reason or --since")
    ports = console_ports()
    ids = segments or _chosen(ports, account, audience, reason, since, every=wish.scope == "whole")
    seen = [replay_of(ports, each, wish) for each in dict.fromkeys(ids)]
    if not seen and not as_json:
        click.echo("No segment left anything undelivered there.")
    if dry_run:
        return _tell(seen, as_json, would=True)
    if not yes and not _confirmed(seen):
        click.echo("Nothing was done.", err=True)
        return 1
    for each in seen:
        carry_out(ports, each, "replayed_by_operator")
    return _tell(seen, as_json, would=False)


def _chosen(
    ports: ConsolePorts, account: str, audience: str, reason: str, since: str, *, every: bool
) -> list[str]:
    wanted = Wanted(moment_of(since or "31d", ports.clock.now()), account, audience)
    return [row.segment for row in last_runs(ports, wanted, reason, every=every)]


def _confirmed(seen: Iterable[Replayed]) -> bool:
    """Several at once are asked about, on a terminal."""
    due = [each for each in seen if isinstance(each.decision, Replay)]
    if len(due) < 2 or not sys.stdin.isatty():
        return True
    for each in due:
        click.echo(line(each, would=True), err=True)
    return click.confirm(f"Replay {counted(len(due), 'segment')}?", err=True)


def _tell(seen: Iterable[Replayed], as_json: bool, *, would: bool) -> int:
    refused = False
    for each in seen:
        refused = refused or bool(refusal(each))
        click.echo(json.dumps(document(each, would=would)) if as_json else line(each, would=would))
    return 1 if refused else 0
