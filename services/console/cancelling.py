"""`sluice cancel SEGMENT`: the wrong file has landed; nothing more of it is sent."""

import json
import sys

import click

from services.console.completing import SEGMENT
from services.console.narrate import counted
from services.console.ports import console_ports
from shared.ops.cancel import Cancelled, cancel_run
from shared.ops.history import read_history
from shared.world import Ports


@click.command("cancel")
@click.argument("segment", type=SEGMENT, metavar="SEGMENT")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal either.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def cancel(segment: str, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Let nothing more of a segment's open run be sent. A job that Google already runs is let end: it cannot be called back.

    Ends with 1 when there is nothing to cancel, or when you say no.
    """
    ports = console_ports()
    run = _last_run(ports, segment)
    if run == 0:
        click.echo(f"There is no run of {segment}: see `sluice segments`.", err=True)
        return 1
    seen = cancel_run(ports, segment, run, act=False)
    if dry_run or not seen.anything:
        return _tell(seen, as_json, would=True)
    click.echo(words(seen, would=True), err=True)
    if not yes and sys.stdin.isatty() and not click.confirm("Cancel it?", err=True):
        click.echo("Nothing was done.", err=True)
        return 1
    return _tell(cancel_run(ports, segment, run), as_json, would=False)


def _last_run(ports: Ports, segment: str) -> int:
    last = read_history(ports, segment).last
    return last.number if last and last.opened else 0


def _tell(seen: Cancelled, as_json: bool, *, would: bool) -> int:
    click.echo(json.dumps(document(seen, would=would)) if as_json else words(seen, would=would))
    return 0 if seen.anything else 1


def document(seen: Cancelled, *, would: bool) -> dict[str, object]:
    """docs/schemas/cancel.json."""
    return {
        "segment": seen.segment,
        "run": seen.run,
        "action": ("would" if would else "done") if seen.anything else "nothing",
        "outcome": seen.had,
        "before_chunking": seen.whole,
        "cancelled_stages": list(seen.cancelled),
        "running_stages": list(seen.running),
        "ended_stages": list(seen.ended),
    }


def words(seen: Cancelled, *, would: bool) -> str:
    """Pure."""
    about = f"run {seen.run} of {seen.segment}"
    if seen.had:
        return f"{about} has its outcome already: {seen.had.removeprefix('segment.')}. Nothing was done."
    if not seen.anything:
        return f"{about} cannot be cancelled any more: Google runs its last job. Take its people out by a segment of mode remove."
    what = "before anything of it was sent" if seen.whole else counted(len(seen.cancelled), "stage")
    return f"{'would cancel' if would else 'cancelled'} {about}: {what}{_left(len(seen.running))}."


def _left(jobs: int) -> str:
    if not jobs:
        return ""
    return f"; {counted(jobs, 'job')} that Google runs {'is' if jobs == 1 else 'are'} let end"
