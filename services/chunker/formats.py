"""What a file is, decided by its first line that is not empty: CSV and what separates its cells, or JSON Lines. Its name is not asked."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from services.chunker.codes import ContentCode, ContentError
from services.chunker.records import BEGINNING, Start

DELIMITERS = (",", ";", "\t", "|")
"""In the order in which one is taken that is there as often as another."""

_QUOTED = re.compile(rb'"[^"]*"?')
_EMPTY = frozenset((b"\n", b"\r\n", BOM_UTF8 + b"\n", BOM_UTF8 + b"\r\n", BOM_UTF8))


@dataclass(frozen=True)
class Csv:
    delimiter: str


@dataclass(frozen=True)
class JsonLines:
    """One object a line."""


Format = Csv | JsonLines


@dataclass(frozen=True)
class Opening:
    """A file's first line that is not empty, where it starts, and all lines from it on."""

    first: bytes
    start: Start
    lines: Iterator[bytes]


def opening(lines: Iterable[bytes]) -> Opening | None:
    """None of a file that holds nothing but empty lines."""
    rest, number, byte = iter(lines), BEGINNING.line, BEGINNING.byte
    for line in rest:
        if line not in _EMPTY:
            return Opening(line, Start(number, byte), chain((line,), rest))
        number, byte = number + 1, byte + len(line)
    return None


def format_of(first: bytes, delimiter: str = "") -> Format:
    """`delimiter`: what somebody has said that it is, "" for whatever the header has most of outside quotes. ContentError JSON_ARRAY
    for a file that is one JSON value."""
    text = first.removeprefix(BOM_UTF8).lstrip()
    if text.startswith(b"{"):
        return JsonLines()
    if text.startswith(b"["):
        raise ContentError(ContentCode.JSON_ARRAY)
    return Csv(delimiter or _most_frequent(text))


def _most_frequent(header: bytes) -> str:
    bare = _QUOTED.sub(b"", header)
    return max(DELIMITERS, key=lambda delimiter: bare.count(delimiter.encode()))
