"""`sluice local`: the whole of Sluice on this machine, until Ctrl-C."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from services.console import environment
from services.console.deployment import Deployment, bring_up
from services.console.feed import Feed, listening
from services.console.lock import alone_in
from services.console.logs import LogReader
from services.console.narrate import STYLES, event_words
from services.console.processes import Supervisor
from services.console.programs import ROOT, Options
from services.console.site import SERVICES, exports, foreign
from shared.model.events import Event

_FOLDER = ROOT / "build" / "local"
_LOOK_EVERY = 0.5


@click.command()
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Simulated seconds in a real one: 60 shows an hour in a minute.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the local cloud keeps its objects, to find them again.  [default: build/local/state, emptied]",
)
def local(speed: float, state: Path | None) -> None:
    """Start the local cloud and the three services, and keep them running until Ctrl-C.

    A server that STORAGE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST, CLOUD_TASKS_EMULATOR_HOST,
    SECRET_MANAGER_EMULATOR_HOST or GOOGLE_ADS_ENDPOINT names is used, and none is started in its place.
    """
    console = Console(highlight=False, soft_wrap=True)
    with alone_in(_FOLDER), Supervisor() as supervisor:
        options = _options(speed, state)
        with console.status("Starting the local cloud and the services"):
            deployment = bring_up(options, supervisor)
        with listening(deployment) as feed, _announced(_FOLDER / "env", deployment) as variables:
            console.print(_welcome(deployment, _near(variables)))
            _run(console, supervisor, feed, LogReader({name: options.log(name) for name in SERVICES}))


def _options(speed: float, state: Path | None) -> Options:
    """A state that nobody named is a fresh one: a ledger whose queues are gone would only mislead."""
    if state is None:
        shutil.rmtree(_FOLDER / "state", ignore_errors=True)
    shutil.rmtree(_FOLDER / "logs", ignore_errors=True)
    inherited = environment.inherited()
    return Options(_FOLDER, state or _FOLDER / "state", speed, 0, inherited, foreign(inherited))


@contextmanager
def _announced(path: Path, deployment: Deployment) -> Iterator[Path]:
    """The file is there, whole, for as long as what it names is there."""
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(exports(deployment.variables))
    draft.replace(path)
    try:
        yield path
    finally:
        path.unlink()


def _run(console: Console, supervisor: Supervisor, feed: Feed, logs: LogReader) -> None:
    """Until somebody presses Ctrl-C or a process is beyond help."""
    while True:
        for published in feed.take(_LOOK_EVERY):
            console.print(_line(published.event))
        for service, words in logs.notable():
            console.print(Text.assemble((f"{service:<10}", "red"), words))
        for name in supervisor.tend():
            console.print(Text(f"{name:<10}died and was started again", "yellow"))


def _line(event: Event) -> Text:
    place = f"{event.segment}  " if event.segment else f"{event.account}  "
    return Text.assemble(
        (f"{event.type:<20}", STYLES.get(event.type, "")), place, (event_words(event), "dim")
    )


def _welcome(deployment: Deployment, variables: str) -> Text:
    account = deployment.accounts[0]
    name = f"{account.id}/{next(iter(account.audiences))}/append/people.csv"
    bucket = deployment.site.landing
    return Text.assemble(
        ("Sluice is running. ", "bold green"),
        "Send a segment from another terminal:\n\n",
        f"  . {variables}\n",
        "  printf 'email,phone\\nada@example.com,+4740612345\\n' > people.csv\n",
        "  curl -fsS --data-binary @people.csv -H 'Content-Type: text/csv' \\\n",
        f'    "$STORAGE_EMULATOR_HOST/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"\n\n',
        (f"Accounts and audiences: infra/accounts.yaml. Logs: {_near(_FOLDER / 'logs')}/. ", "dim"),
        (f"Faults and questions: {deployment.control.url}/control/. Ctrl-C stops everything.\n", "dim"),
    )


def _near(path: Path) -> str:
    """As one would type it here."""
    return os.path.relpath(path)
