"""Every scenario, disturbed at every single effect: it ends as if nothing had happened.

A scenario is gone through once to count the effects, and once more for each of them and each way in which it can go wrong.
"""

from pathlib import Path

import pytest

from tests.simulation.disturb import DEATHS, OTHERS, at_each_effect, gone_through
from tests.simulation.scenarios import SCENARIOS, Scenario
from tests.support.effects import Fault


@pytest.mark.parametrize("fault", DEATHS, ids=lambda fault: fault.action)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_service_may_be_killed_at_every_effect(scenario: Scenario, fault: Fault, tmp_path: Path) -> None:
    assert at_each_effect(scenario, fault, tmp_path) > 1


@pytest.mark.full
@pytest.mark.parametrize("fault", OTHERS, ids=lambda fault: fault.action)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_effect_may_fail_be_lost_be_repeated_or_be_slept_through(
    scenario: Scenario, fault: Fault, tmp_path: Path
) -> None:
    assert at_each_effect(scenario, fault, tmp_path) > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_delivery_may_come_twice_in_any_order_under_clocks_that_are_stepped(
    scenario: Scenario, seed: int, tmp_path: Path
) -> None:
    undisturbed, _ = gone_through(scenario, tmp_path, lambda _: None)

    ended, _ = gone_through(scenario, tmp_path, lambda _: None, seed=seed, skew=900.0, twice=True)

    assert ended == undisturbed
