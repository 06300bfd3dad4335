"""`sluice check FILE`: what would become of a file, without sending or writing anything."""

import json
from pathlib import Path

import click

from infra.load import load_accounts, load_topology
from services.console import environment
from services.console.bars import bar
from services.console.checking import report, telling
from services.console.checking.aim import aim_of, landing_of
from services.console.checking.examine import examine
from services.console.checking.files import file_of
from services.console.ports import console_ports
from shared.model.account import Account
from shared.model.segment import SegmentRequest
from shared.ops.accounts import read_account
from shared.ops.pin import pin
from shared.reasons import words
from shared.settings import NAME_PATTERNS

MODES = click.Choice(["append", "remove", "replace"])


@click.command("check")
@click.argument("file", metavar="FILE")
@click.option("--account", default="", metavar="ID", help="The account, unless FILE's path says it.")
@click.option("--audience", default="", metavar="KEY", help="The audience, unless FILE's path says it.")
@click.option("--mode", type=MODES, help="append, remove or replace, unless FILE's path says it.")
@click.option(
    "--accounts", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Another accounts.yaml."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(
    file: str, account: str, audience: str, mode: str | None, accounts: Path | None, as_json: bool
) -> int:
    """Read a file as Sluice would, and say what would become of it. Nothing is sent, nothing is written.

    FILE is a path, or gs://BUCKET/OBJECT. Accounts are those of the deployment that the environment names, else those of
    infra/accounts.yaml. Ends with 0 if it would be sent, with 1 if it would be rejected.
    """
    inherited = environment.inherited()
    found = file_of(file, console_ports)
    aim = aim_of(
        found.path, account, audience, mode or "", inherited.get("SLUICE_NAME_PATTERN", NAME_PATTERNS)
    )
    configured = _account(aim.account, accounts, deployed="SLUICE_WORK_BUCKET" in inherited)
    segment = landing_of(aim, "landing", found.size, configured)
    if configured is None or segment.verdict == "rejected":
        return _refused(segment.reason_code, as_json)
    topology = load_topology()
    run = pin(segment, SegmentRequest(segment.segment), configured, topology.chunking)
    with bar(found.size, "read") as read:
        seen = examine(found, run, topology, read)
    for line in [json.dumps(report.document(seen))] if as_json else telling.lines(seen):
        click.echo(line)
    return 0 if seen.fit else 1


def _account(number: str, accounts: Path | None, *, deployed: bool) -> Account | None:
    if deployed and accounts is None:
        return read_account(console_ports(), number)
    known = load_accounts(accounts) if accounts else load_accounts()
    return next((each for each in known if each.id == number), None)


def _refused(reason_code: str, as_json: bool) -> int:
    """Before it was read: by its name, or because nobody knows its account or audience."""
    said = {"verdict": "rejected", "reason_code": reason_code, "reason": words(reason_code)}
    click.echo(json.dumps(said) if as_json else f"It would be rejected: {said['reason']}")
    return 1
