"""What a replay does: pure decisions over what became of a segment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.replaying import Decision, Nothing, Past, Refuse, Replay, Stock, Wish, decide

PARTS = st.sets(st.integers(1, 8)).map(lambda numbers: tuple(sorted(numbers)))
PASTS = st.builds(
    Past,
    mode=st.sampled_from(["append", "remove", "replace"]),
    refused=st.sampled_from(["", "audience_unknown"]),
    run=st.integers(0, 3),
    open=st.booleans(),
    again=st.booleans(),
    parts=PARTS,
    delivered=st.sets(st.integers(1, 8)).map(frozenset),
)
WISHES = st.one_of(
    st.just(Wish()), st.just(Wish("whole")), PARTS.filter(bool).map(lambda parts: Wish("some", parts))
)
STOCKS = st.builds(Stock, source=st.booleans(), parts=st.sets(st.integers(1, 8)).map(frozenset))

ENDED = Past("append", run=1, parts=(1, 2, 3), delivered=frozenset({1, 3}))
ALL_THERE = Stock(source=True, parts=frozenset({1, 2, 3}))
NO_SOURCE = Stock(source=False, parts=frozenset({1, 2, 3}))
NO_PARTS = Stock(source=True, parts=frozenset())


@pytest.mark.parametrize(
    ("past", "wish", "stock", "decision"),
    [
        (ENDED, Wish(), ALL_THERE, Replay(2, (2,), stored=True)),
        (ENDED, Wish("some", (3, 1)), ALL_THERE, Replay(2, (1, 3), stored=True)),
        (ENDED, Wish("some", (4,)), ALL_THERE, Refuse("parts_unknown")),
        (ENDED, Wish("whole"), ALL_THERE, Replay(2, (), stored=False)),
        (ENDED, Wish("whole"), NO_SOURCE, Replay(2, (), stored=True)),
        (ENDED, Wish("whole"), Stock(False, frozenset({1, 2})), Refuse("source_gone")),
        (ENDED, Wish(), NO_PARTS, Refuse("parts_expired")),
        (Past("append", run=2, parts=(1, 2)), Wish(), NO_PARTS, Replay(3, (), stored=False)),
        (Past("append", run=1), Wish(), NO_PARTS, Replay(2, (), stored=False)),
        (Past("append", run=1, parts=(1,), delivered=frozenset({1})), Wish(), ALL_THERE, Nothing()),
        (Past("append", run=1, open=True), Wish("whole"), ALL_THERE, Refuse("run_open")),
        (Past("append"), Wish(), ALL_THERE, Refuse("run_open")),
        (Past("append", run=1, again=True), Wish(), ALL_THERE, Refuse("runs_again_by_itself")),
        (Past("append", "audience_unknown"), Wish(), ALL_THERE, Refuse("segment_was_rejected")),
        (
            Past("replace", run=1, parts=(1, 2), delivered=frozenset({1})),
            Wish(),
            ALL_THERE,
            Replay(2, (), stored=False),
        ),
        (Past("replace", run=1, parts=(1, 2)), Wish("some", (1,)), ALL_THERE, Refuse("replace_is_whole")),
    ],
)
def test_what_is_sent_again(past: Past, wish: Wish, stock: Stock, decision: Decision) -> None:
    assert decide(past, wish, stock) == decision


@given(PASTS, WISHES, STOCKS)
def test_nothing_that_was_delivered_is_sent_again_unasked(past: Past, wish: Wish, stock: Stock) -> None:
    decision = decide(past, wish, stock)

    if isinstance(decision, Replay) and wish.scope == "undelivered" and decision.parts:
        assert not set(decision.parts) & past.delivered


@given(PASTS, WISHES, STOCKS)
def test_a_replay_is_the_next_run_of_a_segment_that_rests_and_has_what_it_needs(
    past: Past, wish: Wish, stock: Stock
) -> None:
    decision = decide(past, wish, stock)

    if isinstance(decision, Replay):
        assert decision.run == past.run + 1
        assert not (past.open)
        assert not (past.refused)
        assert not (past.again)
        assert set(decision.parts) <= set(past.parts)
        assert stock.source or set(decision.parts or past.parts) <= stock.parts
        assert not (past.mode == "replace" and decision.parts)
