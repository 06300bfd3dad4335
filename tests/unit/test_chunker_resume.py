"""Cutting goes on where a part was closed, and what comes of it is what would have come of it at once."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.chunker.cut import Cutter, Progress
from services.chunker.parts import CutPart
from services.chunker.settings import ROWS_PER_RECORD_MAX, CutSettings
from tests.support.cutting import CONTACTS, cut, pieces

CutAndProgress = tuple[CutPart, Progress | None]

ROWS = [
    b"ada@example.com,here\n",
    b'"Grace@Example.com","two\r\nlines, and ""more"""\r\n',
    "zoë@example.com,ünï\n".encode(),
    b"nobody,\n",
    b"one cell\n",
    b'"odd"quotes,\n',
    b"\n",
]
HEADERS = [b"email,notes\n", b"Notes,E_Mail\n", b"\xef\xbb\xbfemail,other\n"]


@st.composite
def shards(draw: st.DrawFn) -> list[bytes]:
    """Three files of a segment; the header need not be the same."""
    texts = [
        draw(st.sampled_from(HEADERS)) + b"".join(draw(st.lists(st.sampled_from(ROWS), max_size=12)))
        for _ in range(3)
    ]
    return [gzip.compress(text, mtime=0) if draw(st.booleans()) else text for text in texts]


def cut_with_progress(files: Sequence[bytes], how: CutSettings) -> list[CutAndProgress]:
    cutter = Cutter(how)
    return [(part, cutter.progress) for file in files for part in cutter.feed([file])]


def open_at(file: bytes, size: int, start: int) -> Iterator[bytes]:
    return iter(pieces(file[start:], size))


def gone_on(files: Sequence[bytes], how: CutSettings, since: Progress, size: int) -> list[CutPart]:
    cutter = Cutter(how, since)
    parts = list(cutter.resume(partial(open_at, files[since.source - 1], size)))
    parts += [part for file in files[since.source :] for part in cutter.feed(pieces(file, size))]
    parts += cutter.finish()
    assert cutter.totals == cut([[file] for file in files], how).totals
    return parts


@given(shards(), st.integers(1, 3), st.integers(1, 70), st.data())
@settings(deadline=None, max_examples=150)
def test_whoever_goes_on_cuts_the_rest_as_it_would_have_been_cut(
    files: list[bytes], records: int, size: int, data: st.DataObject
) -> None:
    how = replace(CONTACTS, part_records=records)
    reached = cut_with_progress(files, how)
    assume(reached)
    whole = cut([[file] for file in files], how).parts
    _, since = data.draw(st.sampled_from(reached))
    assert since

    assert gone_on(files, how, since, size) == list(whole[since.totals.parts :])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte order mark"])
def test_a_part_starts_at_its_first_records_byte(mark: bytes, pack: type[bytes]) -> None:
    text = (
        mark
        + b'email,notes\na@example.com,"two\r\nlines"\r\n\n\nb@example.com,\xc3\xa9\nnobody,\nc@example.com,\n'
    )
    reached = cut_with_progress([pack(text)], replace(CONTACTS, part_records=1))

    starts = [since.start for _, since in reached if since]

    assert [text[start.byte :][:3] for start in starts] == [b"b@e", b"c@e"]
    assert [start.line for start in starts] == [6, 8]


def test_very_many_bad_rows_close_a_part_too() -> None:
    """Else a file of bad rows alone would have to be read in one go, whatever its size."""
    rows = ROWS_PER_RECORD_MAX * 2 + 1
    result = cut([[b"email\n" + b"nobody\n" * rows]], replace(CONTACTS, part_records=1))

    assert [(part.records, part.rejected) for part in result.parts] == [(0, 20), (0, 20), (0, 1)]


def test_a_plain_file_is_read_from_its_place_only() -> None:
    """Beside the first piece, which holds the header and tells what the file is."""
    text = b"email\n" + b"".join(b"%06d@example.com\n" % number for number in range(1000))
    reached = cut_with_progress([text], replace(CONTACTS, part_records=100))
    _, since = reached[-1]
    read = 0

    def counting(start: int) -> Iterator[bytes]:
        nonlocal read
        for piece in pieces(text[start:], 100):
            read += len(piece)
            yield piece

    assert since
    list(Cutter(replace(CONTACTS, part_records=100), since).resume(counting))

    assert read == len(text) - since.start.byte + 2 * 100
