"""Reads infra/prices.yaml strictly, like the other files in YAML, and names every mistake in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.fit import fit
from infra.load import ConfigurationProblems
from infra.rules import Rules, between, broken_values, shaped
from infra.strict_yaml import read

PRICES = Path(__file__).parents[1] / "prices.yaml"
UNVERIFIED = "false"

_DAY = r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_VERIFIED = shaped(
    f"{UNVERIFIED}|{_DAY}", "false or a day", 'Write false, or "2026-12-01" once you have compared it'
)
_COUNT = between(1, 2**50, "Write a whole number from 1 on")
RULES: Rules = {
    "dated": shaped(_DAY, "a day", 'Write it like "2026-12-01"'),
    "currency": shaped("[A-Z]{3}", "a currency", "Write three letters, like USD"),
    "prices.*.price": shaped(r"[0-9]{1,9}(\.[0-9]{1,12})?", "a price", "Write a number like 0.005"),
    "prices.*.per": _COUNT,
    "prices.*.free": between(0, 2**50, "Write a whole number from 0 on"),
    "prices.*.verified": _VERIFIED,
    "quotas.*.limit": _COUNT,
    "quotas.*.verified": _VERIFIED,
}


@dataclass(frozen=True)
class Price:
    """`price`, a decimal number as text, for `per` of `unit`; the first `free` of a month cost nothing.
    `verified`: the day on which somebody compared it with `source`, or UNVERIFIED."""

    what: str
    unit: str
    per: int
    price: str
    free: int
    verified: str
    source: str


@dataclass(frozen=True)
class Quota:
    what: str
    unit: str
    limit: int
    scope: str
    verified: str
    source: str


@dataclass(frozen=True)
class PriceList:
    """What is priced is for infra/cost/bill.py to know: KeyError there for one that is missing."""

    dated: str
    currency: str
    region: str
    prices: Mapping[str, Price]
    quotas: Mapping[str, Quota]

    def entries(self) -> tuple[Price | Quota, ...]:
        return (*self.prices.values(), *self.quotas.values())


def load_prices(path: Path = PRICES) -> PriceList:
    """ConfigurationProblems where anything is wrong in it."""
    root, found = read(path.read_text(encoding="utf-8"), str(path))
    problems = list(found)
    listed: PriceList | None = fit(PriceList, root, problems) if root else None
    problems += broken_values(root, RULES) if root else []
    if listed is None or problems:
        raise ConfigurationProblems(tuple(problems))
    return listed
