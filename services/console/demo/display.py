"""Where the demo shows itself: a board that is drawn anew on a terminal, one line for each event everywhere else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from services.console.demo.screen import Board, drawn
from services.console.narrate import clock


@dataclass
class Display:
    """`elapsed` gives real seconds; each note carries its time."""

    console: Console
    elapsed: Callable[[], float]
    notes: list[Text] = field(default_factory=list)
    _live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal and not self.console.no_color:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def note(self, what: str, style: str, words: str) -> None:
        line = Text.assemble(
            (f"{clock(self.elapsed()):>6}  ", "dim"),
            (f"{what:<18}  ", style),
            (words, "dim"),
            no_wrap=True,
            overflow="ellipsis",
        )
        self.notes.append(line)
        if not self._live:
            self.console.print(line, soft_wrap=True)

    def draw(self, board: Board) -> None:
        if self._live:
            self._live.update(drawn(board), refresh=True)
