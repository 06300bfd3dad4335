"""`sluice send FILE`: puts a file where it becomes a segment, and follows it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from services.console.bars import bar
from services.console.checking.aim import Aim, landing_of
from services.console.checking.command import MODES
from services.console.checking.files import File, file_of
from services.console.narrate import event_words
from services.console.ports import ConsolePorts, console_ports
from services.console.sending.follow import follow
from services.console.sending.plan import Plan, metadata_of
from services.console.standing import Standing
from shared import names
from shared.model.codec import encode
from shared.ops.accounts import read_account
from shared.ports import Blob
from shared.reasons import words


@click.command("send")
@click.argument("file", metavar="FILE")
@click.option("--account", required=True, metavar="ID", help="The account, ten digits.")
@click.option("--audience", required=True, metavar="KEY", help="The audience, by its key in accounts.yaml.")
@click.option("--mode", type=MODES, required=True, help="append, remove or replace.")
@click.option(
    "--name", default="", metavar="NAME", help="The last part of the object's name, unless FILE's own."
)
@click.option(
    "--label", "labels", multiple=True, metavar="KEY=VALUE", help="Travels into every event; may be repeated."
)
@click.option("--validate-only", is_flag=True, help="It is read, checked and reported, and nothing is sent.")
@click.option("--wait", is_flag=True, help="Follow it to its end.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Put it over an object of the same name without asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def send(
    file: str,
    account: str,
    audience: str,
    mode: str,
    name: str,
    labels: tuple[str, ...],
    validate_only: bool,
    wait: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Upload a file under the name that makes it a segment of an audience. FILE is a path, or gs://BUCKET/OBJECT.

    Ends with 0 when it is there, with --wait when it was delivered; with 1 when it is refused, or came to another end.
    """
    ports = console_ports()
    found = file_of(file, lambda: ports)
    aim = Aim(account, audience, mode, name or found.path.rpartition("/")[2])
    if refusal := _refusal(ports, aim, found):
        return _refused(refusal, as_json)
    metadata = metadata_of(labels, ports.topology.labels, validate_only=validate_only)
    there = _there(ports, aim.name)
    plan = Plan(aim, ports.landing.bucket, found.size, there.generation if there else 0, metadata)
    if dry_run:
        click.echo(json.dumps(_document(plan, 0)) if as_json else f"would {plan.words}")
        return 0
    if there and not yes and not _may_replace(plan):
        return 1
    generation = _put(ports, found, plan)
    if generation is None:
        click.echo("Somebody else has written or removed an object meanwhile: nothing was done.", err=True)
        return 1
    return _after(ports, plan, generation, wait=wait, as_json=as_json)


def _there(ports: ConsolePorts, name: str) -> Blob | None:
    """By a list, where the name itself comes first: whoever sends need not be allowed to read what others sent."""
    first = next(iter(ports.landing.list(name)), None)
    return first if first and first.name == name else None


def _refusal(ports: ConsolePorts, aim: Aim, found: File) -> str:
    configured = read_account(ports, aim.account)
    segment = landing_of(aim, ports.landing.bucket, found.size, configured)
    return segment.reason_code if segment.verdict == "rejected" else ""


def _refused(reason_code: str, as_json: bool) -> int:
    said = {"verdict": "rejected", "reason_code": reason_code, "reason": words(reason_code)}
    click.echo(json.dumps(said) if as_json else f"It would be rejected: {said['reason']} Nothing was sent.")
    return 1


def _may_replace(plan: Plan) -> bool:
    if sys.stdin.isatty():
        return click.confirm(f"{plan.address} is there already. Put this one over it?", err=True)
    click.echo(
        f"sluice: {plan.address} is there already; give --yes to put this one over it, or --name", err=True
    )
    return False


def _put(ports: ConsolePorts, found: File, plan: Plan) -> int | None:
    with bar(found.size, "uploaded") as told:
        return ports.put(found.origin, found.size, plan.aim.name, plan.generation, plan.metadata, told)


def _after(ports: ConsolePorts, plan: Plan, generation: int, *, wait: bool, as_json: bool) -> int:
    document = _document(plan, generation)
    segment = document["segment"]
    if not as_json:
        click.echo(f"{plan.address}#{generation}\n{segment}")
    end = _followed(ports, segment, as_json) if wait else None
    if as_json:
        outcome = json.loads(encode(end.outcome)) if end and end.outcome else None
        click.echo(json.dumps({**document, "outcome": outcome}))
    return 0 if end is None or end.state == "completed" else 1


def _document(plan: Plan, generation: int) -> dict[str, Any]:
    """docs/schemas/send.json; generation 0 for what is not there yet."""
    aim = plan.aim
    prefix = f"{aim.account}-{aim.audience}-{aim.mode}"
    segment = names.segment_id(plan.bucket, aim.name, generation, prefix) if generation else ""
    return {
        "segment": segment,
        "source": plan.address,
        "generation": generation,
        "bytes": plan.size,
        "replaces": plan.generation,
        "metadata": plan.metadata,
        "outcome": None,
    }


def _followed(ports: ConsolePorts, segment: str, as_json: bool) -> Standing:
    try:
        with _teller(quiet=as_json) as told:
            return follow(ports, segment, told)
    except KeyboardInterrupt:
        click.echo("It goes on without you. Its outcome comes on the topic completions.", err=True)
        raise


@contextmanager
def _teller(*, quiet: bool) -> Iterator[Any]:
    """On a terminal one line that changes, elsewhere a line for each change; outcomes stay."""
    console = Console(stderr=True)
    live = console.is_terminal and not quiet

    def told(run: int, seen: Standing) -> None:
        again = f"run {run}: " if run > 1 else ""
        ended = f"{seen.state}: {event_words(seen.outcome)}" if seen.outcome else seen.words
        if live and not seen.outcome:
            status.update(again + ended)
        elif not quiet:
            click.echo(again + ended)

    with console.status("landed") if live else _nothing() as status:
        yield told


@contextmanager
def _nothing() -> Iterator[Any]:
    yield None
