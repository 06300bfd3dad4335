"""`sluice accounts add`: a new account in accounts.yaml, without a deployment."""

import json
from pathlib import Path
from typing import Any, get_args

import click

from infra.load import ACCOUNTS, TOPOLOGY
from services.console.accounts import added, adding
from services.console.accounts.added import Result
from services.console.accounts.adding import Addition
from services.console.accounts.arguments import DRY_RUN, JSON
from services.console.accounts.wanted import BY_NAME, BY_NUMBER, CREATED, Number, account_of
from shared.model.account import Delimiter
from shared.model.run import ConsentState

_FILE = click.Path(path_type=Path, dir_okay=False)
_CONSENT = click.Choice(get_args(ConsentState))
_DELIMITERS = click.Choice([name for name in get_args(Delimiter) if name])


@click.command("add")
@click.argument("account", type=Number(), metavar="ID")
@click.option("--name", required=True, metavar="TEXT", help="What people call the account.")
@click.option(
    "--default-region", required=True, metavar="XX", help="Completes phone numbers without a country: NO, US."
)
@click.option(
    "--max-rejected-ratio",
    required=True,
    metavar="SHARE",
    help="A segment with a larger share of bad records is rejected whole: 0.05 is one in twenty.",
)
@click.option(
    "--ad-user-data", type=_CONSENT, required=True, help="What your people agreed to; never assumed."
)
@click.option("--ad-personalization", type=_CONSENT, required=True, help="The same.")
@click.option(
    "--audience",
    "by_number",
    type=BY_NUMBER,
    multiple=True,
    metavar=BY_NUMBER.name,
    help="An audience by its user list's number in Google Ads. TYPE: CONTACT_INFO, CRM_ID or MOBILE_ADVERTISING_ID; may be repeated.",
)
@click.option(
    "--named-audience",
    "by_name",
    type=BY_NAME,
    multiple=True,
    metavar=BY_NAME.name,
    help="One by what the list is called there; may be repeated.",
)
@click.option(
    "--create-audience",
    "created",
    type=CREATED,
    multiple=True,
    metavar=CREATED.name,
    help="The same, and Sluice makes the list where there is none; DAYS, 1 to 540, somebody stays on it. May be repeated.",
)
@click.option(
    "--destination",
    "destinations",
    multiple=True,
    metavar="NAME",
    help="Where it is sent to, unless google_ads; the first is the default.",
)
@click.option(
    "--login-customer-id", type=Number(), metavar="ID", help="The manager account that grants access."
)
@click.option(
    "--credential", default="", metavar="NAME", help="A grant of its own: the secret sluice-credential-NAME."
)
@click.option(
    "--delimiter", type=_DELIMITERS, help="What separates the cells of its files, unless the header says."
)
@click.option("--hashed", is_flag=True, help="Its values come as SHA-256.")
@click.option("--deduplicate", is_flag=True, help="Who was in a segment before is not sent again.")
@click.option("--accounts", "file", type=_FILE, default=ACCOUNTS, help="Another accounts.yaml.")
@click.option("--topology", type=_FILE, default=TOPOLOGY, help="Another topology.yaml.")
@DRY_RUN
@JSON
def add(account: str, file: Path, topology: Path, dry_run: bool, as_json: bool, **wanted: Any) -> int:
    """Write a new account into accounts.yaml: ID is its number in Google Ads, 1112223334 or 111-222-3334.

    What the file would then say is checked as `sluice config check` does, and read back. What is there stays as it is, comments too. No
    deployment is asked or changed: Terraform deploys the file. Ends with 1, and nothing is written, when something is wrong.
    """
    audiences = tuple(each for form in ("by_number", "by_name", "created") for each in wanted.pop(form))
    planned = adding.plan(account_of(account, audiences=audiences, **wanted), file, topology)
    done = planned if dry_run or planned.problems else adding.write(planned)
    return _tell(done, "refused" if done.problems else "would" if dry_run else "done", as_json)


def _tell(done: Addition, result: Result, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(added.document(done, result)))
    elif result == "refused":
        for problem in done.problems:
            click.echo(str(problem), err=True)
        click.echo("Nothing was written.", err=True)
    else:
        for line in added.foretold(done) if result == "would" else added.lines(done):
            click.echo(line)
    return 1 if result == "refused" else 0
