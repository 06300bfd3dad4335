"""Schedules that a seed decides, with every invariant asserted at every step; `make simulate` plays as many as one likes."""

import pytest

from tests.simulation.play import Played, play
from tests.simulation.schedule import schedule
from tests.simulation.shrink import shrink

SEEDS = range(300)
NARROW = {
    378: "a sleeper's receipt comes while its successor sends",
    325: "two runs of an account lose their tasks",
    15: "a process dies between a run's outcome and its announcement",
    501: "a list's size is still being looked up when its asker has given up",
    79: "a sweep makes a stage's finish task again",
}
"""Seeds that come through a narrow place: those that a mutation turned red. A product that writes once more or less moves them."""


def holds(seed: int) -> Played:
    played = play(schedule(seed))
    assert played.violated == "", f"make simulate SEED={seed}"
    return played


@pytest.mark.parametrize("first", SEEDS[::50])
def test_every_invariant_holds_in_every_schedule(first: int) -> None:
    played = [holds(seed) for seed in range(first, first + 50)]

    assert sum(len(each.incidents) for each in played) > 200
    assert sum(each.requests for each in played) > 500


@pytest.mark.parametrize("seed", NARROW)
def test_a_schedule_through_a_narrow_place_breaks_no_invariant(seed: int) -> None:
    holds(seed)


@pytest.mark.parametrize("seed", [3, 11])
def test_a_seed_decides_everything(seed: int) -> None:
    assert play(schedule(seed)) == play(schedule(seed))


def test_without_its_incidents_a_schedule_is_empty() -> None:
    played = play(schedule(0), frozenset())

    assert (played.effects, played.incidents, played.violated) == (0, [], "")


def test_what_is_shortened_still_breaks_and_needs_every_incident() -> None:
    incidents = [f"e{number}" for number in range(100)]
    needed = {"e3", "e50", "e99"}

    assert shrink(incidents, lambda kept: needed <= kept) == needed
