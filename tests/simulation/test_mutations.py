"""The simulation can fail: each change that breaks the protocol turns it red, and names the invariant."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import copy, copytree, ignore_patterns

import pytest
from _pytest.mark import ParameterSet

from tests.simulation.mutations import FIRST, MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
SOURCES = ("shared", "services", "infra", "tests")
SEEDS = 60
"""From the seed on that the mutation names."""


def cases() -> list[ParameterSet]:
    """What takes seconds of schedules is for the long run, but for the first of them."""
    short = {each.name for each in MUTATIONS if each in FIRST or each.directed}
    marks = {True: (), False: (pytest.mark.full,)}
    return [pytest.param(each, id=each.name, marks=marks[each.name in short]) for each in MUTATIONS]


@pytest.mark.parametrize("mutation", cases())
def test_a_mutation_is_caught(mutation: Mutation, tmp_path: Path) -> None:
    for source in SOURCES:
        copytree(ROOT / source, tmp_path / source, ignore=ignore_patterns("__pycache__"))
    mutate(tmp_path / mutation.file, mutation)

    ended = (
        outcome_of(tmp_path, mutation.directed) if mutation.directed else simulated(tmp_path, mutation.start)
    )

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert red(ended.stdout) in mutation.caught


def red(told: str) -> str:
    """The invariant or the test that was violated, "" where neither was."""
    found = re.search(r"^seed \d+: (\w+):|^FAILED tests/(\S+)", told, re.MULTILINE)
    return (found[1] or found[2]) if found else ""


def outcome_of(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    copy(ROOT / "pyproject.toml", folder)
    return _run(folder, "pytest", "-q", "-p", "no:cacheprovider", f"tests/{test}")


def mutate(path: Path, mutation: Mutation) -> None:
    for old, new in mutation.changes:
        text = path.read_text()
        assert text.count(old) == 1, f"{mutation.file} is written otherwise now: {old!r}"
        path.write_text(text.replace(old, new))


def simulated(folder: Path, start: int) -> subprocess.CompletedProcess[str]:
    """Python looks for modules where it is started first, before what is installed."""
    words = ("--seeds", str(SEEDS), "--start", str(start), "--jobs", "1", "--as-it-is")
    return _run(folder, "tests.simulation", *words)


def _run(folder: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *words], cwd=folder, capture_output=True, text=True, check=False
    )
