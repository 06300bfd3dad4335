"""`sluice config check`: is what infra/ says fit to be deployed?"""

import json
from dataclasses import asdict
from pathlib import Path

import click

from infra.load import ACCOUNTS, TOPOLOGY, check, load_accounts
from services.console.narrate import counted


@click.group()
def config() -> None:
    """The configuration: topology.yaml and accounts.yaml."""


@config.command("check")
@click.option("--topology", type=click.Path(path_type=Path), default=TOPOLOGY, help="Another topology.yaml.")
@click.option("--accounts", type=click.Path(path_type=Path), default=ACCOUNTS, help="Another accounts.yaml.")
@click.option("--json", "as_json", is_flag=True, help="The problems as JSON, on standard output.")
def config_check(topology: Path, accounts: Path, as_json: bool) -> int:
    """Read both files strictly and name every mistake, where it is and how to mend it.

    Exits with 0 if there is none, with 1 otherwise.
    """
    problems = check(topology, accounts)
    if as_json:
        click.echo(json.dumps({"ok": not problems, "problems": [asdict(problem) for problem in problems]}))
    elif problems:
        for problem in problems:
            click.echo(str(problem), err=True)
    else:
        known = load_accounts(accounts)
        for account in known:
            click.echo(f"{account.id}  {account.name}: {', '.join(account.audiences)}")
        audiences = sum(len(account.audiences) for account in known)
        click.echo(f"{counted(len(known), 'account')} with {counted(audiences, 'audience')}: nothing wrong")
    return 1 if problems else 0
