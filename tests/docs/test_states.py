"""The diagram of states shows the moves that the code knows."""

import re
from pathlib import Path

from services.console.standing import ENDS, MOVES

PAGE = (Path(__file__).parents[2] / "docs/states.md").read_text()


def test_the_diagram_shows_every_move_and_no_other() -> None:
    drawn = re.findall(r"^  (\w+) --> (\w+)$", PAGE, re.MULTILINE)

    assert drawn == [(before, after) for before, after, _ in MOVES]


def test_the_table_says_who_makes_each_move() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)

    assert rows == list(MOVES)


def test_every_word_is_explained() -> None:
    words = {word for move in MOVES for word in move[:2]}

    assert {word for word in words if f"`{word}" not in PAGE} == set()
    assert re.findall(r"^  (\w+) --> \[\*\]$", PAGE, re.MULTILINE) == list(ENDS)
