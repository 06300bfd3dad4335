"""Whom receipts name by line, held against whom the local Google Ads garbled."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.console.demo.refused import NOBODY, Refused, confront, named
from shared.model.receipt import Refusals

DIGESTS = st.lists(st.integers(0, 9), max_size=12)
CODE = "OfflineUserDataJobError.MISSING_USER_IDENTIFIER"


@dataclass(frozen=True)
class Written:
    digests: Path
    lines: Path


def written(stem: Path, people: dict[int, int]) -> Written:
    """`people`: digests by the lines at which their rows start."""
    file = Written(stem.with_suffix(".digests"), stem.with_suffix(".lines"))
    file.digests.write_bytes(b"".join(each.to_bytes(8, "big") for each in people.values()))
    file.lines.write_bytes(b"".join(each.to_bytes(8, "big") for each in people))
    return file


def test_lines_are_looked_up_in_the_file_that_they_are_of(tmp_path: Path) -> None:
    files = [
        written(tmp_path / "1", {2: 11, 3: 12, 5: 13, 6: 11}),
        written(tmp_path / "2", {2: 21, 4: 2**64 - 1}),
    ]

    found = named(files, [Refusals(CODE, 1, "2-3,6"), Refusals(CODE, 2, "4")])

    assert list(found) == [11, 12, 11, 2**64 - 1]


def test_nobody_stands_where_no_good_row_starts(tmp_path: Path) -> None:
    files = [written(tmp_path / "1", {2: 11, 5: 13})]

    found = named(files, [Refusals(CODE, 1, "1,3-4,6"), Refusals(CODE, 2, "2-3")])

    assert list(found) == [NOBODY] * 6


def test_a_line_of_nobody_is_unfounded() -> None:
    assert confront([7], [7, NOBODY]) == Refused(1, unnamed=0, unfounded=1)


@given(garbled=DIGESTS, told=DIGESTS)
def test_each_is_to_be_named_as_often_as_he_was_garbled(garbled: list[int], told: list[int]) -> None:
    refused = confront(garbled, told)

    assert refused.garbled - refused.unnamed == len(told) - refused.unfounded
    assert (refused.unnamed, refused.unfounded) == (
        sum(max(0, garbled.count(each) - told.count(each)) for each in range(10)),
        sum(max(0, told.count(each) - garbled.count(each)) for each in range(10)),
    )
    assert (refused.unnamed == refused.unfounded == 0) == (Counter(garbled) == Counter(told))
