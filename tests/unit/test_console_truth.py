"""The comparison of an audience with the truth, against plain sets."""

from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from services.console.demo import truth
from services.console.demo.truth import Counted, Difference, compare

DIGESTS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 20), max_size=60)


@given(first=DIGESTS, second=DIGESTS, actual=DIGESTS)
def test_a_comparison_counts_what_sets_would(first: list[int], second: list[int], actual: list[int]) -> None:
    wanted, found = {*first, *second}, set(actual)

    with TemporaryDirectory() as folder:
        paths = [written(Path(folder) / name, each) for name, each in (("1", first), ("2", second))]
        difference = compare(paths, written(Path(folder) / "3", actual))

    assert difference == Difference(len(found), len(wanted - found), len(found - wanted))


def test_many_digests_are_compared_slice_by_slice(tmp_path: Path) -> None:
    everybody = list(range(truth.AT_ONCE + 10))

    difference = compare([written(tmp_path / "1", everybody)], written(tmp_path / "2", everybody[3:]))

    assert difference == Difference(len(everybody) - 3, missing=3, foreign=0)


def test_counts_add_up() -> None:
    assert (Counted(10, 1) + Counted(5, 2)).accepted == 12


def written(path: Path, digests: list[int]) -> Path:
    path.write_bytes(b"".join(pack(">Q", digest) for digest in digests))
    return path
