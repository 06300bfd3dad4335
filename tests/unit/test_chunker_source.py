"""Bytes to lines: gzip by its bytes, line ends, pieces of any size."""

import gzip
from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st

from services.chunker.codes import ContentCode, ContentError
from services.chunker.source import lines

UNBOUNDED = 10**9


def lines_of(content: bytes, size: int) -> list[bytes] | ContentCode:
    """What comes of `content` in pieces of `size` bytes."""
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    try:
        return list(lines(pieces, UNBOUNDED))
    except ContentError as error:
        return error.reason_code


@given(st.lists(st.binary(max_size=9)), st.integers(1, 30))
def test_a_line_ends_behind_a_newline_and_nowhere_else(content: list[bytes], size: int) -> None:
    text = b"\n".join([b"header", *content])
    *ended, last = text.split(b"\n")
    expected = [line + b"\n" for line in ended] + ([last] if last else [])
    assert lines_of(text, size) == expected


@given(st.lists(st.binary(max_size=40), max_size=3), st.integers(0, 5), st.integers(1, 50))
def test_all_members_of_a_gzip_file_are_one_text(more: list[bytes], padding: int, size: int) -> None:
    members = [b"header", *more]
    compressed = b"".join(gzip.compress(member) for member in members) + bytes(padding)
    assert lines_of(compressed, size) == lines_of(b"".join(members), UNBOUNDED)


@given(st.binary(max_size=300), st.data())
def test_damage_has_the_same_reason_at_every_size_of_pieces(text: bytes, data: st.DataObject) -> None:
    content = bytearray(gzip.compress(text))
    content[data.draw(st.integers(2, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    damaged = bytes(content[: data.draw(st.integers(3, len(content)))])
    assert lines_of(damaged, 1) == lines_of(damaged, 7) == lines_of(damaged, 1000)


def test_what_comes_before_the_damage_is_the_same_at_every_size_of_pieces() -> None:
    damaged = gzip.compress(b"line\n" * 2_000_000, compresslevel=0)[:-4] + bytes(4)

    def given_out(size: int) -> int:
        pieces = (damaged[at : at + size] for at in range(0, len(damaged), size))
        found = 0
        try:
            for _ in lines(pieces, UNBOUNDED):
                found += 1
        except ContentError:
            return found
        return -1

    assert given_out(1000) == given_out(100_000) == given_out(len(damaged)) > 1_900_000


def test_of_an_endless_line_only_a_first_piece_is_given() -> None:
    found = lines(repeat(b"x" * 100), max_line=250)
    assert next(iter(found)) == b"x" * 300
