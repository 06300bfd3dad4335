"""Draws the pictures of the README: what `sluice watch` shows in the middle of some work, and how `sluice demo` ends.

`python -m tests.pictures` starts real deployments and keeps what the commands draw as SVG in docs/pictures.
"""

import io
import re
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console, RenderableType

from infra.load import load_accounts
from services.console import environment
from services.console.demo.cargo import Cargo
from services.console.demo.conclusion import concluded
from services.console.demo.delivery import Delivery
from services.console.demo.generate import generate_all
from services.console.demo.report import report
from services.console.demo.segments import segments, targets
from services.console.demo.speed import destination_words
from services.console.ports import console_ports
from services.console.programs import Options
from services.console.segments.rows import open_rows
from services.console.watching.board import Board
from services.console.watching.command import Watcher
from services.console.watching.screen import drawn
from shared.gcp.completions import listen, temporary
from shared.model.account import Account
from tests.support.crowd import table, written
from tests.support.flow import ADD, Flow, running

PICTURES = Path(__file__).parents[1] / "docs/pictures"
ROWS, SEED, SPEED = 35_000, 7, 60.0
WIDTH = 118


class Enough(Exception):
    """The board shows what the picture is to show."""


@dataclass
class Keeper:
    """Keeps the board as soon as it is worth a picture."""

    board: Board | None = None

    def look(self, board: Board) -> None:
        states = {row.standing.state for row in board.rows}
        if {"sending", "waiting", "following"} <= states and board.troubles and board.ended:
            self.board = board
            raise Enough


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        _keep("watch", "sluice watch", _watched(Path(folder)))
        _keep("demo", "sluice demo", _demonstrated(Path(folder)))


def _keep(name: str, title: str, what: RenderableType) -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(what)
    drawn_so = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title), flags=re.DOTALL)
    (PICTURES / f"{name}.svg").write_text(drawn_so)  # without fonts from elsewhere: the reader's own will do


def _watched(folder: Path) -> RenderableType:
    keeper = Keeper()
    with running(folder / "watch") as flow, ExitStack() as stack, suppress(Enough):
        ports = console_ports()
        topic = ports.topology.topics.completions
        name = stack.enter_context(temporary(ports.settings, topic, "sluice-watch-picture"))
        events = stack.enter_context(listen(ports.settings.project, name))
        _work(flow)
        Watcher(
            ports, events, lambda: list(open_rows(ports)), lambda _: None, keeper.look, until_idle=False
        ).run()
    if keeper.board is None:
        sys.exit("nothing was worth a picture")
    return drawn(keeper.board, console_now(keeper.board), height=40)


def console_now(board: Board) -> datetime:
    return max(row.at for row in board.rows)


def _work(flow: Flow) -> None:
    """Some segments on their way, one behind another, one that fails, and one that is rejected."""
    for audience, people in (("high-value", 400), ("newsletter", 250)):
        account = flow.account("high-value", "newsletter")
        flow.fault(service="google_ads", method=ADD, account=account.id, action="delay", seconds=240, nth=2)
        for number in range(3):
            flow.land(f"{account.id}/{audience}/append/part-{number}.csv", _file(flow, people))
    _refused(flow, flow.account("lapsed"))
    flow.land(f"{flow.account('lapsed').id}/lapsed/append/empty.csv")


def _refused(flow: Flow, account: Account) -> None:
    refusal = {"action": "error", "code": "INVALID_ARGUMENT", "reason": "INVALID_USER_LIST_ID"}
    flow.fault(service="google_ads", method=ADD, account=account.id, **refusal)
    flow.land(f"{account.id}/lapsed/append/people.csv", _file(flow, 100))


def _file(flow: Flow, people: int) -> bytes:
    return table(written(flow.people.take(people)))


def _demonstrated(folder: Path) -> RenderableType:
    options = Options(
        folder / "demo",
        folder / "demo/state",
        SPEED,
        SEED,
        environment.inherited(),
        {},
        destination_words(SPEED),
    )
    planned = segments(ROWS, targets(load_accounts()))
    files = [file for segment in planned for file in segment.files]
    generated = {each.file.name: each for each in generate_all(files, folder / "demo/people", SEED, 2)}
    findings, peaks = Delivery(
        Console(width=140), options, Cargo(planned, generated), faulty=True
    ).carry_out()
    return concluded(report(findings), findings, peaks)


if __name__ == "__main__":
    main()
