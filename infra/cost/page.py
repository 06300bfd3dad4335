"""docs/cost.md, from the counts, the prices and the scenarios below. Tests compare the page with what is made here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from infra.cost.bill import Line, bill, quantities
from infra.cost.measured import Measured, Rates, load, rates
from infra.cost.month import Assumed, Cut, Scenario, month
from infra.cost.prices import UNVERIFIED, PriceList, load_prices
from infra.cost.quotas import Reach, reaches
from infra.cost.usage import Usage
from infra.load import load_topology
from shared.model.topology import Topology

TEMPLATE = Path(__file__).with_name("cost.md.template")
SCENARIOS = tuple(Scenario(accounts, 2, 10) for accounts in (1, 10, 200))
CHUNKING_SECONDS = 13.52e-6
"""CPU for each row: benchmarks/README.md, Chunking."""

SERVICES = {
    "run": "Cloud Run functions",
    "storage": "Cloud Storage",
    "pubsub": "Pub/Sub",
    "tasks": "Cloud Tasks",
    "secret": "Secret Manager",
    "bigquery": "BigQuery",
    "logging": "Cloud Logging",
    "scheduler": "Cloud Scheduler",
    "egress": "Network",
}
COUNTS = {
    "storage_a": "Cloud Storage, class A",
    "storage_b": "Cloud Storage, class B",
    "storage_deletes": "deletes",
    "storage_refused": "answered 404, 412, 429: looked for, not there, or somebody was first",
    "notifications": "notifications of the landing bucket",
    "tasks_created": "Cloud Tasks, tasks created",
    "tasks_dispatched": "tasks dispatched",
    "tasks_other": "lists of tasks, pauses",
    "published": "Pub/Sub, messages published",
    "published_bytes": "bytes charged for them",
    "pushed": "messages pushed",
    "pushed_bytes": "bytes charged for them",
    "events": "of the messages, events",
    "event_bytes": "bytes charged for them, for each subscription",
    "secret_accesses": "Secret Manager, accesses",
    "ads_requests": "Google Ads, requests",
    "ads_seconds": "seconds in them, simulated",
    "ingest_requests": "requests to ingest",
    "chunker_requests": "requests to the chunker",
    "uploader_requests": "requests to the uploader",
    "ingest_seconds": "seconds in ingest",
    "chunker_seconds": "seconds in the chunker",
    "uploader_seconds": "seconds in the uploader, without Google Ads",
    "log_bytes": "bytes logged",
    "parts_bytes": "bytes in the parts bucket",
    "work_bytes": "bytes in the work bucket",
}


@dataclass(frozen=True)
class Sources:
    """All that the page is made from."""

    measured: Measured
    prices: PriceList
    topology: Topology
    assumed: Assumed

    @property
    def cut(self) -> Cut:
        return Cut(self.measured.part_records, self.topology.chunking.part_records, CHUNKING_SECONDS)


@dataclass(frozen=True)
class Month:
    """`most`: the bill if no two accounts ever share an instance of the uploader."""

    scenario: Scenario
    used: Usage
    amounts: dict[str, float]
    lines: tuple[Line, ...]
    most: float
    people: float

    @property
    def total(self) -> float:
        return sum(self.amounts.values())


def cost_page() -> str:
    sources = Sources(load(), load_prices(), load_topology(), Assumed())
    page = TEMPLATE.read_text(encoding="utf-8")
    for name, text in _made(sources).items():
        page = page.replace(f"{{{name}}}", text)
    return page


def _made(sources: Sources) -> dict[str, str]:
    months, reached = [plan(sources, each) for each in SCENARIOS], _reaches(sources)
    busy = rates(sources.measured).part.ads_seconds + rates(sources.measured).part.uploader_seconds
    return {
        "measured": measured_table(sources.measured),
        "machine": sources.measured.machine,
        "command": sources.measured.command,
        "small": f"{sources.measured.part_records:,}",
        "dated": sources.prices.dated,
        "currency": sources.prices.currency,
        "region": sources.prices.region,
        "unverified": _unverified(sources.prices),
        "bills": _table([f"{sources.prices.currency} a month", *_heads(months)], _bills(months)),
        "lines": _table(["", *_heads(months), "price", "free", "verified"], _lines(sources.prices, months)),
        "quotas": _table(["", "limit", "of", "an account needs", "reached by", "verified"], _quotas(reached)),
        "first": f"{reached[0].what} ({reached[0].accounts:,} accounts)",
        "part_minutes": f"{busy / 60:.0f}",
        "people_a_day": f"{86_400 / busy * sources.cut.records / 1e6:.1f}",
        **_assumptions(sources),
    }


def plan(sources: Sources, scenario: Scenario) -> Month:
    topology, cut, assumed = sources.topology, sources.cut, sources.assumed
    used = month(rates(sources.measured), topology, cut, scenario, assumed)
    lines = bill(sources.prices, quantities(used, topology, cut, scenario, assumed))
    alone = bill(sources.prices, quantities(used, topology, cut, scenario, assumed, alone=True))
    people = scenario.accounts * scenario.segments_a_day * assumed.days * scenario.parts * cut.records
    amounts = {each: sum(line.amount for line in lines if line.service == each) for each in SERVICES}
    return Month(scenario, used, amounts, lines, sum(line.amount for line in alone), people)


def measured_table(measured: Measured) -> str:
    found = rates(measured)
    head = ["calls, bytes, seconds", "a segment", "each part", "another stage", "another question", "a sweep",
            "each account in it", "each open run in it"]  # fmt: skip
    columns = [getattr(found, each.name) for each in fields(Rates)]
    return _table(
        head, ([COUNTS[name], *(_number(getattr(each, name)) for each in columns)] for name in COUNTS)
    )


def _bills(months: list[Month]) -> Iterator[list[str]]:
    for key, name in SERVICES.items():
        yield [name, *(f"{each.amounts[key]:,.2f}" for each in months)]
    yield ["**in all**", *(f"**{each.total:,.2f}**" for each in months)]
    yield ["the most, if no two accounts share an instance", *(f"{each.most:,.2f}" for each in months)]
    yield ["for a million people", *(f"{each.total / each.people * 1e6:,.3f}" for each in months)]
    yield ["millions of people", *(f"{each.people / 1e6:,.0f}" for each in months)]


def _lines(prices: PriceList, months: list[Month]) -> Iterator[list[str]]:
    """Quantities, in the unit of the price."""
    for index, line in enumerate(months[0].lines):
        price = prices.prices[line.name]
        per = f"{price.per:,} {price.unit}" if price.per > 1 else price.unit.removesuffix("s")
        asked = f"{price.price} for {per}"
        verified = "no" if price.verified == UNVERIFIED else price.verified
        counted = (_number(each.lines[index].quantity) for each in months)
        yield [f"{price.what}", *counted, asked, f"{price.free:,}" if price.free else "-", verified]


def _quotas(reached: Iterable[Reach]) -> Iterator[list[str]]:
    for each in reached:
        verified = "no" if each.verified == UNVERIFIED else each.verified
        yield [
            each.what,
            f"{each.limit:,} {each.unit}",
            each.scope,
            _number(each.demand),
            f"{each.accounts:,} accounts",
            verified,
        ]


def _reaches(sources: Sources) -> list[Reach]:
    found = rates(sources.measured)
    return reaches(found, sources.topology, sources.cut, sources.prices.quotas, SCENARIOS[0], sources.assumed)


def _unverified(prices: PriceList) -> str:
    entries = prices.entries()
    number = sum(each.verified == UNVERIFIED for each in entries)
    return f"{number} of {len(entries)}"


def _assumptions(sources: Sources) -> dict[str, str]:
    return {field.name: f"{getattr(sources.assumed, field.name):g}" for field in fields(Assumed)}


def _heads(months: list[Month]) -> list[str]:
    return [f"{each.scenario.accounts} account{'s' * (each.scenario.accounts > 1)}" for each in months]


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _number(value: float) -> str:
    """Three digits of what is small, whole numbers of what is not."""
    if abs(value) < 5e-7:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{float(f'{value:.3g}'):g}"
