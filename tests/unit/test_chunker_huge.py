"""A record that is far too long ends the cutting early, whatever follows."""

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest

from services.chunker.codes import ContentCode, ContentError
from services.chunker.cut import Cutter
from services.chunker.settings import CutSettings

PIECE = 64 * 1024
TWO_GIGABYTES = 2 * 1024**3
HEADER = b"email,phone\n"


class Counted:
    """Pieces of one endless line; `taken` counts the bytes that somebody asked for."""

    def __init__(self, start: bytes) -> None:
        self.start, self.taken = start, 0

    def __iter__(self) -> Iterator[bytes]:
        yield HEADER + self.start
        while self.taken < TWO_GIGABYTES:
            self.taken += PIECE
            yield b"x" * PIECE


@pytest.mark.parametrize("start", [b"", b'"'], ids=["plain", "quoted"])
def test_a_line_of_two_gigabytes_is_given_up_after_its_first_mebibytes(start: bytes) -> None:
    line = Counted(start)

    tracemalloc.start()
    with pytest.raises(ContentError) as refused:
        list(Cutter(CutSettings("append", "CONTACT_INFO")).feed(line))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refused.value.reason_code is ContentCode.RECORD_TOO_LONG
    assert refused.value.line == 2
    assert line.taken < 4 * 1024**2
    assert peak < 64 * 1024**2


def test_a_bomb_of_many_rows_is_given_up_before_it_costs_more_than_a_large_file() -> None:
    row = b"person@example.com," + b"0" * 10_000 + b"\n"
    bomb = gzip.compress(HEADER + row * 20_000, 9)

    tracemalloc.start()
    with pytest.raises(ContentError) as refused:
        list(Cutter(CutSettings("append", "CONTACT_INFO")).feed([bomb]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refused.value.reason_code is ContentCode.GZIP_BOMB
    assert peak < 64 * 1024**2


def test_a_small_file_may_shrink_as_much_as_it_likes() -> None:
    packed = gzip.compress(HEADER + b"person@example.com,0000000000000000000000000000\n" * 100_000, 9)

    cutter = Cutter(CutSettings("append", "CONTACT_INFO"))
    parts = [*cutter.feed([packed]), *cutter.finish()]

    assert sum(part.records for part in parts) == 100_000


def test_a_bomb_of_one_line_is_given_up_in_little_memory() -> None:
    """A thousand bytes for one: 256 MiB of zeros in 256 KiB."""
    bomb = gzip.compress(HEADER + bytes(256 * 1024**2), 9)

    tracemalloc.start()
    with pytest.raises(ContentError) as refused:
        list(Cutter(CutSettings("append", "CONTACT_INFO")).feed([bomb]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refused.value.reason_code is ContentCode.RECORD_TOO_LONG
    assert peak < 64 * 1024**2
