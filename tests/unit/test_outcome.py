"""How a run ends, from what its stages and parts say: exact to the record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.manifest import Manifest, Stage
from shared.model.state import Result
from shared.ops.outcome import Ending, conclude, tally
from tests.support.documents import manifest, part

SUCCESS, FAILED, LOST = Result("SUCCESS"), Result("FAILED", reason_code="job_failed"), Result("LOST")


def receipt(accepted: int, rejected: int = 0) -> dict[str, str]:
    return {"status": "taken", "k": "0", "accepted": str(accepted), "rejected": str(rejected)}


def ending(
    manifest: Manifest,
    results: list[Result],
    receipts: Mapping[int, Mapping[str, str]],
    *,
    may_repeat: bool = True,
) -> Ending:
    pairs = zip(manifest.stages, results, strict=True)
    tallies = tuple(tally(stage, result, receipts) for stage, result in pairs)
    return conclude(manifest, tallies, tuple(results), may_repeat)


TWO = manifest((part(1, 10, rejected=2), part(2, 5)), skipped=3)
TWO_STAGES = manifest((part(1, 10),), (part(2, 5),))


def test_all_taken_is_completed() -> None:
    found = ending(TWO, [SUCCESS], {1: receipt(10), 2: receipt(5)})

    assert (found.type, found.reason_code) == ("segment.completed", "")
    assert vars(found.counts) == {"received": 20, "accepted": 15, "rejected": 2, "skipped": 3, "failed": 0}


def test_records_that_the_destination_refused_are_rejected_and_the_run_is_completed() -> None:
    found = ending(TWO, [SUCCESS], {1: receipt(9, 1), 2: receipt(5)})

    assert found.type == "segment.completed"
    assert (found.counts.accepted, found.counts.rejected, found.counts.failed) == (14, 3, 0)


def test_a_failed_part_makes_it_partial() -> None:
    found = ending(TWO, [SUCCESS], {1: receipt(10), 2: receipt(0)})

    assert (found.type, found.reason_code, found.next_parts) == ("segment.partial", "parts_failed", ())
    assert (found.counts.accepted, found.counts.failed) == (10, 5)


def test_a_part_that_failed_after_some_frames_counts_what_went_in() -> None:
    found = ending(TWO, [SUCCESS], {1: receipt(4), 2: receipt(5)})

    assert (found.counts.accepted, found.counts.failed) == (9, 6)


def test_what_a_failed_job_took_has_failed() -> None:
    found = ending(TWO, [FAILED], {1: receipt(10), 2: receipt(5)})

    assert (found.type, found.reason_code, found.next_parts) == ("segment.failed", "job_failed", (1, 2))
    assert (found.counts.accepted, found.counts.rejected, found.counts.failed) == (0, 2, 15)


def test_one_of_two_jobs_makes_it_partial() -> None:
    found = ending(TWO_STAGES, [SUCCESS, FAILED], {1: receipt(10), 2: receipt(5)})

    assert (found.type, found.reason_code, found.counts.failed) == ("segment.partial", "job_failed", 5)


def test_a_lost_job_is_repeated_with_all_that_was_not_delivered() -> None:
    found = ending(TWO_STAGES, [SUCCESS, LOST], {1: receipt(10), 2: receipt(5)})

    assert (found.type, found.reason_code, found.next_parts) == ("segment.partial", "job_lost", (2,))


def test_a_repeat_that_is_lost_again_is_not_repeated() -> None:
    found = ending(TWO, [LOST], {1: receipt(10), 2: receipt(5)}, may_repeat=False)

    assert (found.type, found.reason_code, found.next_parts) == ("segment.failed", "job_lost_again", ())


def test_a_repeat_that_fails_again_is_not_repeated() -> None:
    found = ending(TWO, [FAILED], {1: receipt(10), 2: receipt(5)}, may_repeat=False)

    assert (found.type, found.reason_code, found.next_parts) == ("segment.failed", "job_failed_again", ())


@pytest.mark.parametrize("reason_code", ["all_parts_failed", "replace_incomplete", "job_run_elsewhere"])
def test_what_failed_on_our_side_is_not_repeated_by_itself(reason_code: str) -> None:
    found = ending(TWO, [Result("FAILED", reason_code=reason_code)], {})

    assert (found.reason_code, found.next_parts) == (reason_code, ())


def test_a_job_that_was_never_run_in_its_time_is_repeated() -> None:
    found = ending(TWO, [Result("LOST", reason_code="job_expired")], {})

    assert (found.reason_code, found.next_parts) == ("job_expired", (1, 2))


@st.composite
def runs(draw: st.DrawFn) -> tuple[Manifest, list[Result], dict[int, dict[str, str]]]:
    stages, receipts, number = [], {}, 0
    for _ in range(draw(st.integers(1, 3))):
        parts = []
        for _ in range(draw(st.integers(1, 4))):
            number += 1
            records = draw(st.integers(1, 50))
            accepted = draw(st.integers(0, records))
            refused = draw(st.integers(0, records - accepted))
            parts.append(part(number, records, draw(st.integers(0, 5))))
            if draw(st.booleans()):
                receipts[number] = receipt(accepted, refused)
        stages.append(tuple(parts))
    results = draw(
        st.lists(st.sampled_from([SUCCESS, FAILED, LOST]), min_size=len(stages), max_size=len(stages))
    )
    return manifest(*stages, skipped=draw(st.integers(0, 9))), results, receipts


@given(runs(), st.booleans())
def test_every_record_is_counted_once(run: Any, may_repeat: bool) -> None:
    made, results, receipts = run

    found = ending(made, results, receipts, may_repeat=may_repeat)

    assert found.counts.received == made.received
    assert found.counts.skipped == made.skipped
    assert found.type == _expected(found)
    assert bool(found.reason_code) == (found.counts.failed > 0)


def _expected(found: Ending) -> str:
    if found.counts.failed == 0:
        return "segment.completed"
    return "segment.partial" if found.counts.accepted else "segment.failed"


@given(runs(), st.booleans())
def test_a_job_that_came_to_nothing_has_a_next_run_and_only_what_was_not_delivered_is_in_it(
    run: Any, may_repeat: bool
) -> None:
    made, results, receipts = run

    found = ending(made, results, receipts, may_repeat=may_repeat)

    pairs = zip(made.stages, results, strict=True)
    undelivered = tuple(
        part.number for stage, result in pairs if result is not SUCCESS for part in stage.parts
    )
    assert found.next_parts == (undelivered if may_repeat else ())


@given(runs())
def test_parts_and_stages_add_up_to_the_run(run: Any) -> None:
    made, results, receipts = run

    found = ending(made, results, receipts)
    each = [_alone(stage, result, receipts) for stage, result in zip(made.stages, results, strict=True)]

    assert found.counts.accepted == sum(one.counts.accepted for one in each)
    assert found.counts.failed == sum(one.counts.failed for one in each)


def _alone(stage: Stage, result: Result, receipts: dict[int, dict[str, str]]) -> Ending:
    return ending(manifest(stage.parts), [result], receipts)


@pytest.mark.parametrize("status", ["FAILED", "LOST"])
def test_receipts_of_a_job_that_did_not_succeed_are_not_believed(status: Any) -> None:
    stage = Stage(1, (part(1, 10),))

    found = tally(stage, replace(SUCCESS, status=status), {1: receipt(10)})

    assert (found.accepted, found.failed, found.undelivered) == (0, 10, (1,))
