"""Part numbers as text: short, and the same numbers again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.part_ranges import from_text, to_text


@given(st.sets(st.integers(1, 200)))
def test_numbers_come_back_in_order(parts: set[int]) -> None:
    assert from_text(to_text(parts)) == tuple(sorted(parts))


@pytest.mark.parametrize(
    ("parts", "text"),
    [((), ""), ((7,), "7"), ((1, 2), "1-2"), ((3, 1, 2), "1-3"), ((1, 2, 3, 41, 43, 44), "1-3,41,43-44")],
)
def test_neighbours_are_written_as_a_range(parts: tuple[int, ...], text: str) -> None:
    assert to_text(parts) == text


def test_ten_thousand_parts_fit_into_an_objects_metadata() -> None:
    assert to_text(range(1, 10_001)) == "1-10000"
