"""What a sweep does about an open run: pure decisions over what the ledger says of it. docs/protocol.md, S-SWEEP, says why.

The ledger alone knows what has to be done; the queue's list only says which of it somebody is already doing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from shared import names
from shared.line import fills, placed
from shared.model.manifest import ManifestVerdict
from shared.model.state import SEALED, Claim, JobState, Line, Pause
from shared.model.task import TaskKind
from shared.model.topology import Sweep
from shared.pausing import is_over


@dataclass(frozen=True)
class StageView:
    """A stage as the ledger has it. `received`: the parts that have a receipt; `job`: "" before there is one."""

    number: int
    parts: tuple[int, ...]
    ended: bool
    job: JobState | str
    received: frozenset[int]


@dataclass(frozen=True)
class RunView:
    """An open run. `untouched` is how long its marker has been left alone, and what a chunker saves of its progress; `age` how long
    ago the run was opened."""

    segment: str
    run: int
    outcome: bool
    verdict: ManifestVerdict | None
    ready: bool
    untouched: timedelta
    age: timedelta
    line: Line
    stages: tuple[StageView, ...] = ()


@dataclass(frozen=True)
class Obligation:
    """What a task would fulfil. The kinds finish and finishnow fulfil the same."""

    kind: TaskKind
    stage: int
    part: int = 0


@dataclass(frozen=True)
class Rest:
    """Somebody is at it, or was a moment ago."""


@dataclass(frozen=True)
class Close:
    """The outcome is there; what comes after it was not finished."""


@dataclass(frozen=True)
class AskAgain:
    """Nobody chunks it: the request is published again."""


@dataclass(frozen=True)
class GiveUp:
    """It could not be chunked in all the time that was given."""


@dataclass(frozen=True)
class EndUnsent:
    """The manifest says that nothing is sent, and nobody drew the conclusion."""


@dataclass(frozen=True)
class Settle:
    """The stage has its result, and nobody drew the conclusion."""

    stage: int


@dataclass(frozen=True)
class Restart:
    """Nobody is at these: make their tasks anew."""

    obligations: tuple[Obligation, ...]


@dataclass(frozen=True)
class MarkReady:
    """The run is under way, and its marker does not say so."""


@dataclass(frozen=True)
class Leave:
    """A run that has been closed still stands in its audience's line."""


@dataclass(frozen=True)
class Paused:
    """The account rests: its runs are left as they are. `until`: "" when somebody must resume it."""

    cause: str
    until: str


@dataclass(frozen=True)
class Resume:
    """The account's pause had an end, which has passed."""


@dataclass(frozen=True)
class Announce:
    """The account was paused or resumed, and nobody has said so yet."""


@dataclass(frozen=True)
class SetQueue:
    """The account's queue was let go, or held, behind its pause's back."""

    held: bool


AccountStep = Paused | Resume | Announce | SetQueue
Step = Rest | Close | AskAgain | GiveUp | EndUnsent | Settle | Restart | MarkReady | Leave | AccountStep


_KINDS: dict[str, TaskKind] = {kind: kind for kind in get_args(TaskKind)} | {"finishnow": "finish"}
Attended = frozenset[tuple[str, int, Obligation]]
"""Segment, run, and what somebody is about to fulfil of it."""


def decide(view: RunView, attended: Attended, times: Sweep) -> Step:
    if view.outcome:
        return Close()
    if view.untouched < timedelta(seconds=times.patience_seconds):
        return Rest()
    if view.verdict is None:
        return _unchunked(view, times)
    if view.verdict != "ok":
        return EndUnsent()
    if stage := _unsettled(view):
        return Settle(stage)
    lost = tuple(each for each in obligations(view) if (view.segment, view.run, each) not in attended)
    if lost:
        return Restart(lost)
    return Rest() if view.ready else MarkReady()


def decide_account(pause: Pause, held: bool, now: datetime) -> AccountStep | None:
    """`held`: what the account's queue says. None: the account works."""
    if is_over(pause, now):
        return Resume()
    if not pause.announced:
        return Announce()
    if pause.paused != held:
        return SetQueue(pause.paused)
    until = pause.until.isoformat() if pause.until else ""
    return Paused(pause.cause, until) if pause.paused else None


def obligations(view: RunView) -> tuple[Obligation, ...]:
    """What has to be done next for a run whose manifest is ok. At least one thing, until every stage has its result."""
    return tuple(
        obligation for stage in view.stages if not stage.ended for obligation in _of_stage(view, stage)
    )


def attended_by(tasks: Iterable[str]) -> Attended:
    """`tasks`: short names of a queue's tasks; foreign ones are passed over."""
    parsed = filter(None, map(names.parse_task, tasks))
    return frozenset(
        (segment, run, Obligation(_KINDS[kind], stage, part))
        for segment, run, kind, stage, part, *_ in parsed
    )


def _unchunked(view: RunView, times: Sweep) -> AskAgain | GiveUp | Rest:
    if view.age >= timedelta(seconds=times.give_up_seconds):
        return GiveUp()
    return AskAgain() if view.untouched >= timedelta(seconds=times.ask_again_seconds) else Rest()


def _unsettled(view: RunView) -> int:
    """The stage whose result was not followed: it still has its place in the line, or all stages have ended. 0: none."""
    ended = [stage.number for stage in view.stages if stage.ended]
    held = [number for number in ended if placed(view.line, Claim(view.segment, view.run, number))]
    if held:
        return held[0]
    return ended[-1] if len(ended) == len(view.stages) else 0


def _of_stage(view: RunView, stage: StageView) -> Iterator[Obligation]:
    claim = Claim(view.segment, view.run, stage.number)
    if view.line.running == claim:
        yield Obligation("follow" if stage.job == "running" else "finish", stage.number)
    elif fills(view.line, claim):
        yield from (Obligation("upload", stage.number, part) for part in _unsent(stage))
        yield Obligation("finish", stage.number)
    elif stage.job not in SEALED and _may_begin(view, stage.number):
        yield Obligation("begin", stage.number)


def _unsent(stage: StageView) -> list[int]:
    return [part for part in stage.parts if part not in stage.received]


def _may_begin(view: RunView, number: int) -> bool:
    """The stage before runs or has ended. While its job is only about to be run, whoever does that begins the next stage too."""
    before = view.stages[number - 2]
    return number == 1 or before.ended or before.job == "running"
