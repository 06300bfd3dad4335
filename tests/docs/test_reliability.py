"""The page of proofs says what the proofs are."""

import re
from pathlib import Path

from tests.simulation.disturb import gone_through
from tests.simulation.mutations import MUTATIONS
from tests.simulation.scenarios import SCENARIOS

PAGE = (Path(__file__).parents[2] / "docs/reliability.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> dict[str, str]:
    """First and last cell of each row below the head."""
    found = re.findall(r"^\| (.+?) \| (.+) \|$", section(title), re.MULTILINE)
    return dict(found[1:])


def test_every_scenario_is_named_with_its_effects(tmp_path: Path) -> None:
    counted = {each.name: str(gone_through(each, tmp_path, lambda _: None)[1]) for each in SCENARIOS}

    assert rows("Every effect") == counted


def test_every_mutation_is_named_with_its_invariant() -> None:
    told = {name: cell.replace("`", "") for name, cell in rows("Mutations").items()}
    named = {name: tuple(re.split(", | or ", cell)) for name, cell in told.items()}

    assert named == {each.name: each.caught for each in MUTATIONS}
    assert f"{len(MUTATIONS)} of {len(MUTATIONS)} caught" in PAGE


def test_the_sum_of_all_runs_is_right() -> None:
    effects = sum(map(int, rows("Every effect").values()))

    assert f"{effects} effects, 7 faults at each: {7 * effects:,} runs" in PAGE


def test_the_rules_are_counted_as_the_page_of_the_local_cloud_counts_them() -> None:
    page = (Path(__file__).parents[2] / "docs/local-cloud.md").read_text(encoding="utf-8")

    rules = sum(map(int, re.findall(r"^\| .+ \| (\d+) \| `test_", page, re.MULTILINE)))

    assert f"{rules} rules" in PAGE
