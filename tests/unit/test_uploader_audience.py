"""Which of the lists that the destination shows is the audience's."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.uploader.audience import choose
from services.uploader.destination import FoundList
from shared.verdict import FailPart
from tests.support.documents import TARGET

OURS = FoundList("1", "CRM_BASED", "CONTACT_INFO", "OPEN", read_only=False)
SHARED = replace(OURS, list_id="2", read_only=True)
LISTS = st.builds(
    FoundList,
    st.sampled_from("123"),
    st.sampled_from(["CRM_BASED", "RULE_BASED"]),
    st.sampled_from(["CONTACT_INFO", "CRM_ID", ""]),
    st.sampled_from(["OPEN", "CLOSED"]),
    st.booleans(),
)


def test_where_nothing_is_shown_there_is_no_list() -> None:
    assert choose((), TARGET) is None


@pytest.mark.parametrize("found", [(OURS,), (SHARED, OURS), (OURS, SHARED, SHARED)])
def test_an_own_open_list_of_the_right_kind_is_chosen_whatever_is_shared(
    found: tuple[FoundList, ...],
) -> None:
    assert choose(found, TARGET) == OURS


@pytest.mark.parametrize(
    "found",
    [
        SHARED,
        replace(OURS, kind="LOGICAL", upload_key_type=""),
        replace(OURS, membership="CLOSED"),
        replace(OURS, upload_key_type="CRM_ID"),
    ],
)
def test_a_list_that_takes_no_such_people_is_unfit(found: FoundList) -> None:
    assert choose((found,), TARGET) == FailPart("audience_unfit")


def test_of_two_own_lists_none_is_chosen() -> None:
    assert choose((OURS, replace(OURS, list_id="3")), TARGET) == FailPart("audience_ambiguous")


@given(st.lists(LISTS).map(tuple))
def test_what_is_chosen_is_one_of_those_shown_and_the_only_own_one(found: tuple[FoundList, ...]) -> None:
    chosen = choose(found, TARGET)

    if isinstance(chosen, FoundList):
        assert [each for each in found if not each.read_only] == [chosen]
    assert (chosen is None) == (found == ())
