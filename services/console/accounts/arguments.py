"""What the commands about accounts take, and which accounts are meant."""

from collections.abc import Iterable

import click

from infra.fit import resembling
from services.console.accounts.survey import Index, Seen, look
from shared.world import Ports

IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...")
ANY_IDS = click.argument("ids", nargs=-1, metavar="[ID...]")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object for each account.")


def named(ports: Ports, found: Index, ids: Iterable[str]) -> list[Seen]:
    """All are known before one is touched; else click.BadParameter names what was probably meant."""
    wanted = tuple(dict.fromkeys(ids))
    for each in wanted:
        if each not in found.known:
            cure = (
                resembling(each, found.known) if found.known else "None is configured; deploy accounts.yaml"
            )
            raise click.BadParameter(f"there is no account {each}. {cure}", param_hint="ID")
    return [look(ports, found, each) for each in wanted]
