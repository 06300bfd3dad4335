"""What a landing object's name says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.pattern import Named, match
from shared.errors import ConfigurationError
from shared.settings import NAME_PATTERNS

FOLDERS = "{account}/{audience}/{mode}/{anything}"
WITH_DESTINATION = "{destination}/{account}/{audience}/{mode}/{anything}"
WORDS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,2}", fullmatch=True)


def test_folders_say_for_whom_it_is() -> None:
    found = match(FOLDERS, "1234567890/high-value/append/2026/11/23.csv")

    assert found == Named("1234567890", "high-value", "append", "")


def test_a_flat_name_says_it_too() -> None:
    found = match(NAME_PATTERNS, "1234567890--high-value--append--2026-11-23.csv")

    assert found == Named("1234567890", "high-value", "append", "")


def test_the_first_pattern_that_fits_wins() -> None:
    name = "a--b--c--d/e/f/g.csv"

    assert match(f"{FOLDERS} {{account}}--{{audience}}--{{mode}}--{{anything}}", name) == Named(
        "a--b--c--d", "e", "f", ""
    )


def test_a_pattern_may_name_the_destination() -> None:
    found = match(WITH_DESTINATION, "data_manager/1234567890/high-value/append/a.csv")

    assert found == Named("1234567890", "high-value", "append", "data_manager")


@pytest.mark.parametrize(
    "name", ["", "a.csv", "1234567890/a.csv", "1234567890/high-value/append", "//append/a.csv", "a--b--c.csv"]
)
def test_a_name_that_fits_no_pattern_says_nothing(name: str) -> None:
    assert match(NAME_PATTERNS, name) is None


@given(WORDS, WORDS, WORDS, st.text(min_size=1))
def test_whatever_the_file_is_called_its_folders_are_read(
    account: str, audience: str, mode: str, file: str
) -> None:
    assert match(FOLDERS, f"{account}/{audience}/{mode}/{file}") == Named(account, audience, mode, "")


@given(st.text())
def test_no_name_breaks_it(name: str) -> None:
    found = match(NAME_PATTERNS, name)

    assert found is None or all((found.account, found.audience, found.mode))


@pytest.mark.parametrize(
    "pattern",
    ["{account}/{audience}/{anything}", "{account}/{account}/{audience}/{mode}", FOLDERS + "{colour}"],
)
def test_a_pattern_that_cannot_be_used_is_named(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="SLUICE_NAME_PATTERN"):
        match(pattern, "a/b/c/d")


HOSTILE = [
    "-" * 1024,
    "--" * 512,
    "a-" * 512,
    "a--" * 341,
    "-" * 1000 + "/",
    "/" * 1024,
    "_" * 1024,
    "-x" * 512,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    "pattern",
    [
        *NAME_PATTERNS.split(),
        "{destination}-{account}-{audience}-{mode}-x{anything}",
        "{account}-{audience}-{mode}.csv",
        "{account}_{audience}_{mode}_{destination}.csv",
        "{account}-{audience}-{mode}-{anything}.csv",
    ],
)
def test_no_name_keeps_the_search_busy(pattern: str, name: str) -> None:
    """One that is tried in all ways would outlast every test: four fields in a thousand characters have billions."""
    found = match(pattern, name)

    assert found is None or found.audience


@pytest.mark.parametrize(
    ("pattern", "name", "named"),
    [
        ("{account}-{audience}-{mode}.csv", "1-high-append.csv", Named("1", "high", "append", "")),
        ("in/{account}_{audience}.{mode}", "in/1_high-value.append", Named("1", "high-value", "append", "")),
        (
            "{account}--{audience}--{mode}--{anything}",
            "1--a-b--append--c--d",
            Named("1", "a-b", "append", ""),
        ),
        ("{account}--{audience}--{mode}--{anything}", "1----a--append--c", None),
        ("{account}/{audience}/{mode}", "1/a/append", Named("1", "a", "append", "")),
        ("{account}/{audience}/{mode}", "1/a/append/b", None),
    ],
)
def test_a_field_ends_where_the_text_behind_it_begins(pattern: str, name: str, named: Named | None) -> None:
    assert match(pattern, name) == named
