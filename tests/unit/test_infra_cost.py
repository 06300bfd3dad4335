"""The arithmetic of docs/cost.md: from counted runs to a month's bill."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cost.bill import CPUS, Line, bill, charge, quantities
from infra.cost.measured import Measured, Rates, Run, Sweep, load, rates
from infra.cost.month import Assumed, Cut, Scenario, asked, month, one_segment
from infra.cost.prices import PRICES, Price, PriceList, load_prices
from infra.cost.quotas import reaches
from infra.cost.sharing import busy_instances
from infra.cost.usage import Usage
from infra.load import ConfigurationProblems, load_topology
from services.uploader.follow import next_look

TOPOLOGY, RATES, PRICE_LIST = load_topology(), rates(load()), load_prices()
CUT, ASSUMED = Cut(1_000, 50_000, 13.52e-6), Assumed()
INFRA = PRICES.parent

counts = st.integers(0, 1_000).map(float)
usages = st.lists(counts, min_size=len(fields(Usage)), max_size=len(fields(Usage))).map(
    lambda each: Usage(*each)
)
money = st.decimals("0.000001", 1_000, places=6).map(str)
amounts = st.floats(0, 1e12)


def price(asked_for: str = "0.4", per: int = 1, free: int = 0) -> Price:
    return Price("something", "operations", per, asked_for, free, "false", "https://example.com")


def used(scenario: Scenario) -> Usage:
    return month(RATES, TOPOLOGY, CUT, scenario, ASSUMED)


def lines(scenario: Scenario, prices: PriceList = PRICE_LIST, *, alone: bool = False) -> dict[str, Line]:
    counted = quantities(used(scenario), TOPOLOGY, CUT, scenario, ASSUMED, alone=alone)
    return {line.name: line for line in bill(prices, counted)}


def total(scenario: Scenario, prices: PriceList = PRICE_LIST, *, alone: bool = False) -> float:
    return sum(line.amount for line in lines(scenario, prices, alone=alone).values())


def priced(change: Callable[[Price], Price]) -> PriceList:
    return replace(PRICE_LIST, prices={name: change(each) for name, each in PRICE_LIST.prices.items()})


# From runs to rates


@given(segment=usages, part=usages, stage=usages, follow=usages, sweep=usages, account=usages, waiting=usages)
def test_what_runs_were_made_of_is_found_again(
    segment: Usage, part: Usage, stage: Usage, follow: Usage, sweep: Usage, account: Usage, waiting: Usage
) -> None:
    def run(parts: int, stages: int, follows: int) -> Run:
        beside = (stages - 1) * stage + (follows - stages) * follow
        return Run(parts, stages, follows, segment + parts * part + beside)

    def swept(accounts: int, waits: int) -> Sweep:
        return Sweep(accounts, waits, sweep + accounts * account + waits * waiting)

    measured = Measured(
        "a machine", "a command", 1_000, 10,
        run(2, 1, 1), run(12, 1, 1), run(24, 2, 3), run(2, 1, 6), swept(0, 0), swept(5, 0), swept(6, 1), swept(6, 3),
    )  # fmt: skip

    found = rates(measured)

    for name, made in zip(
        Rates.__annotations__, (segment, part, stage, follow, sweep, account, waiting), strict=True
    ):
        assert vars(getattr(found, name)) == pytest.approx(vars(made), abs=1e-6), name


def test_an_account_that_comes_with_an_open_run_is_not_counted_as_the_run() -> None:
    account, waiting = Usage(storage_a=1), Usage(storage_a=10)
    swept = [Sweep(n, open_, n * account + open_ * waiting) for n, open_ in ((0, 0), (5, 0), (6, 1), (8, 3))]

    bare, idle, few, many = swept
    found = rates(replace(load(), bare=bare, idle=idle, few=few, many=many))

    assert found.account.storage_a == 1
    assert found.waiting.storage_a == 10


# From rates to a month


@given(accounts=st.integers(1, 500), more=st.integers(1, 500))
def test_a_month_is_linear_in_accounts(accounts: int, more: int) -> None:
    def of(number: int) -> Usage:
        return used(Scenario(number, 2, 10))

    apart, together, idle = of(accounts) + of(more), of(accounts + more), of(0)
    assert vars(together) == pytest.approx(vars(apart - idle), rel=1e-9)


def test_a_month_without_accounts_is_its_sweeps() -> None:
    assert vars(used(Scenario(0, 2, 10))) == pytest.approx(vars(4320 * RATES.sweep))


def test_a_further_stage_begins_with_the_part_that_no_job_has_room_for() -> None:
    def segment(parts: int) -> Usage:
        return one_segment(RATES, TOPOLOGY, CUT, parts, replace(ASSUMED, job_hours=0.1))

    assert segment(20).ads_requests - segment(19).ads_requests == pytest.approx(RATES.part.ads_requests)
    assert segment(21).ads_requests - segment(20).ads_requests == pytest.approx(
        RATES.part.ads_requests + RATES.stage.ads_requests
    )


def test_a_full_part_is_as_many_calls_and_fifty_times_the_bytes() -> None:
    quiet = replace(ASSUMED, job_hours=0.1)
    one, two = (one_segment(RATES, TOPOLOGY, CUT, parts, quiet) for parts in (1, 2))

    assert (two - one).parts_bytes == pytest.approx(50 * RATES.part.parts_bytes)
    assert (two - one).published == pytest.approx(RATES.part.published)
    assert (two - one).chunker_seconds == pytest.approx(RATES.part.chunker_seconds + 49_000 * 13.52e-6)


@given(hours=st.floats(0.01, 24))
def test_a_job_is_asked_about_as_often_as_the_uploader_does(hours: float) -> None:
    pace = TOPOLOGY.destinations["google_ads"].follow
    moment, looks = next_look(0, pace), 1
    while moment < hours * 3600:
        moment, looks = moment + next_look(looks, pace), looks + 1

    assert asked(hours * 3600, TOPOLOGY) == looks


def test_the_run_that_was_counted_was_asked_about_as_often_as_is_foretold() -> None:
    measured = load()
    assert measured.slow.follows == asked(7200, TOPOLOGY)
    assert measured.short.follows == measured.long.follows == 1


# From a month to money


@given(quantity=amounts, free=st.integers(0, 10**9), asked_for=money, per=st.integers(1, 10**6))
def test_a_free_tier_never_pays_back(quantity: float, free: int, asked_for: str, per: int) -> None:
    charged = charge(price(asked_for, per, free), quantity)

    assert charged >= 0
    assert charged <= charge(price(asked_for, per), quantity)
    assert quantity > free or charged == 0


def test_what_is_above_the_free_tier_is_charged() -> None:
    assert charge(price("0.4", 1_000_000, 1_000_000), 3_500_000) == pytest.approx(1.0)


@given(name=st.sampled_from(sorted(PRICE_LIST.prices)), dearer=money, accounts=st.integers(1, 300))
def test_no_bill_falls_when_a_price_rises(name: str, dearer: str, accounts: int) -> None:
    old = PRICE_LIST.prices[name]
    raised = replace(old, price=f"{float(old.price) + float(dearer):.9f}")
    scenario = Scenario(accounts, 2, 10)

    assert (
        total(scenario, replace(PRICE_LIST, prices={**PRICE_LIST.prices, name: raised}))
        >= total(scenario) - 1e-9
    )


@given(accounts=st.integers(1, 300), more=st.integers(1, 300))
def test_without_free_tiers_a_bill_of_accounts_that_share_nothing_is_linear(accounts: int, more: int) -> None:
    full = priced(lambda each: replace(each, free=0))

    def of(number: int) -> float:
        return total(Scenario(number, 2, 10), full, alone=True)

    step = of(2) - of(1)
    assert of(accounts + more) == pytest.approx(of(accounts) + more * step, rel=1e-9)


@given(accounts=st.integers(1, 300))
def test_a_bill_never_falls_with_one_account_more(accounts: int) -> None:
    assert total(Scenario(accounts + 1, 2, 10)) >= total(Scenario(accounts, 2, 10)) - 1e-6


def test_every_price_is_charged_for_something() -> None:
    assert set(lines(Scenario(1, 2, 10))) == set(PRICE_LIST.prices)


def test_one_thing_alone_comes_to_what_it_costs_by_hand() -> None:
    """1,000 events of 1,000 bytes, delivered to the table: 1,000,000 bytes at 50 a TiB."""
    scenario = Scenario(1, 0, 1)
    counted = quantities(Usage(events=1_000, event_bytes=1e6), TOPOLOGY, CUT, scenario, ASSUMED)
    (line,) = (each for each in bill(PRICE_LIST, counted) if each.name == "pubsub_bigquery")

    assert line.amount == pytest.approx(1e6 / 1024**4 * 50)


# Sharing instances


@given(accounts=st.integers(1, 400), share=st.floats(0, 1), concurrency=st.integers(1, 32))
def test_accounts_that_share_need_no_more_instances_than_alone_and_no_fewer_than_if_all_were_full(
    accounts: int, share: float, concurrency: int
) -> None:
    shared = busy_instances(accounts, share, concurrency)

    assert accounts * share / concurrency - 1e-6 <= shared <= accounts * share + 1e-6


@given(accounts=st.integers(1, 16), share=st.floats(0, 1))
def test_few_accounts_need_an_instance_whenever_one_of_them_sends(accounts: int, share: float) -> None:
    assert busy_instances(accounts, share, 16) == pytest.approx(1 - (1 - share) ** accounts, abs=1e-9)


@given(accounts=st.integers(1, 400), share=st.floats(0, 1))
def test_nobody_shares_an_instance_of_one_request(accounts: int, share: float) -> None:
    assert busy_instances(accounts, share, 1) == pytest.approx(accounts * share, abs=1e-6)


def test_more_than_an_account_can_send_in_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer parts or segments"):
        lines(Scenario(1, 20, 10))


# Quotas


def test_the_nearest_limit_comes_first_and_none_is_left_out() -> None:
    found = reaches(RATES, TOPOLOGY, CUT, PRICE_LIST.quotas, Scenario(1, 2, 10), ASSUMED)

    assert [each.accounts for each in found] == sorted(each.accounts for each in found)
    assert {each.what for each in PRICE_LIST.quotas.values()} <= {each.what for each in found}
    assert all(each.demand > 0 for each in found)


# What is written in two places


def test_instances_have_as_many_processors_as_terraform_gives_them() -> None:
    text = (INFRA / "functions.tf").read_text(encoding="utf-8")

    assert re.findall(r'available_cpu += "(\d+)"', text) == [f"{CPUS:.0f}"]


def test_both_pushed_subscriptions_that_keep_messages_keep_them_as_long() -> None:
    kept = {each.retention_seconds for each in TOPOLOGY.subscriptions.values() if each.retain_acked}
    assert kept == {TOPOLOGY.subscriptions["chunker"].retention_seconds}


# The file


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("    verified: false", "    verified: soon", "prices.storage_class_a.verified"),
        ("price: 0.005", "price: -1", "prices.storage_class_a.price"),
        ("per: 1000", "per: 0", "prices.storage_class_a.per"),
        ("free: 0", "free: none", "prices.storage_class_a.free"),
        ("limit: 15000", "limit: many", "quotas.ads_operations.limit"),
        ("    source: https://cloud.google.com/storage/pricing\n", "", "prices.storage_class_a.source"),
        ("currency: USD", "currency: dollars", "currency"),
        ('dated: "2026-11-27"', "dated: today", "dated"),
    ],
)
def test_a_mistake_in_the_price_file_is_named(tmp_path: Path, before: str, after: str, where: str) -> None:
    text = PRICES.read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "prices.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(ConfigurationProblems) as caught:
        load_prices(tmp_path / "prices.yaml")

    assert where in {problem.path for problem in caught.value.problems}


def test_a_day_of_verification_is_taken(tmp_path: Path) -> None:
    text = PRICES.read_text(encoding="utf-8").replace("    verified: false", '    verified: "2026-12-01"', 1)
    (tmp_path / "prices.yaml").write_text(text, encoding="utf-8")

    assert load_prices(tmp_path / "prices.yaml").prices["storage_class_a"].verified == "2026-12-01"
