"""What a sweep does about a run: nothing while somebody is at it, and whatever is owed when nobody is."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.state import Claim, Line
from shared.model.topology import Sweep
from shared.names import task_name
from shared.sweeping import (
    AskAgain,
    Close,
    EndUnsent,
    GiveUp,
    MarkReady,
    Obligation,
    Rest,
    Restart,
    RunView,
    Settle,
    StageView,
    attended_by,
    decide,
    obligations,
)

TIMES = Sweep(
    period_seconds=600,
    patience_seconds=120,
    ask_again_seconds=3600,
    give_up_seconds=86400,
    overdue_seconds=172800,
)
SEGMENT, RUN = "1234567890-buyers-append-0123456789abcdef", 1
OWNER = Claim(SEGMENT, RUN)
FILLING = Line(owner=OWNER, filling=1)
RUNNING = Line(running=Claim(SEGMENT, RUN, 1))
LONG = timedelta(hours=2)


def stage(number: int = 1, **changes: Any) -> StageView:
    given = {"number": number, "parts": (1, 2), "ended": False, "job": "", "received": frozenset[int]()}
    return StageView(**{**given, **changes})


def view(**changes: Any) -> RunView:
    given = {
        "segment": SEGMENT,
        "run": RUN,
        "outcome": False,
        "verdict": "ok",
        "ready": True,
        "untouched": LONG,
        "age": LONG,
        "line": Line(),
        "stages": (stage(),),
    }
    return RunView(**{**given, **changes})


def task(
    kind: str, number: int = 1, part: int = 0, epoch: int = 0, n: int = 0, segment: str = SEGMENT
) -> str:
    return task_name(segment, RUN, kind, number, part, epoch, n)


def decided(seen: RunView, *tasks: str) -> Any:
    return decide(seen, attended_by(tasks), TIMES)


def test_a_run_with_an_outcome_is_closed_at_once() -> None:
    assert decided(view(outcome=True, untouched=timedelta(0))) == Close()


@pytest.mark.parametrize("verdict", [None, "ok", "rejected"])
def test_a_run_that_changed_a_moment_ago_is_left_alone(verdict: str | None) -> None:
    assert decided(view(verdict=verdict, untouched=timedelta(seconds=119))) == Rest()


def test_a_run_that_nobody_chunks_is_asked_for_again_and_one_day_given_up() -> None:
    unchunked = view(verdict=None, stages=())

    assert decided(view(verdict=None, stages=(), untouched=timedelta(minutes=59))) == Rest()
    assert decided(unchunked) == AskAgain()
    assert decided(view(verdict=None, stages=(), age=timedelta(days=1))) == GiveUp()


@pytest.mark.parametrize("verdict", ["rejected", "validated", "gave_up"])
def test_a_run_whose_manifest_says_no_is_ended(verdict: str) -> None:
    assert decided(view(verdict=verdict, stages=())) == EndUnsent()


def test_a_run_that_was_never_begun_is_begun() -> None:
    assert decided(view()) == Restart((Obligation("begin", 1),))


def test_a_run_that_waits_for_its_turn_is_left_to_its_task() -> None:
    assert decided(view(), task("begin", n=7)) == Rest()


def test_a_run_under_way_whose_marker_does_not_say_so_is_marked() -> None:
    assert decided(view(ready=False), task("begin")) == MarkReady()


def test_of_a_stage_that_is_filled_only_what_nobody_does_is_made_anew() -> None:
    filling = view(line=FILLING, stages=(stage(received=frozenset({1})),))

    assert decided(filling) == Restart((Obligation("upload", 1, 2), Obligation("finish", 1)))
    assert decided(filling, task("upload", part=2, n=3)) == Restart((Obligation("finish", 1),))


@pytest.mark.parametrize("kind", ["finish", "finishnow"])
def test_either_kind_of_finish_finishes(kind: str) -> None:
    filling = view(line=FILLING, stages=(stage(received=frozenset({1, 2})),))

    assert decided(filling, task(kind)) == Rest()


@pytest.mark.parametrize(
    ("job", "kind"), [("filling", "finish"), ("sealed", "finish"), ("running", "follow")]
)
def test_a_stage_that_has_the_audience_is_finished_or_followed(job: str, kind: str) -> None:
    assert decided(view(line=RUNNING, stages=(stage(job=job),))) == Restart((Obligation(kind, 1),))  # type: ignore[arg-type]


def test_the_next_stage_is_begun_while_the_one_before_runs_and_not_earlier() -> None:
    running, sealed = (stage(job="running"), stage(2)), (stage(job="sealed"), stage(2))
    filling = view(line=FILLING, stages=(stage(job="filling"), stage(2)))

    assert decided(view(line=RUNNING, stages=running), task("follow")) == Restart((Obligation("begin", 2),))
    assert decided(view(line=RUNNING, stages=sealed), task("finish")) == Rest()
    assert decided(filling, task("finish"), task("upload", part=1), task("upload", part=2)) == Rest()


@pytest.mark.parametrize("line", [RUNNING, FILLING])
def test_a_result_that_nobody_followed_is_followed(line: Line) -> None:
    stages = (stage(ended=True), stage(2))

    assert decided(view(line=line, stages=stages), task("begin", 2)) == Settle(1)


def test_a_run_whose_stages_have_all_ended_gets_its_outcome() -> None:
    assert decided(view(stages=(stage(ended=True), stage(2, ended=True)))) == Settle(2)


def test_tasks_of_another_run_and_foreign_ones_do_nothing_for_this_one() -> None:
    assert decided(view(), task("begin", segment="another"), "somebody-elses") == Restart(
        (Obligation("begin", 1),)
    )


LINES = st.sampled_from(
    [Line(), FILLING, RUNNING, Line(owner=OWNER, filling=2, running=Claim(SEGMENT, RUN, 1))]
)
STAGES = st.tuples(
    *(
        st.builds(
            stage,
            st.just(number),
            ended=st.booleans(),
            job=st.sampled_from(["", "creating", "filling", "abandoned"]),
            received=st.frozensets(st.sampled_from([1, 2])),
        )
        for number in (1, 2)
    )
)


@given(LINES, STAGES)
def test_a_run_that_is_open_always_owes_something_or_has_all_its_results(
    line: Line, stages: tuple[StageView, ...]
) -> None:
    seen = view(line=line, stages=stages)

    assert obligations(seen) or all(each.ended for each in stages)


@given(LINES, STAGES)
def test_what_a_sweep_restarts_the_next_one_finds_attended(line: Line, stages: tuple[StageView, ...]) -> None:
    seen = view(line=line, stages=stages)
    first = decided(seen)
    made = first.obligations if isinstance(first, Restart) else ()

    again = decided(seen, *(task(each.kind, each.stage, each.part, epoch=1) for each in made))

    assert not isinstance(again, Restart)
