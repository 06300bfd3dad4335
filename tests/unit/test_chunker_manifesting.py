"""From what was cut to the manifest: stages, and whether the segment is good enough to be sent."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.chunker.codes import ContentCode, ContentError
from services.chunker.cut import Cutter, Totals
from services.chunker.manifesting import describe, grouped, refuse, refuse_source
from services.chunker.settings import CutSettings
from shared.model.codec import decode, encode
from shared.model.manifest import Manifest, Part
from shared.model.run import Run
from tests.support.crowd import Person, table, written
from tests.support.documents import RUN, part
from tests.support.traces import Needles

PARTS = st.lists(st.integers(0, 60), max_size=12).map(
    lambda sizes: [part(number, records) for number, records in enumerate(sizes, 1)]
)


def totals(parts: list[Part]) -> Totals:
    good, rejected = sum(each.records for each in parts), sum(each.rejected for each in parts)
    return Totals(
        1, len(parts), good + rejected, good, rejected, rejected, {}, {"email": "Mail"}, ("colour",)
    )


def described(cut: list[Part], **changes: object) -> Manifest:
    run: Run = replace(RUN, **changes)  # type: ignore[arg-type]
    return describe(run, "digest", cut, totals(cut))


# Stages


@given(PARTS, st.integers(1, 100))
def test_stages_hold_every_part_that_has_records_in_order(parts: list[Part], operations: int) -> None:
    stages = grouped(parts, operations)

    assert [each for stage in stages for each in stage.parts] == [each for each in parts if each.records]
    assert [stage.number for stage in stages] == list(range(1, len(stages) + 1))


@given(PARTS, st.integers(1, 100))
def test_a_stage_is_as_full_as_its_job_may_be(parts: list[Part], operations: int) -> None:
    stages = grouped(parts, operations)

    for stage in stages:
        assert sum(each.records for each in stage.parts) <= operations or len(stage.parts) == 1
    for before, after in pairwise(stages):
        assert sum(each.records for each in before.parts) + after.parts[0].records > operations


@given(PARTS, st.integers(1, 100))
def test_a_replace_is_one_stage_whatever_its_size(parts: list[Part], operations: int) -> None:
    manifest = described(parts, mode="replace", stage_operations=operations, max_rejected_ratio="1")

    assert len(manifest.stages) == (manifest.verdict == "ok")
    assert [each.records for each in manifest.parts] == [each.records for each in parts if each.records]


# Good enough?


@pytest.mark.parametrize(
    ("good", "rejected", "ratio", "reason_code"),
    [
        (95, 5, "0.05", ""),
        (94, 6, "0.05", "too_many_rejects"),
        # 0.1 + 0.2 is no 0.3 in binary
        (7, 3, "0.3", ""),
        (700_000, 300_001, "0.3", "too_many_rejects"),
        (1, 0, "0", ""),
        (999, 1, "0", "too_many_rejects"),
        (1, 999, "1", ""),
        (0, 999, "1", "nothing_to_send"),
    ],
)
def test_the_share_of_rejects_is_compared_exactly(
    good: int, rejected: int, ratio: str, reason_code: str
) -> None:
    manifest = described([part(1, good, rejected)], max_rejected_ratio=ratio)

    assert manifest.reason_code == reason_code
    assert manifest.verdict == ("rejected" if reason_code else "ok")
    assert bool(manifest.stages) == (manifest.verdict == "ok")


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 100))
def test_at_no_size_the_comparison_rounds(good: int, rejected: int, percent: int) -> None:
    if good:
        manifest = described(
            [part(1, good, rejected)], max_rejected_ratio=f"0.{percent:02d}" if percent < 100 else "1"
        )
        allowed = Fraction(percent, 100) * (good + rejected)
        assert (manifest.verdict == "ok") == (rejected <= allowed)


def test_a_run_that_only_validates_has_no_stages() -> None:
    manifest = described([part(1, 10)], validate_only=True)

    assert (manifest.verdict, manifest.reason_code, manifest.stages) == ("validated", "validate_only", ())


def test_the_manifest_says_what_was_found() -> None:
    manifest = described([part(1, 10, rejected=1), part(2, 10)], max_rejected_ratio="1")

    assert (manifest.received, manifest.rejected, manifest.skipped, manifest.fields_dropped) == (21, 1, 0, 1)
    assert (manifest.columns, manifest.ignored_columns) == (("email",), ("colour",))


@given(PARTS)
def test_received_is_what_is_sent_rejected_and_skipped(parts: list[Part]) -> None:
    manifest = described(parts, max_rejected_ratio="1")

    sent = sum(each.records for each in manifest.parts)
    if manifest.verdict == "ok":
        assert manifest.received == sent + manifest.rejected + manifest.skipped


# What breaks off


@pytest.mark.parametrize("code", list(ContentCode))
def test_content_that_broke_off_is_refused_where_it_broke(code: ContentCode) -> None:
    manifest = refuse(RUN, "digest", ContentError(code, line=17), totals([part(1, 10, rejected=2)]))

    assert (manifest.verdict, manifest.reason_code, manifest.line) == ("rejected", code.value, 17)
    assert (manifest.received, manifest.rejected, manifest.stages) == (12, 12, ())


@pytest.mark.parametrize("code", list(ContentCode))
def test_a_refusal_can_be_written_down(code: ContentCode) -> None:
    manifest = refuse(RUN, "digest", ContentError(code, line=17), totals([part(1, 10)]))

    assert decode(Manifest, encode(manifest)) == manifest


def test_a_source_that_is_gone_is_refused_without_counts() -> None:
    manifest = refuse_source(RUN, "digest", "source_gone")

    assert (manifest.verdict, manifest.reason_code, manifest.received) == ("rejected", "source_gone", 0)


# A file without a header: its first row is a person, of whom nothing may get into a manifest

CHANNELS = st.sampled_from(["", "Email", "phone", "E-Mail", "post", "Country"])
PERSONS = st.integers(1, 10_000).map(Person)


def manifest_of(*files: bytes, **changes: object) -> Manifest:
    run: Run = replace(RUN, **changes)  # type: ignore[arg-type]
    cutter = Cutter(CutSettings("append", "CONTACT_INFO", "NO"))
    try:
        parts = [each for file in files for each in cutter.feed([file])]
        parts += cutter.finish()
    except ContentError as error:
        return refuse(run, "digest", error, cutter.totals)
    made = [part(each.number, each.records, each.rejected) for each in parts]
    return describe(run, "digest", made, cutter.totals)


def rows(people: list[Person], channel: str, last: str) -> bytes:
    """Every way of writing people, each with a channel behind; the last one names an address there."""
    lines = [",".join((*row.cells[:6], channel)) for row in written(people)]
    return "\n".join([*lines, f",,,,,,{last}", ""]).encode()


@example([Person(1)], "Email", "somebody@example.com")
@given(st.lists(PERSONS, min_size=1, max_size=6), CHANNELS, st.sampled_from(["somebody@example.com", ""]))
def test_a_first_row_that_is_a_person_leaves_nothing_behind(
    people: list[Person], channel: str, last: str
) -> None:
    found = manifest_of(rows(people, channel, last), max_rejected_ratio="1")

    assert Needles.of(people).traces(encode(found)) == set()


@example([Person(1)], "Email")
@given(st.lists(PERSONS, min_size=1, max_size=6), CHANNELS)
def test_a_shard_without_a_header_leaves_nothing_behind(people: list[Person], channel: str) -> None:
    found = manifest_of(table(written(people)), rows(people, channel, ""), max_rejected_ratio="1")

    assert Needles.of(people).traces(encode(found)) == set()


@pytest.mark.parametrize(
    "cell", ["quillan@example.com", "406 00 001", "+47 (406) 00-001", "1001", "40 60 00 01"]
)
def test_an_address_or_number_in_a_header_is_no_name_of_a_column(cell: str) -> None:
    found = manifest_of(f"Quillan,{cell},Email\n,,somebody@example.com\n".encode())

    assert (found.verdict, found.ignored_columns) == ("ok", ())


def test_the_names_of_columns_that_were_ignored_are_kept() -> None:
    found = manifest_of(table(written([Person(5)])))

    assert (found.verdict, found.ignored_columns) == ("ok", ("street",))
