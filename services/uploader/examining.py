"""Questions to a destination about an account, for the command line: are its user lists what the configuration says, would a job be taken?

A question is a request like any other: it takes the account's lease (docs/protocol.md, S-LEASE) and waits for its turn. Nothing is sent
into an audience, and no answer decides anything: a refusal pauses nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

from services.uploader.destination import Destination, FoundList
from services.uploader.sending import Desk, OutOfTime, PauseChanged, Refusal, Sending
from shared.lease import Busy, Terms
from shared.model.run import Target
from shared.ops.leasing import Held, LeaseLost, acquire, terms_of
from shared.ops.pausing import read_pause
from shared.verdict import Failure, PauseAccount, Retry, Snooze, Verdict
from shared.world import Ports

T = TypeVar("T")

TURN = 60.0
"""Seconds for which a busy lease is waited for. Somebody sits there, and an account that sends may do so for hours."""
_BETWEEN_LOOKS = 2.0
"""Seconds, as the uploader's own shortest wait."""

Why = Literal["lease_busy", "lease_lost", "out_of_time", "pause_changed", "ended", "no_list"]


@dataclass(frozen=True)
class Unasked:
    """No request was made. `ended`: an answer before it made the question pointless; `no_list`: there is no list to ask about."""

    why: Why


Lists = tuple[FoundList, ...] | Failure | Unasked
Upload = Literal["welcome"] | Failure | Unasked


@dataclass(frozen=True)
class Examined:
    """`lists`: the user lists that were found, by audience. `upload`: whether a job for one of them would be taken."""

    lists: Mapping[str, Lists]
    upload: Upload


def examine(ports: Ports, destination: Destination, targets: Sequence[Target]) -> Examined:
    """`targets`: one for each audience of one account at one destination; at least one. As many requests, and one more."""
    account, terms = targets[0].account, terms_of(ports, targets[0].destination)
    desk = Desk(ports, destination, ports.clock.readings(), TURN + terms.term, read_pause(ports, account))
    held = _turn(desk, account, terms)
    if isinstance(held, Busy):
        busy = Unasked("lease_busy")
        return Examined({each.audience: busy for each in targets}, busy)
    with _lent(held):
        interview = _Interview(desk, held)
        examined = _examined(interview, destination, targets)
    held.rest() if interview.ambiguous else held.free()
    return examined


def _turn(desk: Desk, account: str, terms: Terms) -> Held | Busy:
    clock = desk.ports.clock
    while isinstance(held := acquire(desk.ports, account, terms), Busy):
        left = TURN - clock.readings().since(desk.started)
        if left <= 0:
            return held
        clock.sleep(min(left, _BETWEEN_LOOKS))
    return held


@contextmanager
def _lent(held: Held) -> Iterator[None]:
    """Ctrl-C, too, may come while a request is on its way: silence, as after an answer that did not arrive."""
    try:
        yield
    except BaseException:
        held.rest()
        raise


@dataclass
class _Interview:
    """Questions one after the other, until an answer says that the others have no point."""

    desk: Desk
    held: Held
    over: Unasked | None = None
    ambiguous: bool = False

    def ask(self, question: Callable[[Target, float], T | Failure], target: Target) -> T | Failure | Unasked:
        if self.over:
            return self.over
        try:
            return Sending(self.desk, self.held, target).call(partial(question, target))
        except Refusal as refusal:
            self._refused(refusal.verdict)
            return refusal.failure
        except LeaseLost:
            self.over = Unasked("lease_lost")
        except OutOfTime:
            self.over = Unasked("out_of_time")
        except PauseChanged:
            self.over = Unasked("pause_changed")
        return self.over

    def _refused(self, verdict: Verdict) -> None:
        """What is said of the account or of the moment, the next answer would only repeat."""
        self.ambiguous = isinstance(verdict, Retry) and verdict.quiet
        if isinstance(verdict, PauseAccount | Retry | Snooze):
            self.over = Unasked("ended")


def _examined(interview: _Interview, destination: Destination, targets: Sequence[Target]) -> Examined:
    lists: dict[str, Lists] = {
        target.audience: interview.ask(destination.find_list, target) for target in targets
    }
    target = chosen(targets, lists)
    if target is None:
        return Examined(lists, interview.over or Unasked("no_list"))
    return Examined(lists, interview.ask(destination.examine, target))


def chosen(targets: Sequence[Target], lists: Mapping[str, Lists]) -> Target | None:
    """Whom to ask whether a job would be taken: a target whose list takes people, so that no list is in the way of the answer; else one
    that has at least a number. Pure."""
    for target in targets:
        found = lists[target.audience]
        for each in found if isinstance(found, tuple) else ():
            if each.kind == "CRM_BASED" and not each.read_only:
                return replace(target, list_id=each.list_id)
    return next((target for target in targets if target.list_id), None)
