"""The simulation can fail: each change that breaks the protocol turns it red, and names the invariant."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.simulation.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
SOURCES = ("shared", "services", "infra", "tests")
SEEDS = 60
"""From the seed on that the mutation names."""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_is_caught(mutation: Mutation, tmp_path: Path) -> None:
    for source in SOURCES:
        copytree(ROOT / source, tmp_path / source, ignore=ignore_patterns("__pycache__"))
    mutate(tmp_path / mutation.file, mutation)

    ended = simulated(tmp_path, mutation.start)

    found = re.search(r"^seed \d+: (\w+):", ended.stdout, re.MULTILINE)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert found
    assert found[1] in mutation.caught


def mutate(path: Path, mutation: Mutation) -> None:
    for old, new in mutation.changes:
        text = path.read_text()
        assert text.count(old) == 1, f"{mutation.file} is written otherwise now: {old!r}"
        path.write_text(text.replace(old, new))


def simulated(folder: Path, start: int) -> subprocess.CompletedProcess[str]:
    """Python looks for modules where it is started first, before what is installed."""
    words = ("--seeds", str(SEEDS), "--start", str(start), "--jobs", "1", "--as-it-is")
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
