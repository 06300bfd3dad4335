"""The reference pages say what the code does."""

import ast
import re
from pathlib import Path

import pytest

from infra.reference import pages
from services.chunker.codes import ContentCode, FieldCode, RowCode, SkipCode, WarningCode
from shared.reasons import CATALOGUE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_what_is_made_from_code_is_what_the_code_says(path: Path) -> None:
    assert path.read_text() == pages()[path], "run python -m infra.reference"


def test_every_code_of_the_chunker_has_words_and_a_cure() -> None:
    codes = {
        str(code) for group in (ContentCode, RowCode, SkipCode, FieldCode, WarningCode) for code in group
    }
    assert codes <= set(CATALOGUE)


def test_every_reason_code_in_the_code_is_in_the_catalogue() -> None:
    used = {code for path in _product() for code in _literals(path)}
    assert len(used) > 10
    assert used <= set(CATALOGUE)


def test_every_variable_that_is_read_is_documented() -> None:
    read = set(re.findall(r'"([A-Z][A-Z_]{6,})"', (ROOT / "shared/settings.py").read_text()))
    page = (ROOT / "docs/settings.md").read_text()
    assert read
    assert {name for name in read if f"`{name}`" not in page} == set()


def _product() -> list[Path]:
    folders = ("shared", "services/ingest", "services/chunker", "services/uploader")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def _literals(path: Path) -> set[str]:
    """Texts given as `reason_code=...` or to the verdicts and errors that take one first."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.keyword)
            and node.arg == "reason_code"
            and isinstance(node.value, ast.Constant)
        ):
            found.add(str(node.value.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in {"FailPart", "Retry", "PauseAccount", "UnusableMessage"} and isinstance(
                first, ast.Constant
            ):
                found.add(str(first.value))
    return found - {""}
