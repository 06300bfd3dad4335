"""`sluice accounts pause` and `resume`: an operator's word about accounts, carried out one by one."""

import json
import sys
from collections.abc import Iterable
from dataclasses import replace

import click

from services.console.accounts import deciding
from services.console.accounts.arguments import ANY_IDS, DRY_RUN, IDS, JSON, named
from services.console.accounts.deciding import Done, Verb, intention, is_due
from services.console.accounts.survey import Seen, index
from services.console.ports import console_ports
from shared.errors import SluiceError
from shared.model.codec import DocumentError
from shared.ops.pausing import pause_by_hand, read_pause, resume_by_hand
from shared.ops.sweep import sweep_runs
from shared.world import Ports


@click.command("pause")
@IDS
@DRY_RUN
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal either.")
@JSON
def pause(ids: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool) -> int:
    """Let accounts rest until somebody resumes them: nothing is sent, nothing is lost, no attempt is spent.

    An account that rests already stays as it is. Ends with 1 when one could not be paused, or when you say no.
    """
    ports = console_ports()
    seen = named(ports, index(ports), ids)
    if dry_run:
        return _foretell(seen, "pause", as_json)
    _announce(seen, "pause", as_json)
    due = any(is_due(each, "pause") for each in seen)
    if due and not yes and sys.stdin.isatty() and not click.confirm("Pause?", err=True):
        click.echo("Nothing was done.", err=True)
        return 1
    return _report((_pause(ports, each) for each in seen), as_json)


@click.command("resume")
@ANY_IDS
@click.option("--all", "every", is_flag=True, help="Every account that rests, whatever the cause.")
@DRY_RUN
@JSON
def resume(ids: tuple[str, ...], every: bool, dry_run: bool, as_json: bool) -> int:
    """Let accounts go on, and restart what was lost while they rested.

    Mend the cause first: an account that is still refused rests again after one request. Ends with 1 when one could not be
    resumed, or not all of its runs could be swept.
    """
    if every == bool(ids):
        raise click.UsageError("name accounts, or give --all")
    ports = console_ports()
    found = index(ports)
    seen = named(ports, found, tuple(sorted(found.resting)) if every else ids)
    if not seen and not as_json:
        click.echo("No account rests.")
    if dry_run:
        return _foretell(seen, "resume", as_json)
    _announce(seen, "resume", as_json)
    return _report((resume_one(ports, each) for each in seen), as_json)


def _foretell(seen: Iterable[Seen], verb: Verb, as_json: bool) -> int:
    if as_json:
        told = (Done(each, verb, "would" if is_due(each, verb) else "nothing") for each in seen)
        _print(json.dumps(deciding.document(each)) for each in told)
    else:
        _print(intention(each, verb) for each in seen)
    return 0


def _announce(seen: Iterable[Seen], verb: Verb, as_json: bool) -> None:
    """A program reads standard output; whoever is asked reads what about, all the same."""
    for each in seen:
        click.echo(intention(each, verb), err=as_json)


def _report(done: Iterable[Done], as_json: bool) -> int:
    """Each as soon as it is done."""
    wrong = 0
    for each in done:
        wrong += each.went_wrong
        _print([json.dumps(deciding.document(each))] if as_json else deciding.lines(each))
    return 1 if wrong else 0


def _pause(ports: Ports, seen: Seen) -> Done:
    """The trouble of one account keeps no other from its turn."""
    try:
        paused = pause_by_hand(ports, seen.id)
        after = replace(seen, pause=read_pause(ports, seen.id).pause)
        return Done(after, "pause", "done" if paused else "nothing")
    except (SluiceError, DocumentError) as error:
        return Done(seen, "pause", "failed", failed=str(error))


def resume_one(ports: Ports, seen: Seen) -> Done:
    """Swept in any case: the resumption before may have been cut off in front of its sweep."""
    try:
        resumed = resume_by_hand(ports, seen.id)
        return Done(seen, "resume", "done" if resumed else "nothing", tuple(sweep_runs(ports, seen.id)))
    except (SluiceError, DocumentError) as error:
        return Done(seen, "resume", "failed", failed=str(error))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
