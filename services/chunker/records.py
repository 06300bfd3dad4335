"""Physical lines to records: UTF-8, then CSV with the standard library's strict reader, each record bounded
in length.

A record is known by the line where it starts, counted from 1, newlines inside quotes counted. An empty line
is no record and is passed over; so is one that holds only its line end. A byte order mark before the first is
dropped. A malformed record is handed out with its fault, and reading goes on with the next line. It may not
know what a column means. RFC 4180, with \\n as good as \\r\\n.
"""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from services.chunker.codes import ContentCode, ContentError, RowCode

# Without a bound, one unclosed quote would read the rest of the file into memory.
RECORD_BYTES_MAX = 1024 * 1024

# The limit is the interpreter's, not the reader's, and 128 KiB by default. It is set here, once, to what no
# record gets past anyhow: the bound below counts bytes, which are never fewer than characters.
csv.field_size_limit(RECORD_BYTES_MAX)


@dataclass(frozen=True)
class Start:
    """Where a record starts in its file as it is unpacked: the line, counted from 1, and the byte, from 0."""

    line: int = 1
    byte: int = 0


BEGINNING = Start()


class Record(NamedTuple):
    """`line` and `byte` are where it starts. `cells` is empty where `fault` says what is wrong."""

    line: int
    byte: int
    cells: list[str]
    fault: RowCode | None


class _Feed:
    """Text lines for the CSV reader, which pulls as many as its record takes. It knows where the record at
    hand starts.
    """

    def __init__(self, lines: Iterable[bytes], max_bytes: int, start: Start) -> None:
        self._lines = lines
        self._max_bytes = max_bytes
        self._line = start.line - 1
        self._byte = start.byte
        self.line = start.line
        self.byte = start.byte
        self.ended = False

    def begin_record(self) -> None:
        self.line = self._line + 1
        self.byte = self._byte

    def __iter__(self) -> Iterator[str]:
        for raw in self._without_mark():
            self._line += 1
            self._byte += len(raw)
            if self._byte - self.byte > self._max_bytes:
                raise ContentError(ContentCode.RECORD_TOO_LONG, self.line)
            try:
                yield raw.decode()
            except UnicodeDecodeError:
                # The error holds the line's bytes: it must not travel on.
                raise ContentError(ContentCode.NOT_UTF8, self._line) from None
        self.ended = True

    def _without_mark(self) -> Iterator[bytes]:
        lines = iter(self._lines)
        if self._byte == 0 and (first := next(lines, None)) is not None:
            plain = first.removeprefix(BOM_UTF8)
            self._byte = self.byte = len(first) - len(plain)
            lines = chain((plain,) if plain else (), lines)
        return lines


def records(
    lines: Iterable[bytes], max_bytes: int, start: Start = BEGINNING, delimiter: str = ","
) -> Iterator[Record]:
    """The records of a file in order, from `start` on, where one starts. Of `max_bytes`, at most RECORD_BYTES_MAX, line ends
    take their share.

    Raises ContentError with the line: NOT_UTF8, RECORD_TOO_LONG, UNCLOSED_QUOTE.
    """
    feed = _Feed(lines, max_bytes, start)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(feed.line, feed.byte, [], _fault(error, feed))
            continue
        if cells:
            yield Record(feed.line, feed.byte, cells, None)


def _fault(error: csv.Error, feed: _Feed) -> RowCode:
    """What the reader stumbled over. After the last line, that can only be an open quote."""
    if feed.ended:
        raise ContentError(ContentCode.UNCLOSED_QUOTE, feed.line) from None
    # The reader has one exception for everything: its text alone tells a carriage return from a stray quote.
    if str(error).startswith("new-line character"):
        return RowCode.LONE_CARRIAGE_RETURN
    return RowCode.MALFORMED_QUOTES
