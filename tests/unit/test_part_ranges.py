"""Numbers of parts and lines as text: short, and the same numbers again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.part_ranges import count, from_text, is_text, to_text


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


@given(st.sets(st.integers(1, 2**32 - 1), min_size=1))
def test_what_is_written_is_known_for_it_and_counted(numbers: set[int]) -> None:
    assert is_text(to_text(numbers))
    assert count(to_text(numbers)) == len(numbers)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "01",
        "1-",
        "-1",
        "3-1",
        "1-1",
        "2,1",
        "1,1",
        "1,2",
        "1-3,2",
        "1-3,4",
        "1,,3",
        " 1",
        "1,",
        "x",
        "\u0663",
        "12345678901",
    ],
)
def test_what_numbers_are_not_written_as_is_known_for_that(text: str) -> None:
    assert not is_text(text)


@given(st.text("0123456789-,", max_size=12))
def test_every_text_that_is_one_is_the_only_one_of_its_numbers(text: str) -> None:
    assert not is_text(text) or count(text) > 9999 or to_text(from_text(text)) == text


def test_a_text_of_billions_is_counted_without_being_unfolded() -> None:
    assert is_text("1-9999999999")
    assert count("1-9999999999") == 9_999_999_999
