"""The table of preconditions: every condition that is given must hold, and reads tell "not modified"
apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.storage.preconditions import (
    ABSENT,
    NONE,
    Preconditions,
    Version,
    parse,
    require_for_read,
    require_for_write,
)
from infra.local.storage.refusal import Reason, Refused

numbers = st.integers(0, 3)
optional = st.none() | numbers
conditions = st.builds(Preconditions, optional, optional, optional, optional)
versions = st.builds(Version, st.integers(1, 3), st.integers(1, 3)) | st.just(ABSENT)


def write_is_allowed(given_conditions: Preconditions, live: Version) -> bool:
    try:
        require_for_write(given_conditions, live)
    except Refused:
        return False
    return True


def read_is_answered(given_conditions: Preconditions, live: Version) -> Reason | None:
    try:
        require_for_read(given_conditions, live)
    except Refused as refused:
        return refused.reason
    return None


@given(versions)
def test_without_conditions_everything_is_allowed(live: Version) -> None:
    assert write_is_allowed(NONE, live)
    assert read_is_answered(NONE, live) is None


@given(conditions, versions)
def test_a_write_needs_all_of_its_conditions(wanted: Preconditions, live: Version) -> None:
    each_alone = [
        Preconditions(generation_match=wanted.generation_match),
        Preconditions(generation_not_match=wanted.generation_not_match),
        Preconditions(metageneration_match=wanted.metageneration_match),
        Preconditions(metageneration_not_match=wanted.metageneration_not_match),
    ]
    assert write_is_allowed(wanted, live) == all(write_is_allowed(one, live) for one in each_alone)


@given(numbers, versions)
def test_match_and_not_match_are_opposites(number: int, live: Version) -> None:
    for match, not_match in (
        (Preconditions(generation_match=number), Preconditions(generation_not_match=number)),
        (Preconditions(metageneration_match=number), Preconditions(metageneration_not_match=number)),
    ):
        assert write_is_allowed(match, live) != write_is_allowed(not_match, live)


@given(versions)
def test_generation_zero_means_that_nothing_is_there(live: Version) -> None:
    assert write_is_allowed(Preconditions(generation_match=0), live) == (live == ABSENT)
    assert write_is_allowed(Preconditions(generation_not_match=0), live) == (live != ABSENT)


@given(conditions, versions)
def test_a_read_is_answered_exactly_when_a_write_is_allowed(wanted: Preconditions, live: Version) -> None:
    assert (read_is_answered(wanted, live) is None) == write_is_allowed(wanted, live)


@given(numbers, numbers, versions)
def test_a_read_that_fails_both_ways_has_failed_rather_than_not_changed(
    match: int, not_match: int, live: Version
) -> None:
    answered = read_is_answered(Preconditions(match, not_match), live)
    if match != live.generation:
        assert answered is Reason.CONDITION_FAILED
    elif not_match == live.generation:
        assert answered is Reason.NOT_MODIFIED


def test_conditions_are_read_from_their_parameters() -> None:
    query = {
        "ifGenerationMatch": "1",
        "ifGenerationNotMatch": "2",
        "ifMetagenerationMatch": "3",
        "ifMetagenerationNotMatch": "4",
        "ifSourceGenerationMatch": "5",
    }
    assert parse(query) == Preconditions(1, 2, 3, 4)
    assert parse(query, "ifSource") == Preconditions(generation_match=5)
    assert parse({"ifMetaGenerationNotMatch": "6"}) == Preconditions(metageneration_not_match=6)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.0", "²", "1" * 20])
def test_a_condition_that_is_no_number_is_invalid(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse({"ifGenerationMatch": text})
    assert refused.value.reason is Reason.INVALID
