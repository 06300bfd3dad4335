"""The `fields` parameter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.storage.refusal import Refused
from infra.local.storage.selector import parse, select

LISTING = {
    "kind": "storage#objects",
    "nextPageToken": "x",
    "items": [{"name": "a", "size": "1", "metadata": {"run": "1", "note": "n"}}, {"name": "b", "size": "2"}],
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("kind", {"kind": "storage#objects"}),
        ("items(name),nextPageToken", {"items": [{"name": "a"}, {"name": "b"}], "nextPageToken": "x"}),
        ("items/name", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items(metadata/run)", {"items": [{"metadata": {"run": "1"}}, {}]}),
        ("items/metadata(run,note)", {"items": [{"metadata": {"run": "1", "note": "n"}}, {}]}),
        (" items ( name , size ) ", {"items": [{"name": "a", "size": "1"}, {"name": "b", "size": "2"}]}),
        ("items(*)", {"items": LISTING["items"]}),
        ("*", LISTING),
        ("nothing", {}),
    ],
)
def test_an_answer_is_cut_down_to_its_fields(fields: str, expected: dict[str, Any]) -> None:
    assert select(parse(fields), LISTING) == expected


@pytest.mark.parametrize("fields", ["", "a,", "a(", "a(b", "a)b", "(a)", "a//b", "a(b))", "a b"])
def test_a_selection_that_is_not_well_formed_is_refused(fields: str) -> None:
    with pytest.raises(Refused):
        parse(fields)


@given(st.text(st.sampled_from("ab,/()* "), max_size=12))
def test_any_text_is_a_selection_or_refused(fields: str) -> None:
    try:
        selection = parse(fields)
    except Refused:
        return
    assert select(selection, []) == []
