"""Bytes as they come from storage to physical lines: gzip undone, byte order mark dropped, cut after each \\n
and nowhere else.

What a file is, is decided by its first bytes, never by its name. It may not look into a line, nor hold more
than one line and what came with it. RFC 1952: a gzip file is one or more members; zeros may pad its end.
"""

import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from itertools import chain

from services.chunker.codes import ContentCode, ContentError

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
# Input goes to zlib in blocks of one size, whatever the chunks are: what came out before it met damage is
# then always the same.
_COMPRESSED_BLOCK = 64 * 1024
# A bomb makes a thousand bytes of one, so what may come out at once is bounded too.
_PLAIN_BLOCK = 1024 * 1024


def lines(chunks: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    """Physical lines, each with its \\n (the last one perhaps without). Raises ContentError for damaged gzip.

    Of a line longer than `max_line` bytes only a first piece, longer than that too, is given: the reader has
    to stop there.
    """
    return chain.from_iterable(_blocks_of_lines(_without_mark(_plain(chunks)), max_line))


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


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    head, rest = _split_head(chunks, len(BOM_UTF8))
    return chain((head.removeprefix(BOM_UTF8),), rest)


def _plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    head, rest = _split_head(chunks, len(_GZIP_MAGIC))
    whole = chain((head,), rest)
    return _inflate(_in_blocks(whole)) if head.startswith(_GZIP_MAGIC) else whole


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
    try:
        for block in blocks:
            rest = block
            while rest:
                if member.eof:
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    member = zlib.decompressobj(_GZIP_WRAPPER)
                yield member.decompress(rest, _PLAIN_BLOCK)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error:
        raise ContentError(ContentCode.GZIP_DAMAGED) from None
    if not member.eof:
        raise ContentError(ContentCode.GZIP_TRUNCATED)
