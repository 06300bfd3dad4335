"""`sluice watch`: what is going on, as it happens: a live view on a terminal, one line for each event elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import click
from rich.console import Console
from rich.live import Live

from services.console.completing import ACCOUNT, SEGMENT
from services.console.narrate import event_words
from services.console.ports import ConsolePorts, console_ports
from services.console.segments.rows import Row, open_rows
from services.console.watching.board import Board
from services.console.watching.screen import drawn
from shared.gcp.completions import Events, Heard, listen, temporary
from shared.model.codec import encode
from shared.model.events import Event

_LOOK_EVERY = 5.0
"""Real seconds between two looks at the ledger: two lists, and one of each open run."""
_WAIT = 0.5


@dataclass(frozen=True)
class Watcher:
    """`tell` is told of every event, `show` draws the board. `until_idle`: it ends once nothing is open."""

    ports: ConsolePorts
    events: Events
    look: Callable[[], list[Row]]
    tell: Callable[[Event], None]
    show: Callable[[Board], None]
    until_idle: bool

    def run(self) -> None:
        board, looked = Board(), float("-inf")
        while True:
            for heard in self._heard():
                self.tell(heard.event)
                board = board.heard(heard.event)
            monotonic = self.ports.clock.readings().monotonic
            if self.ports.clock.real(monotonic - looked) >= _LOOK_EVERY:
                board, looked = board.looked(self.look(), self.ports.clock.now()), monotonic
                if self.until_idle and not board.rows:
                    self.show(board)
                    return
            self.show(board)

    def _heard(self) -> Iterator[Heard]:
        """All that is there, after a short wait for the first."""
        seconds = _WAIT
        while found := self.events.take(seconds):
            yield from found
            seconds = 0.0


@click.command("watch")
@click.option(
    "--account",
    "accounts",
    multiple=True,
    type=ACCOUNT,
    metavar="ID",
    help="This account only; may be repeated.",
)
@click.option(
    "--segment",
    "segments",
    multiple=True,
    type=SEGMENT,
    metavar="SEGMENT",
    help="This segment only; may be repeated.",
)
@click.option(
    "--subscription",
    default="",
    metavar="NAME",
    help="Listen on this one, instead of one for the time of watching.",
)
@click.option("--until-idle", is_flag=True, help="End when no run is open.")
@click.option("--json", "as_json", is_flag=True, help="Every event as it was published, one a line.")
def watch(
    accounts: tuple[str, ...], segments: tuple[str, ...], subscription: str, until_idle: bool, as_json: bool
) -> int:
    """Show what is going on: a bar for each open run, what each account is doing, throughput, rejects, failures as they come.

    Off a terminal one line for each event. It makes a subscription for itself and removes it at the end, unless one is named.
    """
    ports = console_ports()
    console = Console()

    def look() -> list[Row]:
        found = open_rows(ports, accounts[0] if len(accounts) == 1 else "")
        return [row for row in found if _meant(row, accounts, segments)]

    with ExitStack() as stack:
        own = f"sluice-watch-{ports.random.getrandbits(48):012x}"
        topic = ports.topology.topics.completions
        name = subscription or stack.enter_context(temporary(ports.settings, topic, own))
        events = stack.enter_context(
            listen(ports.settings.project, name, accounts=accounts, segments=segments)
        )
        live = console.is_terminal and not as_json
        show = stack.enter_context(_screen(console, ports)) if live else _nothing
        Watcher(ports, events, look, _silent if live else _teller(as_json), show, until_idle).run()
    return 0


def _meant(row: Row, accounts: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    return (not accounts or row.account in accounts) and (not segments or row.segment in segments)


@contextmanager
def _screen(console: Console, ports: ConsolePorts) -> Iterator[Callable[[Board], None]]:
    with Live(console=console, auto_refresh=False, screen=False) as live:
        yield lambda board: live.update(drawn(board, ports.clock.now(), console.height), refresh=True)


def _teller(as_json: bool) -> Callable[[Event], None]:
    def tell(event: Event) -> None:
        click.echo(encode(event).decode() if as_json else line(event))

    return tell


def line(event: Event) -> str:
    """Pure."""
    place = event.segment or event.account
    return f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {event.type:<20}  {place}  {event_words(event)}".rstrip()


def _silent(_: Event) -> None:
    """The screen shows it."""


def _nothing(_: Board) -> None:
    """There is no screen."""
