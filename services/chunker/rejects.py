"""The reject report of a part: what is not sent, by place and reason, never by value; and how much of it there is.

CSV, `line,column,reason_code,level,source`: line where the record starts; level `record` (the row is not sent), `skip`
(it is good and not sent on purpose) or `field` (the rest of it is sent); source the number of the file in the
segment, from 1. Every cell is from a closed set, so none needs quoting.
"""

from collections import Counter
from collections.abc import Iterable

from services.chunker.codes import RowCode, SkipCode
from services.chunker.person import Fault

# Some nine megabytes. A part with more faults than that is no longer read line by line; they are still
# counted, one and all.
ENTRIES_MAX = 250_000

_HEADER = b"line,column,reason_code,level,source\n"


class Report:
    """The faults of one part's rows. It keeps ENTRIES_MAX entries at most; `unlisted` counts those beyond."""

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._room = entries_max
        self._text = bytearray(_HEADER)
        self.reasons: Counter[str] = Counter()
        self.rejected = 0
        self.skipped = 0
        self.fields_dropped = 0
        self.unlisted = 0

    def reject(self, source: int, line: int, code: RowCode) -> None:
        """A row is not sent."""
        self.rejected += 1
        self._enter(source, line, "", code, "record")

    def skip(self, source: int, line: int, code: SkipCode) -> None:
        """A good row is not sent on purpose."""
        self.skipped += 1
        self._enter(source, line, "", code, "skip")

    def drop(self, source: int, line: int, faults: Iterable[Fault]) -> None:
        """Fields of a row are not sent."""
        for fault in faults:
            self.fields_dropped += 1
            self._enter(source, line, fault.column, fault.code, "field")

    def text(self) -> bytes:
        """The report as a file; b"" when there is nothing to report."""
        return bytes(self._text) if self.reasons else b""

    def _enter(self, source: int, line: int, column: str, code: str, level: str) -> None:
        self.reasons[code] += 1
        if self._room == 0:
            self.unlisted += 1
            return
        self._room -= 1
        self._text += f"{line},{column},{code},{level},{source}\n".encode()
