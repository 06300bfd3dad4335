"""Terraform and Sluice read the same YAML alike: what they would not is refused, with the cure to quote it."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.load import ACCOUNTS, TOPOLOGY
from infra.plain_words import read_alike
from infra.strict_yaml import Leaf, Listing, Node, Section, read
from tests.support.terraform import evaluate

SIGNS = "0123456789" * 2 + "+-._:~=<" + "eExXoObBaAfFnNyYtTrRuUlLsSiI"
TRAPS = (
    "NO",
    "no",
    "y",
    "ON",
    "0123456789",
    "0.050",
    "1.0",
    "1e3",
    "0x1F",
    "0o17",
    "010",
    "2026-01-01",
    "~",
    "null",
)
HARMLESS = (
    "1_000",
    "Norway",
    "12:30:45",
    "true",
    "false",
    "0.05",
    "7100000001",
    "-1",
    "0",
    "a.b",
    "NOR",
    "1.2.3",
)
MADE_UP = 4_000


def words(node: Node | None) -> Any:
    """Nested as the document is, every leaf its text."""
    match node:
        case Section(entries=entries):
            return {key: words(entry) for key, entry in entries.items()}
        case Listing(items=items):
            return [words(item) for item in items]
        case Leaf(text=text):
            return text
    raise AssertionError("no document")


def spoken(value: Any) -> Any:
    """The same of what Terraform has read, with its own texts for numbers and truth."""
    match value:
        case dict():
            return {key: spoken(entry) for key, entry in value.items()}
        case list():
            return [spoken(item) for item in value]
        case bool():
            return "true" if value else "false"
    return value


def accepted(word: str) -> bool:
    root, problems = read(f"a: {word}\n{word}: a\n", "words.yaml")
    return not problems and words(root) == {"a": word, word: "a"}


def made_up() -> list[str]:
    chance = random.Random(2026)
    return ["".join(chance.choices(SIGNS, k=chance.randint(1, 7))) for _ in range(MADE_UP)]


@pytest.mark.parametrize("file", [ACCOUNTS, TOPOLOGY], ids=["accounts", "topology"])
def test_what_is_deployed_is_the_same_to_both(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / "read.yaml")

    root, problems = read(file.read_text("utf-8"), file.name)

    assert problems == ()
    assert spoken(evaluate('yamldecode(file("read.yaml"))', tmp_path)) == words(root)


def test_every_word_that_needs_no_quotes_is_the_same_to_both(tmp_path: Path) -> None:
    plain = sorted({word for word in (*HARMLESS, *made_up()) if accepted(word)})
    assert len(plain) > MADE_UP / 10
    values = "".join(f"  w{index:04d}: {word}\n" for index, word in enumerate(plain))
    keys = "".join(f"  {word}: x\n" for word in plain)
    (tmp_path / "read.yaml").write_text(f"values:\n{values}keys:\n{keys}")

    found = spoken(evaluate('yamldecode(file("read.yaml"))', tmp_path))

    assert list(found["values"].values()) == plain
    assert sorted(found["keys"]) == plain


def test_every_trap_is_one_and_is_refused(tmp_path: Path) -> None:
    """Words that Terraform does read otherwise: a rule without need would be a nuisance."""
    (tmp_path / "read.yaml").write_text("".join(f"- {word}\n" for word in TRAPS))

    found = spoken(evaluate('yamldecode(file("read.yaml"))', tmp_path))

    assert [word for word, heard in zip(TRAPS, found, strict=True) if word == heard] == []
    assert [word for word in TRAPS if read_alike(word)] == []


def test_in_quotes_every_trap_is_the_same_to_both(tmp_path: Path) -> None:
    text = "".join(f'- "{word}"\n' for word in TRAPS)
    (tmp_path / "read.yaml").write_text(text)

    root, problems = read(text, "read.yaml")

    assert problems == ()
    assert evaluate('yamldecode(file("read.yaml"))', tmp_path) == words(root) == list(TRAPS)
