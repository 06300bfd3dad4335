"""A covering set covers: no pair of values is left out, and no row is without use."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.pairs import covering, holding, met, missing, pairs

names = st.sampled_from("abcdef")
dimensions = st.dictionaries(
    names, st.lists(st.sampled_from("uvwxyz"), min_size=1, unique=True), min_size=2, max_size=5
)


@given(dimensions)
def test_every_two_values_of_different_dimensions_meet(given: dict[str, list[str]]) -> None:
    rows = covering(given, pairs(given))

    together = {pair for row in rows for pair in met(row)}
    assert together == set(pairs(given))


@given(dimensions)
def test_every_row_has_a_value_of_each_dimension_and_a_pair_that_no_earlier_one_has(
    given: dict[str, list[str]],
) -> None:
    known: set[object] = set()
    for row in covering(given, pairs(given)):
        assert list(row) == list(given)
        assert met(row) - known
        known |= met(row)


@given(dimensions, st.data())
def test_what_is_not_wanted_costs_no_row(given: dict[str, list[str]], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from(pairs(given)), unique=True))

    rows = covering(given, wanted)

    assert len(rows) <= len(wanted)
    assert set(wanted) <= {pair for row in rows for pair in met(row)}


@given(dimensions, st.data())
def test_what_some_rows_lack_completes_them(given: dict[str, list[str]], data: st.DataObject) -> None:
    rows = covering(given, data.draw(st.lists(st.sampled_from(pairs(given)), unique=True)))

    rows += covering(given, missing(pairs(given), rows))

    assert list(missing(pairs(given), rows)) == []


def test_three_switches_need_four_rows() -> None:
    switches = {name: ["off", "on"] for name in ("a", "b", "c")}

    assert len(covering(switches, pairs(switches))) == 4


def test_the_pairs_of_a_value_are_those_that_hold_it() -> None:
    switches = {name: ["off", "on"] for name in ("a", "b", "c")}

    found = list(holding(pairs(switches), [("a", "on")]))

    assert len(found) == 4
    assert all(("a", "on") in pair for pair in found)
