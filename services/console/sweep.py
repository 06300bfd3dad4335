"""`sluice sweep`: what the schedule does every ten minutes, now."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import click

from services.console.narrate import counted
from services.console.ports import console_ports
from shared.names import is_account_id
from shared.ops.sweep import Swept, sweep_runs
from shared.sweeping import Obligation, Paused, Restart, SetQueue, Settle

_WORDS = {
    "Rest": "nothing to do",
    "Close": "announce the outcome and close the run",
    "AskAgain": "ask for the segment to be chunked again",
    "GiveUp": "end the run: it could not be chunked in time",
    "EndUnsent": "end the run: its manifest says that nothing is sent",
    "MarkReady": "mark the run as ready",
    "Leave": "leave the audience's line",
    "Resume": "resume the account: its pause is over",
    "Announce": "tell that the account was paused or resumed",
}


def _ten_digits(_: click.Context, __: click.Parameter, value: str) -> str:
    if value and not is_account_id(value):
        raise click.BadParameter("an account is a number of ten digits, without hyphens")
    return value


@click.command("sweep")
@click.option("--account", default="", metavar="ID", callback=_ten_digits, help="This account only.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each open run.")
def sweep(account: str, dry_run: bool, as_json: bool) -> int:
    """Look at every open run and restart what was lost with a process, a task or a message.

    Safe at any time, beside the pipeline and beside other sweeps. Ends with 1 when a run could not be swept.
    """
    looked = failed = 0
    for swept in sweep_runs(console_ports(), account, act=not dry_run):
        looked, failed = looked + 1, failed + bool(swept.failed)
        click.echo(json.dumps(document(swept)) if as_json else words(swept))
    if not looked and not as_json:
        click.echo("No run is open.")
    return 1 if failed else 0


def document(swept: Swept) -> dict[str, object]:
    return {
        "account": swept.account,
        "segment": swept.segment,
        "run": swept.run,
        "step": type(swept.step).__name__,
        **asdict(swept.step),
        "failed": swept.failed,
    }


def words(swept: Swept) -> str:
    what = f"failed: {swept.failed}" if swept.failed else _step_words(swept)
    return f"{swept.segment}  run {swept.run}  {what}" if swept.segment else f"{swept.account}  {what}"


def _step_words(swept: Swept) -> str:
    match swept.step:
        case Restart(obligations):
            return f"make tasks anew: {_obligation_words(obligations)}"
        case Paused(cause, until):
            return f"rests until {until or 'somebody resumes it'}: {cause}"
        case SetQueue(held):
            return "hold the account's queue again" if held else "let the account's queue go again"
        case Settle(stage):
            return f"draw the conclusion of stage {stage}"
        case _:
            return _WORDS[type(swept.step).__name__]


def _obligation_words(obligations: Iterable[Obligation]) -> str:
    """Like "stage 1: 3 uploads, stage 1: 1 finish"."""
    counts = Counter((each.stage, each.kind) for each in obligations)
    return ", ".join(f"stage {stage}: {counted(number, kind)}" for (stage, kind), number in counts.items())
