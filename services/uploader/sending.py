"""Calls to a destination under the account's lease, and what every refusal means for the task that made it.

No call is made without a live lease that outlasts it, nor when the request's own time no longer suffices, nor once somebody has
decided about the account's pause since the task was dispatched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from services.uploader.destination import Destination
from shared.edge.answer import Answer, Nack, Snooze
from shared.errors import SluiceError
from shared.lease import Busy
from shared.log import get_logger
from shared.model.run import Run, Target
from shared.ops.leasing import Held, LeaseLost, acquire, terms_of
from shared.ops.pausing import Found, pause_account, pause_generation
from shared.ports import Readings
from shared.verdict import Failure, PauseAccount, Retry, Verdict, judge, token_expired
from shared.verdict import Snooze as Later
from shared.world import Ports

T = TypeVar("T")

PAUSED_WAIT = 60.0
"""Seconds until a task of a paused account looks again. Its queue dispatches nothing meanwhile, unless somebody lets it."""
_LONGEST_WAIT, _SHORTEST_WAIT = 60.0, 2.0


class Refusal(Exception):
    """The destination said no; the verdict says what to do about it."""

    def __init__(self, verdict: Verdict, failure: Failure) -> None:
        super().__init__(f"{failure.status} {' '.join(failure.codes)}")
        self.verdict = verdict
        self.failure = failure


class OutOfTime(Exception):
    """The request's own time ends before another call could; the rest is the next dispatch's."""


class PauseChanged(Exception):
    """Somebody has paused or resumed the account since this dispatch began: what it believes of the account may be stale."""


@dataclass(frozen=True)
class Desk:
    """What one dispatch works with. `started` and `budget` (seconds) bound it; `pause` is the account's, as it was when it began."""

    ports: Ports
    destination: Destination
    started: Readings
    budget: float
    pause: Found

    def lasts(self, seconds: float) -> bool:
        return self.ports.clock.readings().since(self.started) + seconds <= self.budget


@dataclass(frozen=True)
class Sending:
    """The right to call the destination: a desk and a held lease."""

    desk: Desk
    held: Held
    target: Target

    @property
    def ports(self) -> Ports:
        return self.desk.ports

    @property
    def destination(self) -> Destination:
        return self.desk.destination

    def call(self, request: Callable[[float], T | Failure]) -> T:
        """`request` gets its time limit in real seconds. Refusal, OutOfTime, PauseChanged or LeaseLost when there is no good answer.
        A token that has expired is renewed, and the request repeated, once: it is a call of its own."""
        answer = self._once(request)
        if isinstance(answer, Failure) and token_expired(answer):
            get_logger().info("token_renewed", status=answer.status, codes=answer.codes)
            self.destination.renew(self.target)
            answer = self._once(request)
        if isinstance(answer, Failure):
            raise Refusal(judge(answer), answer)
        return answer

    def _once(self, request: Callable[[float], T | Failure]) -> T | Failure:
        limit = self.held.terms.call
        if not self.desk.lasts(limit):
            raise OutOfTime
        self.held.ready()
        if pause_generation(self.ports, self.desk.pause.account) != self.desk.pause.generation:
            raise PauseChanged
        if not self.held.live():
            raise LeaseLost
        return request(self.ports.clock.real(limit))


def under_lease(
    desk: Desk, run: Run, work: Callable[[Sending], Answer | None], released_by: str = ""
) -> Answer | None:
    """Do `work` holding the account's lease; `work` gives the lease back when it ends well. None: go on without the lease."""
    held = acquire(desk.ports, run.target.account, terms_of(desk.ports, run.target.destination), released_by)
    if isinstance(held, Busy):
        return Snooze("lease_busy", max(_SHORTEST_WAIT, min(_LONGEST_WAIT, held.wait)))
    try:
        return work(Sending(desk, held, run.target))
    except Refusal as refusal:
        return _settle(desk, run, held, refusal)
    except LeaseLost:
        held.free()
        return Snooze("lease_lost", _SHORTEST_WAIT)
    except (OutOfTime, PauseChanged) as stop:
        held.free()
        return Snooze("out_of_time" if isinstance(stop, OutOfTime) else "pause_changed", _SHORTEST_WAIT)
    except SluiceError:
        held.free()
        raise
    except Exception:
        held.rest()  # a defect of ours must not keep the account for a whole term
        raise


def _settle(desk: Desk, run: Run, held: Held, refusal: Refusal) -> Answer:
    """Give the lease back as the refusal asks for, and answer the task."""
    verdict = refusal.verdict
    log = get_logger().bind(status=refusal.failure.status, codes=refusal.failure.codes)
    if isinstance(verdict, Retry) and verdict.quiet:
        held.rest()
    else:
        held.free()
    match verdict:
        case Retry(reason):
            log.warning("destination_retry", reason_code=reason)
            return Nack(reason)
        case Later(reason, seconds):
            log.warning("destination_later", reason_code=reason, seconds=seconds)
            return Snooze(reason, seconds)
        case PauseAccount(reason):
            log.error("account_refused", reason_code=reason)
            return _pause(desk, run, verdict)
        case _:
            log.error("destination_unexpected", verdict=type(verdict).__name__)
            return Nack("request_refused")


def _pause(desk: Desk, run: Run, verdict: PauseAccount) -> Answer:
    """Not counted: no part is at fault. A refusal from before somebody's decision pauses nothing, it is asked again."""
    paused = pause_account(
        desk.ports,
        desk.pause,
        "sluice",
        verdict.reason_code,
        destination=run.target.destination,
        seconds=verdict.seconds,
    )
    return Snooze(verdict.reason_code, PAUSED_WAIT) if paused else Snooze("pause_changed", _SHORTEST_WAIT)
