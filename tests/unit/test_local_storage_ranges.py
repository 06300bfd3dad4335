"""Byte ranges in headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.storage.ranges import WHOLE_BODY, Chunk, Span, chunk, requested
from infra.local.storage.refusal import Reason, Refused

DATA = bytes(range(50))
places = st.integers(0, 60)


@given(places, places)
def test_a_closed_range_is_a_slice(first: int, last: int) -> None:
    if first <= last and first < len(DATA):
        span = requested(f"bytes={first}-{last}", len(DATA))
        assert span is not None
        assert DATA[span.first : span.end] == DATA[first : last + 1]
        assert span.length == len(DATA[first : last + 1])


@given(st.integers(0, 49))
def test_an_open_range_runs_to_the_end(first: int) -> None:
    assert requested(f"bytes={first}-", len(DATA)) == Span(first, len(DATA))


@given(st.integers(1, 100))
def test_a_suffix_range_is_the_last_bytes(length: int) -> None:
    span = requested(f"bytes=-{length}", len(DATA))
    assert span is not None
    assert DATA[span.first : span.end] == DATA[-length:]


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=50-", 50), ("bytes=60-70", 50), ("bytes=0-", 0), ("bytes=-0", 50)]
)
def test_a_range_without_a_byte_in_the_object_is_refused(header: str, size: int) -> None:
    with pytest.raises(Refused) as refused:
        requested(header, size)
    assert refused.value.reason is Reason.OUT_OF_RANGE


@pytest.mark.parametrize("header", [None, "", "bytes", "bytes=-", "bytes=5-2", "bytes=a-b", "lines=1-2"])
def test_a_range_that_is_not_understood_means_everything(header: str | None) -> None:
    assert requested(header, 50) is None


def test_several_ranges_are_not_supported() -> None:
    with pytest.raises(Refused) as refused:
        requested("bytes=0-1,3-4", 50)
    assert refused.value.reason is Reason.UNSUPPORTED


@given(st.integers(0, 100), st.integers(1, 100), st.none() | st.integers(0, 300))
def test_a_chunk_says_where_it_stands_and_whether_it_is_the_last(
    first: int, length: int, total: int | None
) -> None:
    end = first + length
    header = f"bytes {first}-{end - 1}/{'*' if total is None else total}"
    if total is not None and total < end:
        with pytest.raises(Refused):
            chunk(header, 0)
    else:
        assert chunk(header, 0) == Chunk(first, length, total)
        assert chunk(header, 0).is_last() == (total == end)


@given(st.integers(0, 100), st.none() | st.integers(0, 100))
def test_a_chunk_without_bytes_ends_the_upload_only_where_all_bytes_are_there(
    persisted: int, total: int | None
) -> None:
    asked = chunk(f"bytes */{'*' if total is None else total}", persisted)
    assert (asked.first, asked.length) == (persisted, 0)
    assert asked.is_last() == (total == persisted)


def test_a_put_without_a_range_is_the_whole_object() -> None:
    assert chunk(None, 0) == WHOLE_BODY
    assert WHOLE_BODY.is_last()


@pytest.mark.parametrize("header", ["", "bytes 5-2/10", "bytes 0-5", "bytes 0-9/5", "0-5/10", "bytes -5/10"])
def test_a_content_range_that_makes_no_sense_is_refused(header: str) -> None:
    with pytest.raises(Refused) as refused:
        chunk(header, 0)
    assert refused.value.reason is Reason.INVALID
