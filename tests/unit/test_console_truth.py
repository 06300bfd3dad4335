"""The comparison of an audience with the truth, against plain counts."""

from collections import Counter
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from services.console.demo import truth
from services.console.demo.truth import Counted, Difference, compare

DIGESTS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 20), max_size=60)


@given(first=DIGESTS, second=DIGESTS, refused=DIGESTS, actual=DIGESTS)
def test_a_comparison_counts_what_counters_would(
    first: list[int], second: list[int], refused: list[int], actual: list[int]
) -> None:
    wanted, found = set(Counter(first + second) - Counter(refused)), set(actual)

    with TemporaryDirectory() as folder:
        one, two, three, four = (
            written(Path(folder) / str(place), each)
            for place, each in enumerate((first, second, refused, actual))
        )
        difference = compare([one, two], three, four)

    assert difference == Difference(len(found), len(wanted - found), len(found - wanted))


def test_who_was_refused_once_and_sent_twice_is_in(tmp_path: Path) -> None:
    sent = [written(tmp_path / "1", [7, 8]), written(tmp_path / "2", [8, 9])]
    refused = written(tmp_path / "3", [8, 9])

    assert compare(sent, refused, written(tmp_path / "4", [7, 8])) == Difference(2, 0, 0)
    assert compare(sent, refused, written(tmp_path / "5", [7])) == Difference(1, missing=1, foreign=0)
    assert compare(sent, refused, written(tmp_path / "6", [7, 8, 9])) == Difference(3, missing=0, foreign=1)


def test_many_digests_are_compared_slice_by_slice(tmp_path: Path) -> None:
    everybody = list(range(truth.AT_ONCE + 10))

    sent, nobody = written(tmp_path / "1", everybody), written(tmp_path / "2", [])
    difference = compare([sent], nobody, written(tmp_path / "3", everybody[3:]))

    assert difference == Difference(len(everybody) - 3, missing=3, foreign=0)


def test_counts_add_up() -> None:
    assert (Counted(10, 1) + Counted(5, 2)).accepted == 12


def written(path: Path, digests: list[int]) -> Path:
    path.write_bytes(b"".join(pack(">Q", digest) for digest in digests))
    return path
