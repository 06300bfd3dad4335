"""The page for people who work on Sluice names what there is."""

import re
from pathlib import Path

import pytest

from services.console.main import sluice
from services.console.site import SERVERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/local-setup.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_target_of_make_is_told_and_no_other() -> None:
    there = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"^\| `make ([a-z-]+)` \|", section("What make does"), re.MULTILINE)

    assert sorted(told) == sorted(there)


def test_every_command_is_in_the_table_of_what_it_is_allowed() -> None:
    rows = re.findall(r"^\| (`.+?) \|", section("A real project"), re.MULTILINE)
    told = {word for row in rows for word in re.findall(r"`([a-z-]+)", row)}

    assert set(sluice.commands) | set(sluice.list_commands(None)) <= told  # type: ignore[arg-type]


def test_every_emulator_variable_is_named() -> None:
    assert {name for name in SERVERS.values() if f"`{name}`" not in PAGE} == set()


@pytest.mark.parametrize("page", ["local-setup.md", "cost.md"])
def test_what_it_links_to_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_file_of_tests_that_it_names_is_there() -> None:
    named = re.findall(r"tests/[a-z_/]+\.py", PAGE)

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
