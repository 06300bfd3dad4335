"""Pages of a listing, held against a listing of everything at once."""

import bisect
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.storage.paging import (
    AFTER_ALL_NAMES,
    ListQuery,
    Page,
    after_prefix,
    folder_of,
    page,
    parse,
    place,
    token,
)
from infra.local.storage.refusal import Refused

letters = st.sampled_from(["a", "b", "/", "\ud7ff", "\ue000", "\U0010ffff"])
texts = st.text(letters, max_size=5)
name_sets = st.sets(st.text(letters, min_size=1, max_size=6), max_size=20)
queries = st.builds(
    ListQuery,
    prefix=st.text(letters, max_size=2),
    delimiter=st.sampled_from(["", "/", "ab"]),
    start_offset=texts,
    end_offset=texts,
    limit=st.integers(1, 4),
)


def one_page(names: set[str], query: ListQuery) -> Page[str]:
    ordered = sorted(names)

    def scan(start: str, end: str) -> Iterator[str]:
        return iter(ordered[bisect.bisect_left(ordered, start) : bisect.bisect_left(ordered, end)])

    return page(query, scan, str)


def all_pages(names: set[str], query: ListQuery) -> Iterator[Page[str]]:
    while True:
        current = one_page(names, query)
        yield current
        if not current.next_page_token:
            return
        query = replace(query, page_token=current.next_page_token)


def listed(names: set[str], query: ListQuery) -> list[str]:
    return [
        name
        for name in sorted(names, key=str.encode)
        if name.startswith(query.prefix)
        and name >= query.start_offset
        and (not query.end_offset or name < query.end_offset)
    ]


@given(name_sets, queries)
def test_the_pages_hold_every_name_once_and_in_order(names: set[str], query: ListQuery) -> None:
    pages = list(all_pages(names, query))
    found = [name for each in pages for name in each.items]
    assert found == [name for name in listed(names, query) if not folder_of(name, query)]


@given(name_sets, queries)
def test_every_folded_prefix_comes_once(names: set[str], query: ListQuery) -> None:
    pages = list(all_pages(names, query))
    found = [prefix for each in pages for prefix in each.prefixes]
    folders = [folder_of(name, query) for name in listed(names, query)]
    assert found == list(dict.fromkeys(filter(None, folders)))


@given(name_sets, queries)
def test_only_the_last_page_may_be_short(names: set[str], query: ListQuery) -> None:
    *full, last = all_pages(names, query)
    assert all(len(each.items) + len(each.prefixes) == query.limit for each in full)
    assert len(last.items) + len(last.prefixes) <= query.limit


@given(texts, texts)
def test_after_a_prefix_comes_the_first_name_without_it(prefix: str, rest: str) -> None:
    assert prefix + rest < after_prefix(prefix)
    assert after_prefix(prefix) == AFTER_ALL_NAMES or not after_prefix(prefix).startswith(prefix + "x")


@given(texts)
def test_a_page_token_is_opaque_and_brings_back_its_place(start: str) -> None:
    assert place(token(start)) == start


@pytest.mark.parametrize("wrong", ["x", "%%", "gICA"])
def test_a_page_token_that_was_never_given_is_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        place(wrong)


def test_a_page_holds_a_thousand_names_at_most() -> None:
    assert parse({}).limit == parse({"maxResults": "5000"}).limit == 1000
    assert parse({"maxResults": "7"}).limit == 7
