"""Every effect of a process passes one gate, where a test lets it go wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from shared.errors import TransientError
from shared.verdict import Failure
from tests.support.stage import Stage

T = TypeVar("T")
UNAVAILABLE = Failure("UNAVAILABLE")
Action = Literal[
    "die_before",
    "die_during",
    "die_after",
    "freeze_before",
    "freeze_after",
    "refuse",
    "lose",
    "repeat",
    "slow",
    "twice",
]
REQUESTS = frozenset(
    {"create_job", "add", "run_job", "search", "list_size", "find_list", "create_list", "examine"}
)
"""Kinds of effects that are requests to the destination."""


@dataclass(frozen=True)
class Effect:
    """One call that changes something, in the order of a world's calls from 1.
    `kind`: create, replace, delete (objects); publish, enqueue; REQUESTS (the destination).
    `about`: the object, the topic, the task or the account. `by`: the process; `at`: epoch seconds."""

    number: int
    kind: str
    about: str
    by: str = ""
    at: float = 0.0


@dataclass(frozen=True)
class Fault:
    """die_before, die_after: the process ends there; die_during: and the destination still works on its request.
    freeze_before, freeze_after: the process stands still for `seconds`. refuse: no effect; a destination answers `failure`.
    lose: the effect happens, its answer does not arrive. repeat: the client repeats a call whose first answer it lost.
    slow: the destination takes `seconds` longer. twice: a delivery is made twice."""

    action: Action
    failure: Failure = UNAVAILABLE
    seconds: float = 0


Plan = Callable[[Effect], Fault | None]


class Died(BaseException):
    """The process is gone: nothing of it runs any more, no handler of exceptions either."""


def no_faults(_: Effect) -> None:
    return None


def nth(kind: str, number: int, fault: Fault, about: str = "") -> Plan:
    """The `number`-th effect of this kind (from 1) whose `about` contains the given text goes wrong."""
    seen = 0

    def plan(effect: Effect) -> Fault | None:
        nonlocal seen
        if effect.kind != kind or about not in effect.about:
            return None
        seen += 1
        return fault if seen == number else None

    return plan


def always(kind: str, fault: Fault, about: str = "") -> Plan:
    return lambda effect: fault if effect.kind == kind and about in effect.about else None


def first_of_each(fault: Fault, *kinds: str) -> Plan:
    """The first effect of these kinds on every object, topic, task and account goes wrong."""
    seen: set[tuple[str, str]] = set()

    def plan(effect: Effect) -> Fault | None:
        what = (effect.kind, effect.about)
        if effect.kind not in kinds or what in seen:
            return None
        seen.add(what)
        return fault

    return plan


def at(number: int, fault: Fault) -> Plan:
    return lambda effect: fault if effect.number == number else None


class Gate:
    """`looks` is asked at every read and every delivery, which are no effects: a process may stand still there too."""

    def __init__(self, stage: Stage) -> None:
        self.plan: Plan = no_faults
        self.looks: Callable[[str, str], Fault | None] = lambda _kind, _about: None
        self.effects: list[Effect] = []
        self._stage = stage

    def looked(self, kind: str, about: str) -> Fault | None:
        """Before a read or a delivery."""
        fault = self.looks(kind, about)
        self._stage.pause(fault.seconds if fault and fault.action == "freeze_before" else 0.0)
        return fault

    def passed(self, kind: str, about: str) -> Fault | None:
        """Others may come in before any effect. Raises Died where the process ends before it."""
        self._stage.pause()
        effect = Effect(len(self.effects) + 1, kind, about, str(self._stage.acting), self._stage.now)
        self.effects.append(effect)
        fault = self.plan(effect)
        if fault and fault.action == "die_before":
            raise Died
        if fault and fault.action == "freeze_before":
            self._stage.pause(fault.seconds)
        return fault

    def carry_out(self, kind: str, about: str, act: Callable[[], T]) -> T:
        """An effect on the cloud; its failures are TransientErrors."""
        fault = self.passed(kind, about)
        if fault and fault.action == "refuse":
            raise TransientError(f"{kind} was made to fail")
        answer = act()
        if fault and fault.action == "repeat":
            answer = act()
        if fault and fault.action == "die_after":
            raise Died
        if fault and fault.action == "freeze_after":
            self._stage.pause(fault.seconds)
        if fault and fault.action == "lose":
            raise TransientError(f"the answer of {kind} was lost")
        return answer
