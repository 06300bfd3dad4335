"""Whom Google refused one by one: receipts name lines, the generator knows who stands there, the local Google Ads whom it garbled.

Nothing is taken from the product but its claim.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.console.demo.truth import digest_at, read_digests
from shared.model.receipt import Refusals
from shared.part_ranges import from_text

NOBODY = -1
"""In the place of a digest: at that line nobody starts who could have been sent."""


class Written(Protocol):
    """A generated file: the digests of its good rows and the lines at which these start, both as 8 bytes each in the order of the file."""

    @property
    def digests(self) -> Path: ...
    @property
    def lines(self) -> Path: ...


@dataclass(frozen=True)
class Refused:
    """Of one audience, in people: `garbled` by the local Google Ads; `unnamed`: so, but in no receipt; `unfounded`: the other way round."""

    garbled: int
    unnamed: int
    unfounded: int


def named(files: Sequence[Written], refused: Iterable[Refusals]) -> Iterator[int]:
    """The digests of whom receipts of one segment name. `files` in the order in which receipts count them."""
    for each in refused:
        if each.source <= len(files):
            yield from _at(files[each.source - 1], from_text(each.lines))
        else:
            yield from (NOBODY for _ in from_text(each.lines))


def confront(garbled: Iterable[int], told: Iterable[int]) -> Refused:
    """A digest counts as often as it comes: several people may have nothing but one telephone number."""
    done, said = Counter(garbled), Counter(told)
    return Refused(done.total(), (done - said).total(), (said - done).total())


def _at(file: Written, lines: Iterable[int]) -> Iterator[int]:
    starts = array("Q", read_digests(file.lines))
    for line in lines:
        place = bisect_left(starts, line)
        found = place < len(starts) and starts[place] == line
        yield digest_at(file.digests, place) if found else NOBODY
