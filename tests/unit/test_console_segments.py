"""The plan of the demo's segments, their files, and how fast time passes for them."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.load import load_accounts
from services.console.demo.generate import generate, generate_all, rows
from services.console.demo.segments import FEWEST_ROWS, Dialect, File, Segment, segments, targets
from services.console.demo.speed import FASTEST, destination_words, speed_for
from services.console.demo.truth import Counted, read_digests
from shared.errors import ConfigurationError
from shared.model.account import Account, Audience, Consent

TARGETS = targets(load_accounts())


@given(rows=st.integers(FEWEST_ROWS, 10_000_000))
def test_seven_segments_hold_exactly_the_rows_that_were_asked_for(rows: int) -> None:
    planned = segments(rows, TARGETS)

    assert len(planned) == 7
    assert sum(segment.rows for segment in planned) == rows
    assert all(file.rows > 0 for segment in planned for file in segment.files)


def test_two_accounts_get_two_audiences_each_and_one_segment_comes_in_shards() -> None:
    planned = segments(350_000, TARGETS)
    audiences = {(segment.account, segment.audience) for segment in planned}
    (group,) = (segment for segment in planned if segment.marker)

    assert len(audiences) == 4
    assert len({account for account, _ in audiences}) == 2
    assert group.marker == f"{group.source}_SUCCESS"
    assert all(file.name.startswith(group.source) for file in group.files)


def test_an_audience_meets_some_of_its_people_again() -> None:
    first, *_, again = people_of("crm"), people_of("loyalty")

    assert first & again
    assert again - first


def test_the_demo_takes_the_first_two_accounts_that_can_be_filled() -> None:
    crm_only = account("1111111111", crm="CRM_ID", more="CRM_ID")
    one, two = account("2222222222"), account("3333333333", old="CRM_ID")

    found = targets((crm_only, one, two, account("4444444444")))

    assert [[target.account, target.audience] for pair in found for target in pair] == [
        ["2222222222", "a"],
        ["2222222222", "b"],
        ["3333333333", "a"],
        ["3333333333", "b"],
    ]


def test_without_two_such_accounts_the_demo_says_what_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="two accounts"):
        targets((account("2222222222"),))


@given(rows=st.integers(FEWEST_ROWS, 10_000_000))
def test_more_rows_never_make_time_pass_faster(rows: int) -> None:
    assert speed_for(rows + 100_000) <= speed_for(rows) <= FASTEST


def test_time_passes_so_that_chunking_fits_into_less_than_half_of_a_push_request() -> None:
    assert speed_for(350_000) == FASTEST
    assert speed_for(4_000_000) == 3.6


def test_a_request_lasts_as_long_in_real_time_at_any_speed() -> None:
    _, base, _, per_1000 = destination_words(FASTEST / 10)

    assert (base, per_1000) == ("0.2", "0.15")
    assert destination_words(FASTEST) == destination_words(2 * FASTEST)


@pytest.mark.parametrize("packed", [False, True])
def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, packed: bool) -> None:
    file = File("a/b/append/c.csv", "a", "b", "NO", Dialect(gzip=packed), 10, 300, 12)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()

    one, two = (generate(file, tmp_path / folder, seed=7) for folder in ("one", "two"))

    assert one.content.read_bytes() == two.content.read_bytes()
    assert one.digests.read_bytes() == two.digests.read_bytes()
    assert one.counted == two.counted


def test_a_file_is_written_in_its_dialect(tmp_path: Path) -> None:
    columns = ("phone", "email")
    dialect = Dialect("\r\n", bom=True, gzip=True, columns=columns)

    written = generate(File("a/b/append/c.csv.gz", "a", "b", "US", dialect, 0, 50, 2), tmp_path, seed=7)
    text = gzip.decompress(written.content.read_bytes())

    assert text.startswith(b"\xef\xbb\xbfphone,email\r\n")
    assert text.count(b"\r\n") == 51


def test_the_digests_of_a_file_are_those_of_its_good_rows(tmp_path: Path) -> None:
    file = File("a/b/append/c.csv", "a", "b", "US", Dialect(), 0, 1_000, 20)

    written = generate(file, tmp_path, seed=7)

    assert written.counted == Counted(1_000, 20)
    assert written.digests.stat().st_size == 8 * written.counted.accepted


@pytest.mark.parametrize("dialect", [Dialect(), Dialect("\r\n", bom=True)])
def test_the_lines_of_a_file_are_those_at_which_its_good_rows_start(tmp_path: Path, dialect: Dialect) -> None:
    file = File("a/b/append/c.csv", "a", "b", "US", dialect, 0, 300, 12)

    written = generate(file, tmp_path, seed=7)

    _, *starts = starts_in(written.content)
    good = [start for start, row in zip(starts, rows(file, 7), strict=True) if row.identifiers]
    assert list(read_digests(written.lines)) == good
    assert starts[-1] > 301  # some fields hold a line's end


def test_two_processes_write_what_one_would(tmp_path: Path) -> None:
    files = [file for segment in segments(FEWEST_ROWS, TARGETS) for file in segment.files]

    apart = {each.file: each for each in generate_all(files, tmp_path / "apart", seed=7, processes=2)}

    assert set(apart) == set(files)
    alone = generate(files[0], tmp_path, seed=7)
    assert apart[files[0]].content.read_bytes() == alone.content.read_bytes()


def starts_in(content: Path) -> Iterator[int]:
    with content.open(encoding="utf-8-sig", newline="") as text:
        reader, before = csv.reader(text), 0
        for _ in reader:
            yield before + 1
            before = reader.line_num


def people_of(title: str) -> set[int]:
    planned: dict[str, Segment] = {segment.title: segment for segment in segments(10_000, TARGETS)}
    return {number for file in planned[title].files for number in range(file.first, file.first + file.rows)}


def account(id: str, **others: str) -> Account:
    """With two audiences of contact data, and `others` of another type before them."""
    contacts = {key: Audience("CONTACT_INFO", "1") for key in ("a", "b")}
    more = {key: replace(contacts["a"], upload_key_type="CRM_ID") for key in others}
    if others and set(others) == {"crm", "more"}:
        contacts = {}
    return Account(id, "Test", "NO", "0.05", Consent("GRANTED", "GRANTED"), {**more, **contacts})
