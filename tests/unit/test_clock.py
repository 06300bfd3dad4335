"""Clocks of services: real time, and a local cloud's simulated time."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import ScaledClock, SystemClock, clock_from
from shared.errors import ConfigurationError
from shared.ports import Readings

SECONDS = st.floats(-1e6, 1e6)
READINGS = st.builds(Readings, SECONDS, SECONDS, SECONDS)


def test_without_a_setting_time_is_the_machines() -> None:
    assert isinstance(clock_from(""), SystemClock)
    assert clock_from("").real(7) == 7


def test_the_local_clouds_setting_is_read() -> None:
    assert clock_from("60,1795420800.5,12.25") == ScaledClock(60, 1_795_420_800.5, 12.25)


@pytest.mark.parametrize("text", ["60", "60,1", "60,1,x", "60,1,2,3"])
def test_a_setting_that_is_none_is_refused_with_its_form(text: str) -> None:
    with pytest.raises(ConfigurationError, match="SPEED,ORIGIN,STARTED"):
        clock_from(text)


def test_now_has_a_zone() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert ScaledClock(60, 0, 0).now().tzinfo is UTC


def test_a_wait_on_a_fast_clock_is_short() -> None:
    assert ScaledClock(60, 0, 0).real(120) == 2


def test_time_goes_on() -> None:
    for clock in (SystemClock(), ScaledClock(1000, 0, 0)):
        before = clock.readings()
        clock.sleep(0.0)
        assert clock.readings().since(before) >= 0


@given(READINGS, READINGS)
def test_elapsed_time_is_never_less_than_what_any_clock_says(earlier: Readings, later: Readings) -> None:
    elapsed = later.since(earlier)

    assert elapsed >= later.monotonic - earlier.monotonic
    assert elapsed >= later.boottime - earlier.boottime
    assert elapsed >= later.wall - earlier.wall
