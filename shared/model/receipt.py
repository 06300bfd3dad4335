"""A part's receipt: the event of its end as it is published, and which records the destination refused, exact to the line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.model.codec import decode
from shared.model.events import Event
from shared.part_ranges import count, from_text, is_text, to_text


@dataclass(frozen=True)
class Refusals:
    """The records that the destination refused with one code, as lines of one file of the segment.

    `code` is the destination's own, like "OfflineUserDataJobError.INVALID_SHA256_FORMAT". `source` counts the segment's files from 1.
    `lines` are those at which the records start, 1-based, as shared/part_ranges writes them: "3-7,12". A line holds one record.
    """

    code: str
    source: int
    lines: str

    def __post_init__(self) -> None:
        if not is_text(self.lines):
            raise ValueError("the lines are no ranges")


@dataclass(frozen=True)
class Receipt:
    """`receipts/{part}.json`. `event` is the JSON text of the part's event: these very bytes are published, whoever does it and whenever.
    `refused` is in the order of code and source, each pair once; of a part that failed, what is known of the requests that got through."""

    event: str
    refused: tuple[Refusals, ...] = ()
    schema_version: Literal[1] = 1

    def __post_init__(self) -> None:
        self.as_event()  # a DocumentError for what is no event

    @property
    def content(self) -> bytes:
        return self.event.encode()

    def as_event(self) -> Event:
        return decode(Event, self.content)


def refused_records(refused: Iterable[Refusals]) -> int:
    """The one place where refusals become a number."""
    return sum(count(each.lines) for each in refused)


def joined(*several: Iterable[Refusals]) -> tuple[Refusals, ...]:
    """All of them together: a line that several name is there once."""
    lines: dict[tuple[str, int], set[int]] = {}
    for each in (refusals for refused in several for refusals in refused):
        lines.setdefault((each.code, each.source), set()).update(from_text(each.lines))
    return tuple(
        Refusals(code, source, to_text(numbers)) for (code, source), numbers in sorted(lines.items())
    )
