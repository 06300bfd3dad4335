"""The page of the local cloud counts the rules that tests hold it to."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| .+ \| (\d+) \| `(test_\w+\.py)` \|$", re.MULTILINE)


def test_the_page_counts_the_rules_that_are_tested() -> None:
    page = (ROOT / "docs/local-cloud.md").read_text(encoding="utf-8")

    told = {name: int(number) for number, name in ROW.findall(page)}

    assert told == {path.name: _rules(path) for path in _suites()}


def _suites() -> list[Path]:
    """Those that are about the tests themselves hold nothing to a rule."""
    return [path for path in (ROOT / "tests/contract").glob("test_*.py") if path.stem != "test_differences"]


def _rules(path: Path) -> int:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return sum(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree.body)
