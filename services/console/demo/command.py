"""`sluice demo`: seven segments, two accounts, seeded faults, and the proof that everybody arrived exactly once."""

import json
import os
import shutil
from collections.abc import Sequence

import click
from rich.console import Console

from infra.load import load_accounts
from services.console import environment, memory
from services.console.demo.cargo import Cargo
from services.console.demo.conclusion import concluded
from services.console.demo.delivery import Delivery
from services.console.demo.generate import Generated, generate_all
from services.console.demo.report import report
from services.console.demo.segments import FEWEST_ROWS, Segment, segments, targets
from services.console.demo.speed import SpeedOption, destination_words, speed_for
from services.console.lock import alone_in
from services.console.programs import ROOT, Options
from services.console.site import SERVERS, foreign

_FOLDER = ROOT / "build" / "demo"
_CORES = 2


@click.command()
@click.option(
    "--rows",
    type=click.IntRange(FEWEST_ROWS),
    default=350_000,
    show_default=True,
    help="People in all seven segments together.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Decides the people and the faults.")
@click.option(
    "--speed",
    type=SpeedOption(),
    default="auto",
    show_default=True,
    help="Simulated seconds in a real one; auto: as many as so many rows allow.",
)
@click.option("--faults/--no-faults", "faulty", default=True, help="Whether things go wrong on the way.")
@click.option(
    "--json", "as_json", is_flag=True, help="The report on standard output, all else on standard error."
)
def demo(rows: int, seed: int, speed: float | None, faulty: bool, as_json: bool) -> int:
    """Send seven segments of invented people through Sluice on this machine, and check where they end up.

    The local cloud and the services run as separate processes. Services are killed, answers get lost, messages come
    twice. Some people are refused one by one: receipts must name exactly them. An account falls into bad standing and
    rests, until its terms are accepted and it is resumed. In the end each audience must hold exactly the people who were
    accepted, and each account must have seen one request at a time. If not, the demo says what is wrong and exits with 1.
    The report is build/demo/report.json.
    """
    console = _console(as_json)
    options = _options(seed, speed or speed_for(rows))
    planned = segments(rows, targets(load_accounts()))
    console.print(f"{rows:,} invented people (seed {seed}); time passes {options.speed:g} times as fast\n")
    with alone_in(_FOLDER):
        shutil.rmtree(_FOLDER, ignore_errors=True)
        cargo = Cargo(planned, _generate(console, planned, seed))
        findings, peaks = Delivery(console, options, cargo, faulty).carry_out()
        document = report(findings)
        (_FOLDER / "report.json").write_text(json.dumps(document, indent=2) + "\n")
    console.print(concluded(document, findings, peaks | _own_memory()))
    if as_json:
        click.echo(json.dumps(document))
    return 0 if document["ok"] else 1


def _console(as_json: bool) -> Console:
    """Elsewhere than on a terminal it is wide enough for the table, so that a log holds it in one piece."""
    console = Console(stderr=as_json, highlight=False)
    return console if console.is_terminal else Console(stderr=as_json, highlight=False, width=140)


def _options(seed: int, speed: float) -> Options:
    inherited = environment.inherited()
    others = foreign(inherited)
    if "ads" in others:
        raise click.UsageError(f"the demo looks into its own Google Ads: unset {SERVERS['ads']} for it")
    return Options(_FOLDER, _FOLDER / "state", speed, seed, inherited, others, destination_words(speed))


def _generate(console: Console, planned: Sequence[Segment], seed: int) -> dict[str, Generated]:
    files = [file for segment in planned for file in segment.files]
    rows, written = sum(file.rows for file in files), 0
    with console.status(f"Inventing {rows:,} people") as status:
        generated = {}
        for each in generate_all(files, _FOLDER / "people", seed, _CORES):
            generated[each.file.name] = each
            written += each.file.rows
            status.update(f"Inventing {rows:,} people: {written:,} written")
    return generated


def _own_memory() -> dict[str, int]:
    own = memory.peaks({"console": os.getpid()})
    return {name: sizes[0] for name, sizes in own.items()}  # without the processes that it started
