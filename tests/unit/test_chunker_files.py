"""Tricky files, and the oracle's word about each: the same bytes, whatever the pieces in which they are read."""

from dataclasses import replace

import pytest

from services.chunker.settings import CutSettings
from tests.support.cutting import CONTACTS, cut, pieces
from tests.support.tricky import FILES
from tests.unit.test_chunker_cut_random import expected_by_oracle, outcome

HOW = replace(CONTACTS, part_records=2, frame_identifiers=20, ad_user_data="GRANTED")
SIZES = (1, 2, 3, 7, 64, 1000, 1 << 20)


def sizes(content: bytes) -> tuple[int, ...]:
    """A large file is not read byte by byte."""
    return SIZES if len(content) < 10_000 else SIZES[3:]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "how", [HOW, replace(HOW, mode="remove", deduplicate=True)], ids=["append", "remove"]
)
def test_a_tricky_file_is_cut_as_the_oracle_says_at_every_read_size(name: str, how: CutSettings) -> None:
    content = FILES[name]
    expected = expected_by_oracle([content], how)
    for size in sizes(content):
        if not isinstance(expected, list):
            assert outcome([pieces(content, size)], how)[:2] == expected
            continue
        result = cut([pieces(content, size)], how)
        frames = [[bytes(frame.body) for frame in part.frames] for part in result.decoded()]
        assert frames == [part.frames(20) for part in expected]
        assert [part.rejects_csv for part in result.parts] == [part.report_text() for part in expected]


def test_there_are_many_of_them() -> None:
    assert len(FILES) >= 40
