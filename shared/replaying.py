"""What a replay of a segment does: pure decisions over what became of it. docs/protocol.md, S-REPLAY, says why.

What was delivered is not sent again unless somebody asks for it. Parts have the numbers that the last whole run gave them.
"""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["undelivered", "some", "whole"]


@dataclass(frozen=True)
class Wish:
    """`scope` undelivered: what no run has delivered; some: `parts`, delivered or not; whole: everything, cut anew."""

    scope: Scope = "undelivered"
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Past:
    """A segment as its ledger tells it. `refused`: ingest's reason, "" for an accepted one. `run`: its last run, 0 before the first;
    `open`: that has no outcome; `again`: the next run starts by itself. `parts`: all that the last whole run has cut, `delivered`
    those of them that it or a later one has delivered; () where no run has cut it."""

    mode: str
    refused: str = ""
    run: int = 0
    open: bool = False
    again: bool = False
    parts: tuple[int, ...] = ()
    delivered: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Stock:
    """What there is to replay from: every landing object in its generation, and the parts that are still stored."""

    source: bool
    parts: frozenset[int]


@dataclass(frozen=True)
class Replay:
    """Run `run`: of the parts (): the whole segment, cut from its source or, `stored`, from the parts that are kept."""

    run: int
    parts: tuple[int, ...]
    stored: bool


@dataclass(frozen=True)
class Nothing:
    """Everything was delivered, and nobody asked for it to be sent again."""


@dataclass(frozen=True)
class Refuse:
    reason_code: str


Decision = Replay | Nothing | Refuse


def decide(past: Past, wish: Wish, stock: Stock) -> Decision:
    if refusal := _refusal(past, wish):
        return Refuse(refusal)
    wanted = _wanted(past, wish)
    if wanted is None:
        return Nothing()
    if not wanted:
        return _whole(past, stock)
    if set(wanted) <= stock.parts:
        return Replay(past.run + 1, wanted, stored=True)
    whole = wish.scope == "undelivered" and set(wanted) == set(past.parts)
    return _whole(past, stock) if whole else Refuse("parts_expired")


def _refusal(past: Past, wish: Wish) -> str:
    if past.refused:
        return "segment_was_rejected"
    if past.run == 0 or past.open:
        return "run_open"
    if past.again:
        return "runs_again_by_itself"
    if wish.scope != "some":
        return ""
    if past.mode == "replace":
        return "replace_is_whole"
    return "" if set(wish.parts) <= set(past.parts) else "parts_unknown"


def _wanted(past: Past, wish: Wish) -> tuple[int, ...] | None:
    """() for the whole segment, None for nothing. A replace is whole or not at all."""
    if wish.scope == "some":
        return tuple(sorted(set(wish.parts)))
    if wish.scope == "whole" or not past.parts:
        return ()
    missing = tuple(part for part in past.parts if part not in past.delivered)
    if not missing:
        return None
    return () if past.mode == "replace" else missing


def _whole(past: Past, stock: Stock) -> Decision:
    """The source is cut anew, as the account is configured now. Without it the parts that are kept will do."""
    if stock.source:
        return Replay(past.run + 1, (), stored=False)
    kept = bool(past.parts) and set(past.parts) <= stock.parts
    return Replay(past.run + 1, (), stored=True) if kept else Refuse("source_gone")
