"""Whose turn it is on an audience: pure decisions over its line and its open markers. docs/protocol.md, S-BEGIN, says why.

Runs go in the order in which their segments landed; a run decides about itself only, nobody ends another run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from shared.model.segment import Mode
from shared.model.state import Claim, Line


@dataclass(frozen=True)
class Waiting:
    """An open marker, as a list shows it."""

    key: str
    segment: str
    run: int
    ready: bool
    mode: str
    opened: datetime


@dataclass(frozen=True)
class Runner:
    """The run that asks. `key` orders it in the line; `landing_key` is what it would undo or be undone by."""

    segment: str
    run: int
    key: str
    landing_key: str
    mode: Mode


@dataclass(frozen=True)
class Go:
    """Nothing to claim: the stage is already being filled by this run."""


@dataclass(frozen=True)
class Take:
    """Write this line; when the write wins, the stage is ours."""

    line: Line


@dataclass(frozen=True)
class GiveWay:
    """The run is not carried out. The line is written first in any case, so that a twin's claim fails."""

    why: Literal["superseded", "overtaken"]
    line: Line


@dataclass(frozen=True)
class Wait:
    why: str


def decide_first(
    line: Line, markers: Iterable[Waiting], me: Runner, now: datetime, grace: timedelta
) -> Go | Take | GiveWay | Wait:
    """Stage 1 of a run. An older run that is still being chunked goes first for `grace` after it was opened."""
    if _owns(line, me):
        return Go() if line.filling == 1 else Wait("a later stage is being filled")
    waiting = tuple(markers)
    newest = max([m.key for m in waiting if m.ready and m.mode == "replace" and m.key > me.key], default="")
    if newest or line.last_replace > me.key:
        return GiveWay("superseded", replace(line, last_replace=max(line.last_replace, newest)))
    if _overtaken(line, me):
        return GiveWay("overtaken", line)
    if line.owner is not None:
        return Wait("another run fills its stages")
    if any(_goes_first(marker, line, me, now - grace) for marker in waiting):
        return Wait("an older run goes first")
    return Take(_claimed(line, me))


def decide_next(line: Line, me: Runner, stage: int) -> Go | Take | Wait:
    """Any later stage: only its own run's stages come between."""
    if not _owns(line, me):
        return Wait("the line is not ours")
    if line.filling == stage:
        return Go()
    return Wait("the stage before is being filled") if line.filling else Take(replace(line, filling=stage))


def start_running(line: Line, claim: Claim, last: bool) -> Take | Go | Wait:
    """The filled stage's job is about to run; the last stage frees the line for the next run's filling."""
    if line.running == claim:
        return Go()
    if not fills(line, claim):
        return Wait("the stage is not being filled")
    if line.running is not None:
        return Wait("another job runs on the audience")
    return Take(replace(line, filling=0, running=claim, owner=None if last else line.owner))


def fills(line: Line, claim: Claim) -> bool:
    return line.owner == Claim(claim.segment, claim.run) and line.filling == claim.stage


def placed(line: Line, claim: Claim) -> bool:
    """The stage is being filled, or its job runs."""
    return line.running == claim or fills(line, claim)


def without_stage(line: Line, claim: Claim) -> Line:
    """The line once the stage has its result."""
    running = None if line.running == claim else line.running
    return replace(line, running=running, filling=0 if fills(line, claim) else line.filling)


def without_run(line: Line, segment: str, run: int, running_ended: bool) -> Line:
    """The line once the run has its outcome. A job that may still run keeps its place until its result is known."""
    mine = line.owner == Claim(segment, run)
    ended = running_ended and line.running is not None and _is(line.running, segment, run)
    return replace(
        line,
        owner=None if mine else line.owner,
        filling=0 if mine else line.filling,
        running=None if ended else line.running,
    )


def _claimed(line: Line, me: Runner) -> Line:
    top = {**line.top, me.mode: max(line.top.get(me.mode, ""), me.landing_key)}
    last_replace = max(line.last_replace, me.key) if me.mode == "replace" else line.last_replace
    return replace(line, owner=Claim(me.segment, me.run), filling=1, top=top, last_replace=last_replace)


def _overtaken(line: Line, me: Runner) -> bool:
    """Would carrying it out now undo something newer? An operator's replay counts as newest: its key is past its landing key."""
    against = {"append": ("remove",), "remove": ("append",), "replace": ("append", "remove", "replace")}[
        me.mode
    ]
    return any(line.top.get(mode, "") > max(me.key, me.landing_key) for mode in against)


def _goes_first(marker: Waiting, line: Line, me: Runner, graced_since: datetime) -> bool:
    older = (marker.key, marker.segment, marker.run) < (me.key, me.segment, me.run)
    placed = any(claim and _is(claim, marker.segment, marker.run) for claim in (line.owner, line.running))
    return older and not placed and (marker.ready or marker.opened > graced_since)


def _owns(line: Line, me: Runner) -> bool:
    return line.owner == Claim(me.segment, me.run)


def _is(claim: Claim, segment: str, run: int) -> bool:
    return (claim.segment, claim.run) == (segment, run)
