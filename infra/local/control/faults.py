"""The fault list: which call goes wrong, and how. Pure: it counts and matches, the gate (control.py) acts.

A fault counts the calls that fit its service, method, account and resource; it is due from the nth of them
on, `times` times.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What a fault does to the call that it is due for."""

    ERROR = "error"  # answered with code and reason before anything is done
    DELAY = "delay"  # begins `seconds` of simulated time later
    LOSE_ANSWER = "lose_answer"  # done, but answered with code and reason, `seconds` of simulated time later
    KILL_BEFORE = "kill_before"  # the process is killed, nothing is done
    KILL_AFTER = "kill_after"  # done, the process is killed before it hears the answer
    DUPLICATE = "duplicate"  # a delivery is made twice
    OVERLAP = "overlap"  # google_ads: as if somebody else's request had been in flight
    GARBLE = (
        "garble"  # google_ads: of every `every`th operation of an Add the identifiers are lost on the way
    )
    JUDGE = "judge"  # google_ads: the account is of this `standing` from the call on, until an order or a fault says otherwise


REQUIRED = ("id", "service", "method", "action")
SERVICES = frozenset(
    {"storage", "pubsub", "cloudtasks", "google_ads", "identity", "scheduler", "secretmanager"}
)
CODES = frozenset(
    {
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    }
)
ADD = "AddOfflineUserDataJobOperations"
KILLS = frozenset({Action.KILL_BEFORE, Action.KILL_AFTER})
STANDINGS = frozenset({"good", "not_allowlisted", "terms_not_accepted", "not_enabled"})


class FaultError(ValueError):
    """A fault that cannot be carried out as written; the text names the key and the cure."""


@dataclass(frozen=True)
class Fault:
    """One entry of the list. `resource` is a regular expression, searched; empty words fit every call."""

    id: str
    service: str
    method: str
    action: Action
    account: str = ""
    resource: str = ""
    nth: int = 1
    times: int = 1
    code: str = "UNAVAILABLE"
    reason: str = ""
    seconds: float = 0.0
    process: str = ""
    every: int = 0
    standing: str = ""


@dataclass(frozen=True)
class Target:
    """What a fault can be aimed at: the words that describe one call."""

    service: str
    method: str
    account: str
    resource: str


def parse(document: Mapping[str, Any]) -> Fault:
    """A fault from its JSON form. Raises FaultError for unknown or missing keys, wrong types and nonsense."""
    _check_keys(frozenset(document))
    fault = Fault(**{key: _typed(key, value) for key, value in document.items()})
    _refuse_nonsense(fault)
    return fault


def _check_keys(given: frozenset[str]) -> None:
    known = [each.name for each in fields(Fault)]
    if unknown := sorted(given.difference(known)):
        raise FaultError(f"unknown key {', '.join(unknown)}: a fault has {', '.join(known)}")
    if missing := [each for each in REQUIRED if each not in given]:
        raise FaultError(f"a fault needs {', '.join(REQUIRED)}: {', '.join(missing)} is missing")


def _typed(key: str, value: Any) -> Any:
    if key == "action":
        return _action(value)
    if key in ("nth", "times", "every"):
        wanted: tuple[type, ...] = (int,)
    else:
        wanted = (int, float) if key == "seconds" else (str,)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise FaultError(f"{key} must be {wanted[-1].__name__}, not {value!r}")
    return value


def _action(value: Any) -> Action:
    try:
        return Action(value)
    except ValueError:
        raise FaultError(f"unknown action {value!r}: use one of {', '.join(Action)}") from None


def _refuse_nonsense(fault: Fault) -> None:
    if fault.service not in SERVICES:
        raise FaultError(f"unknown service {fault.service!r}: use one of {', '.join(sorted(SERVICES))}")
    if fault.code not in CODES:
        raise FaultError(f"{fault.code!r} is not the name of a gRPC status code")
    if fault.nth < 1 or fault.times < 1 or fault.seconds < 0:
        raise FaultError("nth and times count from 1, seconds from 0")
    _refuse_what_the_action_lacks(fault)
    try:
        re.compile(fault.resource)
    except re.error as error:
        raise FaultError(f"resource is not a regular expression: {error}") from error


def _refuse_what_the_action_lacks(fault: Fault) -> None:
    if fault.action in KILLS and not fault.process:
        raise FaultError(f"{fault.action} needs the name of a registered process")
    if fault.action is Action.DELAY and not fault.seconds:
        raise FaultError("delay needs seconds")
    if fault.action is Action.GARBLE and (fault.method != ADD or fault.every < 1):
        raise FaultError(
            f"garble is for {ADD}, and needs every: 1 for each operation, 2 for every second one"
        )
    if fault.action is Action.JUDGE and (fault.service != "google_ads" or fault.standing not in STANDINGS):
        raise FaultError(f"judge is for google_ads, and needs a standing: {', '.join(sorted(STANDINGS))}")


def matches(fault: Fault, target: Target) -> bool:
    return (
        (fault.service, fault.method) == (target.service, target.method)
        and fault.account in ("", target.account)
        and re.search(fault.resource, target.resource) is not None
    )


@dataclass(slots=True)
class Tally:
    """How many calls fitted a fault, and how often it was acted out."""

    matched: int = 0
    seen: int = 0


@dataclass(slots=True)
class FaultList:
    """The faults and their counts. Only `select` moves the counts."""

    _faults: dict[str, Fault] = field(default_factory=dict)
    _tallies: dict[str, Tally] = field(default_factory=dict)

    def add(self, faults: Iterable[Fault]) -> None:
        """Adds faults; one with a known id takes the old one's place and counts anew."""
        for fault in faults:
            self._faults[fault.id] = fault
            self._tallies[fault.id] = Tally()

    def select(self, target: Target, actions: Collection[Action]) -> list[Fault]:
        """Counts this call for every fault of these actions that fits it; the faults that are now due."""
        fitting = [each for each in self._faults.values() if each.action in actions and matches(each, target)]
        return [fault for fault in fitting if self._count(fault)]

    def _count(self, fault: Fault) -> bool:
        tally = self._tallies[fault.id]
        tally.matched += 1
        due = fault.nth <= tally.matched < fault.nth + fault.times
        tally.seen += due
        return due

    def listing(self) -> list[dict[str, Any]]:
        """The faults in JSON form, each with `matched` (calls that fitted) and `seen` (times acted out)."""
        return [asdict(fault) | asdict(self._tallies[fault.id]) for fault in self._faults.values()]
