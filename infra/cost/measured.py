"""The runs that `python -m benchmarks.operations` has carried, and what a segment, a part, a stage, a question and a sweep cost by them.

benchmarks/operations.json holds the runs as they were counted. Everything here is a difference of two of them. Pure but for `load`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from infra.cost.usage import Usage

MEASURED = Path(__file__).parents[2] / "benchmarks" / "operations.json"


@dataclass(frozen=True)
class Run:
    """One segment from its landing until nothing of it was left to do. `follows`: how often its jobs were asked about."""

    parts: int
    stages: int
    follows: int
    usage: Usage


@dataclass(frozen=True)
class Sweep:
    """One call of the sweep. `accounts` have had a segment once, `open` have one that waits, with one task in the queue."""

    accounts: int
    open: int
    usage: Usage


@dataclass(frozen=True)
class Measured:
    """`short` and `long` differ in their parts alone, `short` and `slow` in how long the job took. `staged` has several stages.
    `bare` is a sweep of a deployment that has carried nothing, the others count up from it."""

    machine: str
    command: str
    part_records: int
    frames: int
    short: Run
    long: Run
    staged: Run
    slow: Run
    bare: Sweep
    idle: Sweep
    few: Sweep
    many: Sweep

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        kinds = dict.fromkeys(("short", "long", "staged", "slow"), Run)
        sweeps = dict.fromkeys(("bare", "idle", "few", "many"), Sweep)
        counted = {name: _counted(kind, document[name]) for name, kind in {**kinds, **sweeps}.items()}
        return cls(**{**document, **counted})


@dataclass(frozen=True)
class Rates:
    """`segment` is one of no parts with its first stage, whose job is asked about once. `stage` is one more, with one question.
    `follow` is one more question. `sweep` is one that finds nothing, `account` and `waiting` what each account that
    has had a segment and each open run add to it."""

    segment: Usage
    part: Usage
    stage: Usage
    follow: Usage
    sweep: Usage
    account: Usage
    waiting: Usage


def load(path: Path = MEASURED) -> Measured:
    return Measured.of(json.loads(path.read_text(encoding="utf-8")))


def rates(measured: Measured) -> Rates:
    """ZeroDivisionError where two runs do not differ in what they should."""
    short, idle = measured.short, measured.idle
    part = _quotient(measured.long.usage - short.usage, measured.long.parts - short.parts)
    follow = _quotient(measured.slow.usage - short.usage, measured.slow.follows - short.follows)
    segment = short.usage - short.parts * part - (short.follows - short.stages) * follow
    account = _quotient(idle.usage - measured.bare.usage, idle.accounts - measured.bare.accounts)
    return Rates(
        segment=segment,
        part=part,
        stage=_stage(measured.staged, segment, part, follow),
        follow=follow,
        sweep=measured.bare.usage - measured.bare.accounts * account,
        account=account,
        waiting=_waiting(measured.few, measured.many, account),
    )


def _waiting(few: Sweep, many: Sweep, account: Usage) -> Usage:
    """Of the run alone: its account is there for longer than that."""
    beside = (many.accounts - few.accounts) * account
    return _quotient(many.usage - few.usage - beside, many.open - few.open)


def _stage(staged: Run, segment: Usage, part: Usage, follow: Usage) -> Usage:
    beside = segment + staged.parts * part + (staged.follows - staged.stages) * follow
    return _quotient(staged.usage - beside, staged.stages - 1)


def _quotient(difference: Usage, steps: int) -> Usage:
    return (1.0 / steps) * difference


def _counted(kind: Any, document: Mapping[str, Any]) -> Any:
    return kind(**{**document, "usage": Usage(**document["usage"])})
