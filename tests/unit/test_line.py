"""Whose turn it is: older before newer, one job at a time, and nobody takes what is another's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.line import (
    GiveWay,
    Go,
    Runner,
    Take,
    Wait,
    Waiting,
    decide_first,
    decide_next,
    fills,
    start_running,
    without_run,
    without_stage,
)
from shared.model.segment import Mode
from shared.model.state import Claim, Line

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
GRACE = timedelta(hours=2)
ME = Runner("mine", 1, "k5", "k5", "append")
EMPTY = Line()
MODES: list[Mode] = ["append", "remove", "replace"]


def waiting(
    key: str, segment: str = "other", *, ready: bool = True, mode: str = "append", age: float = 0
) -> Waiting:
    """`age` in hours."""
    return Waiting(key, segment, 1, ready, mode, NOW - timedelta(hours=age))


def first(line: Line, *markers: Waiting, me: Runner = ME) -> Any:
    return decide_first(line, markers, me, NOW, GRACE)


def runner(mode: Mode, key: str = "k5", landing_key: str = "k5") -> Runner:
    return Runner("mine", 1, key, landing_key, mode)


# The first stage


def test_an_empty_line_is_taken() -> None:
    taken = first(EMPTY, waiting("k5", "mine"))

    assert taken == Take(Line(owner=Claim("mine", 1), filling=1, top={"append": "k5"}))


def test_a_stage_that_is_ours_already_is_gone_on_with() -> None:
    assert first(first(EMPTY).line) == Go()


def test_a_run_waits_while_another_fills_its_stages() -> None:
    theirs = first(EMPTY, me=replace(ME, segment="other", key="k4")).line

    assert isinstance(first(theirs), Wait)


def test_a_run_may_fill_while_another_runs_job_runs() -> None:
    running = Line(running=Claim("other", 1, 1))

    assert isinstance(first(running), Take)


def test_an_older_run_that_is_ready_goes_first() -> None:
    assert isinstance(first(EMPTY, waiting("k4")), Wait)


def test_a_newer_run_does_not_go_first() -> None:
    assert isinstance(first(EMPTY, waiting("k6")), Take)


def test_an_older_run_that_is_chunked_goes_first_for_the_grace() -> None:
    assert isinstance(first(EMPTY, waiting("k4", ready=False, age=1.9)), Wait)
    assert isinstance(first(EMPTY, waiting("k4", ready=False, age=2.1)), Take)


def test_an_older_run_whose_job_runs_is_not_waited_for() -> None:
    line = Line(running=Claim("other", 1, 1))

    assert isinstance(first(line, waiting("k4")), Take)


def test_of_two_that_landed_together_one_goes_first() -> None:
    a, b = (Runner(segment, 1, "k5", "k5", "append") for segment in ("a", "b"))
    markers = (waiting("k5", "a"), waiting("k5", "b"))

    assert isinstance(first(EMPTY, *markers, me=a), Take)
    assert isinstance(first(EMPTY, *markers, me=b), Wait)


# Superseded


def test_a_newer_replace_that_is_ready_supersedes() -> None:
    given_way = first(EMPTY, waiting("k6", mode="replace"))

    assert given_way == GiveWay("superseded", Line(last_replace="k6"))


@pytest.mark.parametrize(
    "marker",
    [
        waiting("k6", mode="replace", ready=False),
        waiting("k4", mode="replace"),
        waiting("k6", mode="append"),
    ],
)
def test_nothing_else_supersedes(marker: Waiting) -> None:
    assert not isinstance(first(EMPTY, marker), GiveWay)


def test_a_replace_that_has_been_supersedes_what_comes_late() -> None:
    line = Line(last_replace="k6")

    assert first(line) == GiveWay("superseded", line)


def test_a_replace_remembers_itself() -> None:
    taken = first(EMPTY, me=runner("replace"))

    assert (taken.line.last_replace, taken.line.top) == ("k5", {"replace": "k5"})


# Overtaken


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("newer", MODES)
def test_what_would_undo_something_newer_is_not_carried_out(mode: Mode, newer: Mode) -> None:
    line = Line(top={newer: "k6"})
    undone = {("append", "remove"), ("remove", "append"), *(("replace", each) for each in MODES)}

    assert isinstance(first(line, me=runner(mode)), GiveWay if (mode, newer) in undone else Take)


def test_an_operators_replay_counts_as_newest() -> None:
    line = Line(top={"remove": "k6"})

    assert isinstance(first(line, me=runner("append", key="k7", landing_key="k5")), Take)


def test_an_automatic_repeat_keeps_its_place_and_can_be_overtaken() -> None:
    line = Line(top={"remove": "k6"})
    repeat = Runner("mine", 2, "k5", "k5", "append")

    assert first(line, me=repeat) == GiveWay("overtaken", line)


# Later stages


def test_the_next_stage_is_taken_once_the_one_before_is_no_longer_filled() -> None:
    line = Line(owner=Claim("mine", 1), running=Claim("mine", 1, 1))

    assert decide_next(line, ME, 2) == Take(replace(line, filling=2))


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        (Line(owner=Claim("mine", 1), filling=1), Wait),
        (Line(owner=Claim("mine", 1), filling=2), Go),
        (Line(owner=Claim("other", 1)), Wait),
        (Line(), Wait),
    ],
)
def test_otherwise_it_goes_on_or_waits(line: Line, decision: type[object]) -> None:
    assert isinstance(decide_next(line, ME, 2), decision)


# Running


STAGE = Claim("mine", 1, 1)
FILLED = Line(owner=Claim("mine", 1), filling=1)


def test_a_stage_that_runs_frees_the_filling_but_not_the_run() -> None:
    assert start_running(FILLED, STAGE, last=False) == Take(Line(owner=Claim("mine", 1), running=STAGE))


def test_the_last_stage_lets_the_next_run_fill() -> None:
    assert start_running(FILLED, STAGE, last=True) == Take(Line(running=STAGE))


def test_a_job_waits_for_the_one_that_runs() -> None:
    assert isinstance(start_running(replace(FILLED, running=Claim("other", 1, 1)), STAGE, True), Wait)


def test_a_stage_that_is_not_filled_does_not_run() -> None:
    assert isinstance(start_running(Line(), STAGE, True), Wait)


def test_a_stage_that_runs_already_goes_on() -> None:
    assert start_running(Line(running=STAGE), STAGE, True) == Go()


# Nobody takes what is another's

CLAIMS = st.builds(Claim, st.sampled_from(["mine", "a", "b"]), st.integers(1, 2), st.integers(1, 2))
OWNERS = st.builds(Claim, st.sampled_from(["mine", "a", "b"]), st.integers(1, 2))
KEYS = st.sampled_from(["", "k3", "k4", "k5", "k6"])
LINES = st.builds(
    Line,
    st.none() | OWNERS,
    st.integers(0, 2),
    st.none() | CLAIMS,
    KEYS,
    st.dictionaries(st.sampled_from(MODES), KEYS),
)
MARKERS = st.lists(
    st.builds(
        Waiting,
        KEYS,
        st.sampled_from(["mine", "a", "b"]),
        st.integers(1, 2),
        st.booleans(),
        st.sampled_from(MODES),
        st.sampled_from([NOW, NOW - timedelta(hours=3)]),
    )
)
RUNNERS = st.builds(
    Runner, st.sampled_from(["mine", "a"]), st.integers(1, 2), KEYS, KEYS, st.sampled_from(MODES)
)


@given(LINES, MARKERS, RUNNERS)
def test_beginning_never_takes_the_place_of_another(line: Line, markers: list[Waiting], me: Runner) -> None:
    decision = decide_first(line, markers, me, NOW, GRACE)

    if isinstance(decision, Take):
        assert line.owner is None
        assert decision.line.running == line.running
        assert decision.line.owner == Claim(me.segment, me.run)
    if isinstance(decision, GiveWay):
        assert replace(decision.line, last_replace=line.last_replace) == line


@given(LINES, MARKERS, RUNNERS)
def test_what_is_remembered_only_grows(line: Line, markers: list[Waiting], me: Runner) -> None:
    decision = decide_first(line, markers, me, NOW, GRACE)

    if isinstance(decision, Take | GiveWay):
        assert decision.line.last_replace >= line.last_replace
        assert all(decision.line.top[mode] >= key for mode, key in line.top.items())


@given(LINES, MARKERS, RUNNERS)
def test_a_run_that_has_taken_the_line_goes_on(line: Line, markers: list[Waiting], me: Runner) -> None:
    decision = decide_first(line, markers, me, NOW, GRACE)

    if isinstance(decision, Take):
        assert decide_first(decision.line, markers, me, NOW, GRACE) == Go()
        assert fills(decision.line, Claim(me.segment, me.run, 1))


@given(LINES, CLAIMS, st.booleans())
def test_running_never_takes_the_place_of_another(line: Line, claim: Claim, last: bool) -> None:
    decision = start_running(line, claim, last)

    if isinstance(decision, Take):
        assert line.running is None
        assert fills(line, claim)
        assert decision.line.running == claim


@given(LINES, CLAIMS)
def test_a_stages_end_clears_its_own_claims_only(line: Line, claim: Claim) -> None:
    left = without_stage(line, claim)

    assert left.owner == line.owner
    assert left.running == (None if line.running == claim else line.running)
    assert left.filling == (0 if fills(line, claim) else line.filling)


@given(LINES, OWNERS, st.booleans())
def test_a_runs_end_clears_its_own_claims_only(line: Line, run: Claim, ended: bool) -> None:
    left = without_run(line, run.segment, run.run, ended)

    assert (left.owner, left.filling) == ((None, 0) if line.owner == run else (line.owner, line.filling))
    own = line.running is not None and (line.running.segment, line.running.run) == (run.segment, run.run)
    assert left.running == (None if own and ended else line.running)
