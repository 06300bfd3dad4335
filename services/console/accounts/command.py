"""`sluice accounts`: how the accounts are, an operator's word about them (orders.py), and a new one (add.py)."""

import json
from functools import cache

import click

from services.console.accounts import diagnosis, listing
from services.console.accounts.add import add
from services.console.accounts.arguments import ANY_IDS, JSON, named
from services.console.accounts.doctor import Doctor
from services.console.accounts.orders import pause, resume
from services.console.accounts.survey import index, look
from services.console.ports import ConsolePorts, console_ports
from services.uploader.destination import Destination
from services.uploader.destinations.versions import warning

_NOBODY = "No account is configured."


@click.group()
def accounts() -> None:
    """The accounts: how they are, add one, let one rest, let it go on, look what ails it."""


accounts.add_command(add)
accounts.add_command(pause)
accounts.add_command(resume)


@accounts.command("list")
@JSON
def list_accounts(as_json: bool) -> int:
    """Every account: where it sends to, whether it works or rests and why, and its open runs by audience.

    Ends with 1 when an account's document cannot be used.
    """
    ports = console_ports()
    found = index(ports)
    seen = [look(ports, found, each) for each in found.known]
    lines = [json.dumps(listing.document(each)) for each in seen] if as_json else listing.table(seen)
    for line in lines if seen or as_json else [_NOBODY]:
        click.echo(line)
    return 1 if any(each.problem for each in seen) else 0


@accounts.command("doctor")
@ANY_IDS
@JSON
def doctor(ids: tuple[str, ...], as_json: bool) -> int:
    """Look at accounts from all sides and say what to do: all of them, unless some are named.

    Credentials, access with allow-listing and terms, each audience's user list, queue, pause, lease, the API's version. A question
    to Google Ads waits for the account's turn like every request, up to a minute, and sends nothing. Ends with 1 when a check fails.
    """
    ports = console_ports()
    found = index(ports)
    seen = named(ports, found, ids or found.known)
    physician = Doctor(ports, cache(lambda: _connected(ports)), _sunset(ports))
    told = []
    for each in map(physician.diagnose, seen):
        told.append(each)
        click.echo(json.dumps(diagnosis.document(each)) if as_json else "\n".join(diagnosis.lines(each)))
    if not as_json:
        click.echo(diagnosis.summary(told) if told else _NOBODY)
    return 0 if all(each.healthy for each in told) else 1


def _connected(ports: ConsolePorts) -> Destination:
    """Google's library costs a second: only who asks pays for it."""
    from services.uploader.destinations.google_ads import GoogleAds

    return GoogleAds.connect(ports.settings, ports.secrets, ports.clock)


def _sunset(ports: ConsolePorts) -> str:
    return warning(ports.settings.google_ads_version, ports.clock.now().date())
