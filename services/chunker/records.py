"""Physical lines to records: UTF-8, then CSV with the standard library's strict reader, each record bounded
in length.

A record is known by the line where it starts, counted from 1, newlines inside quotes counted. An empty line
is no record and is passed over; so is one that holds only its line end. A malformed record is handed out with
its fault, and reading goes on with the next line. It may not know what a column means. RFC 4180, with \\n as
good as \\r\\n.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.chunker.codes import ContentCode, ContentError, RowCode

# Without a bound, one unclosed quote would read the rest of the file into memory.
RECORD_BYTES_MAX = 1024 * 1024

# The limit is the interpreter's, not the reader's, and 128 KiB by default. It is set here, once, to what no
# record gets past anyhow: the bound below counts bytes, which are never fewer than characters.
csv.field_size_limit(RECORD_BYTES_MAX)


class Record(NamedTuple):
    """`cells` is empty where `fault` says what is wrong."""

    line: int
    cells: list[str]
    fault: RowCode | None


class _Feed:
    """Text lines for the CSV reader, which pulls as many as its record takes. It counts what the record at
    hand has taken.
    """

    def __init__(self, lines: Iterable[bytes], max_bytes: int) -> None:
        self._lines = lines
        self._max_bytes = max_bytes
        self._line = 0
        self.start = 1
        self.size = 0
        self.ended = False

    def begin_record(self) -> None:
        self.start = self._line + 1
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._lines:
            self._line += 1
            self.size += len(raw)
            if self.size > self._max_bytes:
                raise ContentError(ContentCode.RECORD_TOO_LONG, self.start)
            try:
                yield raw.decode()
            except UnicodeDecodeError:
                # The error holds the line's bytes: it must not travel on.
                raise ContentError(ContentCode.NOT_UTF8, self._line) from None
        self.ended = True


def records(lines: Iterable[bytes], max_bytes: int) -> Iterator[Record]:
    """The records of a file in order. Of `max_bytes`, at most RECORD_BYTES_MAX, line ends take their share.

    Raises ContentError with the line: NOT_UTF8, RECORD_TOO_LONG, UNCLOSED_QUOTE.
    """
    feed = _Feed(lines, max_bytes)
    reader = csv.reader(feed, strict=True)
    while True:
        feed.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(feed.start, [], _fault(error, feed))
            continue
        if cells:
            yield Record(feed.start, cells, None)


def _fault(error: csv.Error, feed: _Feed) -> RowCode:
    """What the reader stumbled over. After the last line, that can only be an open quote."""
    if feed.ended:
        raise ContentError(ContentCode.UNCLOSED_QUOTE, feed.start) from None
    # The reader has one exception for everything: its text alone tells a carriage return from a stray quote.
    if str(error).startswith("new-line character"):
        return RowCode.LONE_CARRIAGE_RETURN
    return RowCode.MALFORMED_QUOTES
