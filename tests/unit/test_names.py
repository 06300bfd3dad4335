"""Derived names: they say what they must, sort as they must, and hold nothing that a user typed freely."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.local.tasks.names import split_task
from shared import names
from tests.support.garbage import TEXTS

KEYS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True)
ACCOUNTS = st.from_regex(r"[0-9]{10}", fullmatch=True)
NUMBERS = st.integers(0, 99_999)
MOMENTS = st.floats(1.6e9, 4e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
KINDS = st.sampled_from(["begin", "upload", "finish", "finishnow", "follow"])


@st.composite
def segments(draw: st.DrawFn) -> str:
    prefix = draw(st.just("unknown") | st.builds("{}-{}-append".format, ACCOUNTS, KEYS))
    return names.segment_id("landing", draw(st.text(max_size=20)), draw(NUMBERS), prefix)


TASKS = st.tuples(segments(), NUMBERS, KINDS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@given(st.text(), NUMBERS)
def test_a_segments_id_shows_its_prefix_and_nothing_of_the_name(name: str, generation: int) -> None:
    prefix, _, digest = names.segment_id("landing", name, generation, "unknown").partition("-")

    assert prefix == "unknown"
    assert len(digest) == 16
    assert set(digest) <= set("0123456789abcdef")


@given(st.tuples(st.text(), st.text(), NUMBERS), st.tuples(st.text(), st.text(), NUMBERS))
def test_each_generation_of_each_object_has_an_id_of_its_own(
    one: tuple[str, str, int], other: tuple[str, str, int]
) -> None:
    same = names.segment_id(*one, prefix="p") == names.segment_id(*other, prefix="p")

    # a line feed divides the parts: no object's name may hold one, and no bucket's
    if not any("\n" in text for text in (*one[:2], *other[:2])):
        assert same == (one == other)


@given(TASKS)
def test_a_tasks_name_parses_back(parts: tuple[Any, ...]) -> None:
    assert names.parse_task(names.task_name(*parts)) == parts


@given(TASKS)
def test_a_tasks_name_is_one_that_cloud_tasks_takes(parts: tuple[Any, ...]) -> None:
    queue = "projects/p/locations/l/queues/q"

    assert split_task(f"{queue}/tasks/{names.task_name(*parts)}")


@given(TASKS, TASKS)
def test_different_obligations_have_different_names(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert (names.task_name(*one) == names.task_name(*other)) == (one == other)


@pytest.mark.parametrize("name", ["", "follow", "12345678-s-1-upload-1-1-e0", "x-s-1-upload-1-1-e0-n0"])
def test_a_foreign_tasks_name_is_nothing(name: str) -> None:
    assert names.parse_task(name) is None


@given(ACCOUNTS, KEYS, MOMENTS, segments(), NUMBERS)
def test_a_markers_name_parses_back(
    account: str, audience: str, landed: datetime, segment: str, run: int
) -> None:
    key = names.landing_key(landed)

    assert names.parse_open(names.open_json(account, audience, key, segment, run)) == (key, segment, run)


@pytest.mark.parametrize("name", ["open/a/b/", "open/a/b/key_segment_x.json", "lines/a/b.json"])
def test_a_foreign_object_is_no_marker(name: str) -> None:
    assert names.parse_open(name) is None


@given(MOMENTS, MOMENTS)
def test_markers_sort_in_the_order_of_landing(one: datetime, other: datetime) -> None:
    first, second = names.landing_key(one), names.landing_key(other)

    assert len(first) == len(second)
    assert (first < second) == (one < other)


@given(st.integers(1, 99_999), st.integers(1, 99_999))
def test_receipts_list_in_the_order_of_their_parts(one: int, other: int) -> None:
    first, second = (names.receipt_json("s", 1, 1, part) for part in (one, other))

    assert (first < second) == (one < other)


@given(st.text(), ACCOUNTS, segments(), NUMBERS, NUMBERS, NUMBERS)
def test_an_external_id_is_a_positive_int64(
    bucket: str, account: str, segment: str, run: int, stage: int, k: int
) -> None:
    assert 0 <= names.external_id(bucket, account, segment, run, stage, k) < 2**63


@given(segments(), NUMBERS, NUMBERS)
def test_another_try_of_a_stage_has_another_external_id(segment: str, run: int, k: int) -> None:
    ids = {names.external_id("work", "1234567890", segment, run, stage, k) for stage in range(3)}
    ids |= {names.external_id("work", "1234567890", segment, run, 0, k + 1)}

    assert len(ids) == 4


def test_everything_of_a_run_lies_under_its_prefix() -> None:
    prefix = names.run_prefix("s", 2)

    assert prefix == "segments/s/runs/2"
    for name in (
        names.run_json("s", 2),
        names.manifest_json("s", 2),
        names.outcome_json("s", 2),
        names.rejects_csv("s", 2, 1),
        names.job_json("s", 2, 1),
        names.progress_json("s", 2, 1, 1),
        names.receipt_json("s", 2, 1, 1),
        names.result_json("s", 2, 1),
    ):
        assert name.startswith(f"{prefix}/")


def test_a_trace_id_is_w3cs() -> None:
    assert len(names.trace_id("s", 1)) == 32
    assert names.trace_id("s", 1) != names.trace_id("s", 2)


@given(segments())
def test_every_id_that_ingest_gives_is_one(segment: str) -> None:
    assert names.is_segment_id(segment)


def test_the_longest_id_is_one() -> None:
    segment = names.segment_id("b", "n", 1, f"1234567890-{'a' * 63}-replace")

    assert names.is_segment_id(segment)


@example("a--b")
@example("a\n")
@example("é")
@example("١")
@example("a" * 121)
@given(TEXTS)
def test_no_other_text_is_an_id_an_account_an_audience_or_a_job(text: str) -> None:
    """What passes can stand in every name and query without ending its place there."""
    for rule in (names.is_segment_id, names.is_account_id, names.is_audience_key, names.is_list_id):
        assert not rule(text) or re.fullmatch(r"[a-z0-9-]{1,120}", text, re.ASCII)
    assert not names.is_job(text)


@pytest.mark.parametrize("name", ["a", 'Fjordmat\'s "best"', "é" * 255, "' OR 1 = 1"])
def test_a_lists_name_may_hold_quotes_and_every_letter(name: str) -> None:
    assert names.is_list_name(name)


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a\n", "two\nlines", "a\tb", "a\\", "\0", "\ud800", "a" * 256]
)
def test_a_lists_name_is_one_line_that_a_query_can_hold(name: str) -> None:
    assert not names.is_list_name(name)


@pytest.mark.parametrize(
    "job",
    [
        "",
        "customers/1/offlineUserDataJobs/",
        "customers/1/offlineUserDataJobs/2/3",
        "customers/1/offlineUserDataJobs/2' OR offline_user_data_job.id > '0",
        "customers/١/offlineUserDataJobs/2",
        "customers/1/userLists/2",
        "customers/1/offlineUserDataJobs/2\n",
    ],
)
def test_only_a_jobs_own_name_is_one(job: str) -> None:
    assert not names.is_job(job)
    assert names.is_job("customers/1234567890/offlineUserDataJobs/1000000001")


@given(segments(), st.tuples(*[st.integers(0, names.MOST)] * 5))
def test_no_name_grows_beyond_what_storage_and_queues_take(
    segment: str, numbers: tuple[int, int, int, int, int]
) -> None:
    run, stage, part, epoch, n = numbers

    assert len(names.receipt_json(segment, run, stage, part)) < 1024
    assert len(names.open_json("1234567890", "a" * 63, "20261123T120000.000000Z", segment, run)) < 1024
    assert len(names.task_name(segment, run, "finishnow", stage, part, epoch, n)) < 500
