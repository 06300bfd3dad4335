"""The page of costs says what was counted, and of every price whether somebody has verified it."""

import re
from pathlib import Path

from infra.cost.measured import load
from infra.cost.page import COUNTS, cost_page, measured_table
from infra.cost.prices import UNVERIFIED, load_prices
from infra.cost.usage import Usage

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cost.md").read_text(encoding="utf-8")
PRICES = load_prices()


def rows(title: str) -> list[list[str]]:
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]


def test_the_page_is_what_is_made_from_counts_and_prices() -> None:
    assert cost_page() == PAGE, "run python -m infra.reference"


def test_nothing_is_left_open() -> None:
    assert not re.search(r"\{[a-z_]+\}", PAGE)


def test_every_price_and_quota_is_on_the_page_with_its_verification() -> None:
    told = {row[0]: row[-1] for title in ("The bill", "Which limit comes first") for row in rows(title)}

    for each in PRICES.entries():
        assert told[each.what] == ("no" if each.verified == UNVERIFIED else each.verified)
        assert each.verified == UNVERIFIED or re.fullmatch(r"\d{4}-\d{2}-\d{2}", each.verified)


def test_every_price_says_where_to_verify_it() -> None:
    sources = [each.source for each in PRICES.entries()]
    assert all(re.fullmatch(r"https://(cloud|developers)\.google\.com/\S+", each) for each in sources)


def test_everything_that_is_counted_is_shown() -> None:
    assert list(COUNTS) == list(Usage.__annotations__)


def test_the_benchmarks_show_the_same_counts() -> None:
    told = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")

    assert measured_table(load()) in told
    assert load().command in told


def test_the_seconds_of_chunking_are_those_of_the_benchmark() -> None:
    told = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")

    assert re.search(r"\| the cutter \| 13\.52 \|", told)
