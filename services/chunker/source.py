"""Bytes as they come from storage to physical lines: gzip undone, cut after each \\n and nowhere else.

What a file is, is decided by its first bytes, never by its name. It may not look into a line, nor hold more
than one line and what came with it. RFC 1952: a gzip file is one or more members; zeros may pad its end.
"""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from services.chunker.codes import ContentCode, ContentError

GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
# Input goes to zlib in blocks of one size, whatever the chunks are: what came out before it met damage is
# then always the same.
_COMPRESSED_BLOCK = 64 * 1024
# A bomb makes a thousand bytes of one, so what may come out at once is bounded too.
_PLAIN_BLOCK = 1024 * 1024
# Lists of people shrink to a third or a tenth. What grows more than this, and to more than this, was made to fill
# somebody's memory or time; deflate itself cannot make more than 1,032 bytes of one.
GROWTH_MAX = 200
GROWTH_BYTES = 64 * 1024 * 1024

Open = Callable[[int], Iterable[bytes]]
"""A file's stored bytes from a byte on, in pieces of any size."""


def lines(chunks: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    """Physical lines, each with its \\n (the last one perhaps without). Raises ContentError for damaged gzip.

    Of a line longer than `max_line` bytes only a first piece, longer than that too, is given: the reader has
    to stop there.
    """
    return _lines(_plain(chunks), max_line)


def lines_from(open_at: Open, byte: int, max_line: int) -> Iterator[bytes]:
    """The lines of a file from byte `byte` of its unpacked content on, where a line begins. A packed file has to be unpacked
    up to there once more."""
    head, rest = _split_head(open_at(0), len(GZIP_MAGIC))
    if head.startswith(GZIP_MAGIC):
        return _lines(_after(_plain(chain((head,), rest)), byte), max_line)
    return _lines(open_at(byte), max_line)


def _lines(plain: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    return chain.from_iterable(_blocks_of_lines(plain, max_line))


def _after(chunks: Iterable[bytes], byte: int) -> Iterator[bytes]:
    for chunk in chunks:
        if byte < len(chunk):
            yield chunk[byte:]
        byte = max(0, byte - len(chunk))


def _blocks_of_lines(chunks: Iterable[bytes], max_line: int) -> Iterator[Iterable[bytes]]:
    pending = b""
    for chunk in chunks:
        whole, newline, rest = chunk.rpartition(b"\n")
        if newline:
            yield io.BytesIO(pending + whole + newline)
            pending = rest
        else:
            pending += chunk
        if len(pending) > max_line:
            yield [pending]
            pending = b""
    if pending:
        yield [pending]


def _plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    head, rest = _split_head(chunks, len(GZIP_MAGIC))
    whole = chain((head,), rest)
    return _inflate(_in_blocks(whole)) if head.startswith(GZIP_MAGIC) else whole


def _split_head(chunks: Iterable[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    rest = iter(chunks)
    head = b""
    for chunk in rest:
        head += chunk
        if len(head) >= size:
            break
    return head, rest


def _in_blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= _COMPRESSED_BLOCK:
            yield bytes(held[:_COMPRESSED_BLOCK])
            del held[:_COMPRESSED_BLOCK]
    if held:
        yield bytes(held)


def _inflate(blocks: Iterable[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(_GZIP_WRAPPER)
    taken = given = 0
    try:
        for block in blocks:
            rest = block
            taken += len(block)
            while rest:
                if member.eof:
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    member = zlib.decompressobj(_GZIP_WRAPPER)
                plain = member.decompress(rest, _PLAIN_BLOCK)
                given += len(plain)
                if given > max(GROWTH_BYTES, GROWTH_MAX * taken):
                    raise ContentError(ContentCode.GZIP_BOMB)
                yield plain
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error:
        raise ContentError(ContentCode.GZIP_DAMAGED) from None
    if not member.eof:
        raise ContentError(ContentCode.GZIP_TRUNCATED)
