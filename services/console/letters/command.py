"""`sluice dead-letters`: what no machine will retry. Listing reads the ledger and consumes nothing."""

import json
import sys
from collections.abc import Callable

import click

from services.console.completing import LETTER, SEGMENT
from services.console.letters import acting, telling
from services.console.letters.acting import Act
from services.console.ports import ConsolePorts, console_ports
from services.console.since import HOW, moment_of
from shared import names
from shared.ops.letters import list_letters, read_letter

_IDS = click.argument("letters", nargs=-1, required=True, type=LETTER, metavar="LETTER...")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object for each letter.")


@click.group("dead-letters")
def dead_letters() -> None:
    """What no machine will retry: list it, look at it, send it again, or say that nobody needs it."""


@dead_letters.command("list")
@click.option("--segment", default="", type=SEGMENT, metavar="SEGMENT", help="About this segment only.")
@click.option("--reason", default="", metavar="CODE", help="With this reason code only.")
@click.option("--since", default="", metavar="WHEN", help=f"That came since: {HOW}.")
@click.option("--all", "every", is_flag=True, help="Those that were replayed or discarded, too.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(0), help="The newest so many; 0: all."
)
@_JSON
def list_command(segment: str, reason: str, since: str, every: bool, limit: int, as_json: bool) -> int:
    """Every dead letter that nobody has replayed or discarded, newest last."""
    ports = console_ports()
    start = names.landing_key(moment_of(since, ports.clock.now())) if since else ""
    found = [
        blob
        for blob in list_letters(ports, start)
        if segment in ("", blob.metadata.get("segment"))
        and reason in ("", blob.metadata.get("reason_code"))
        and (every or not blob.metadata.get("resolved"))
    ]
    shown = found[-limit:] if limit else found
    if as_json:
        for blob in shown:
            click.echo(json.dumps(telling.row_document(blob)))
        return 0
    if len(shown) < len(found):
        click.echo(f"{len(found) - len(shown):,} older ones: give --limit {len(found)}")
    for line in telling.lines(shown) if shown else ["There is no dead letter."]:
        click.echo(line)
    return 0


@dead_letters.command("show")
@click.argument("letter", type=LETTER, metavar="LETTER")
@_JSON
def show_command(letter: str, as_json: bool) -> int:
    """One dead letter: what it is, why, when, how often it was tried, and its payload. Ends with 1 when there is none."""
    entry = read_letter(console_ports(), letter)
    if entry is None:
        click.echo(f"There is no dead letter {letter}.", err=True)
        return 1
    told = (
        [json.dumps(telling.document(letter, entry.value))] if as_json else telling.page(letter, entry.value)
    )
    for line in told:
        click.echo(line)
    return 0


@dead_letters.command("replay")
@_IDS
@_DRY_RUN
@_JSON
def replay_command(letters: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Send dead letters where they came from: a message to its topic, a part or a segment as the next run.

    Mend the cause first. Ends with 1 when one could not be replayed.
    """
    ports = console_ports()
    acts = [acting.plan_replay(ports, letter) for letter in dict.fromkeys(letters)]
    if dry_run:
        return _tell(acts, as_json, "would", lambda _: True)
    by = _by()
    return _tell(acts, as_json, "done", lambda act: acting.replay_letter(ports, act, by))


@dead_letters.command("discard")
@_IDS
@click.option("--why", required=True, metavar="TEXT", help="Is recorded, with your account.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_DRY_RUN
@_JSON
def discard_command(letters: tuple[str, ...], why: str, yes: bool, dry_run: bool, as_json: bool) -> int:
    """Say that nobody needs dead letters any more. They stay in the ledger, with who said so and why.

    Asks first; without a terminal --yes is needed. Ends with 1 when one could not be discarded, or when you say no.
    """
    ports: ConsolePorts = console_ports()
    acts = [acting.find(ports, letter) for letter in dict.fromkeys(letters)]
    if dry_run:
        return _tell(acts, as_json, "would", lambda _: True)
    if not yes and not _confirmed(len(acts)):
        click.echo("Nothing was done.", err=True)
        return 1
    by = _by()
    return _tell(acts, as_json, "done", lambda act: acting.discard_letter(ports, act, by, why))


def _confirmed(number: int) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: give --yes")
    return click.confirm(f"Discard {number} dead letter{'' if number == 1 else 's'}?", err=True)


def _by() -> str:
    from shared.gcp.identity import whoami

    return whoami()


def _tell(acts: list[Act], as_json: bool, word: str, act_on: Callable[[Act], bool]) -> int:
    """Each as soon as it is done."""
    wrong = 0
    for act in acts:
        done = not act.refused and act_on(act)
        why = act.refused or ("" if done else "somebody else has resolved it meanwhile")
        wrong += not done
        if as_json:
            said = {"letter": act.id, "action": word if done else "refused", "what": act.what, "why": why}
            click.echo(json.dumps(said))
        else:
            click.echo(f"{act.id}: {f'refused: {why}' if why else act.what or word}")
    return 1 if wrong else 0
