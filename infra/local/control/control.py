"""The one gate that every call to the local cloud passes: it records the call and acts out its faults.

Nothing else in the local cloud injects failures. Faces answer `Injected` in their own protocol; engines
never see it.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

from infra.local.clock import SimClock
from infra.local.control.faults import Action, Fault, FaultList, Target
from infra.local.control.recorder import Call, Recorder

CALL_ACTIONS = frozenset(Action) - {Action.DUPLICATE}
COPY_ACTIONS = frozenset({Action.DUPLICATE})


class Injected(Exception):
    """A failure that the fault list ordered.

    `code` is a canonical gRPC code name, `reason` an error of the service's own or "".
    """

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".rstrip())
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class CallNote:
    """What gate and face tell each other about a running call.

    The face sets `status` when it answers an error by itself. `overlap` asks the Google Ads face to let the
    call fail at its end, without effect, as if a foreign request had been in flight. `garble` asks it to lose the identifiers of
    every so manyth operation; 0 for none. `standing`: what it thinks of the account from this call on; "" for what it thought before.
    """

    status: str = "OK"
    injected: bool = False
    overlap: bool = False
    garble: int = 0
    standing: str = ""


class Control:
    """Recorder, fault list and registered processes behind one gate."""

    def __init__(self, clock: SimClock, seed: int, kill: Callable[[int, int], None] | None = None) -> None:
        self.recorder = Recorder()
        self.faults = FaultList()
        self._clock = clock
        self._seed = seed
        self._kill = kill or _kill
        self._processes: dict[str, int] = {}

    def register(self, name: str, pid: int) -> None:
        """Tells which process `kill_*` faults mean by this name; a restarted one replaces the old."""
        if pid <= 1:  # 0, negative numbers and 1 would hit whole groups or the machine
            raise ValueError(f"{pid} is not the id of one ordinary process")
        self._processes[name] = pid

    def random_for(self, part: str) -> random.Random:
        """A source of randomness for one part of the local cloud, the same for the same seed."""
        return random.Random(f"{self._seed}:{part}")

    @asynccontextmanager
    async def call(
        self, service: str, method: str, *, account: str = "", resource: str = ""
    ) -> AsyncIterator[CallNote]:
        """Wraps the work of one call. Raises Injected before the body (no effect) or after it (all done)."""
        faults = self.faults.select(Target(service, method, account, resource), CALL_ACTIONS)
        overlap = any(each.action is Action.OVERLAP for each in faults)
        garble = max((each.every for each in faults if each.action is Action.GARBLE), default=0)
        standing = next((each.standing for each in faults if each.action is Action.JUDGE), "")
        note = CallNote(injected=bool(faults), overlap=overlap, garble=garble, standing=standing)
        with self._recorded(Call(service, method, account, resource, self._clock.now()), note):
            await self._before(faults)
            yield note
            await self._after(faults)

    def copies(self, service: str, method: str, *, account: str = "", resource: str = "") -> int:
        """How often this delivery is to be made: 1, or 2 where a `duplicate` fault is due."""
        return 2 if self.faults.select(Target(service, method, account, resource), COPY_ACTIONS) else 1

    @contextmanager
    def _recorded(self, call: Call, note: CallNote) -> Iterator[None]:
        self.recorder.begin(call)
        try:
            yield
        except BaseException as error:
            if note.status == "OK":
                note.status = _status_of(error)
            raise
        finally:
            call.ended, call.status, call.injected = self._clock.now(), note.status, note.injected

    async def _before(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            match fault.action:
                case Action.DELAY:
                    await self._clock.sleep(fault.seconds)
                case Action.KILL_BEFORE:
                    self._strike(fault)
                case Action.ERROR:
                    raise Injected(fault.code, fault.reason)

    async def _after(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            match fault.action:
                case Action.KILL_AFTER:
                    self._strike(fault)
                case Action.LOSE_ANSWER:
                    await self._clock.sleep(fault.seconds)
                    raise Injected(fault.code, fault.reason)

    def _strike(self, fault: Fault) -> None:
        """Kills the process and ends the call; should somebody else be the caller, he hears the error."""
        if pid := self._processes.get(fault.process):
            with suppress(ProcessLookupError):
                self._kill(pid, signal.SIGKILL)
        raise Injected(fault.code, fault.reason)


def _status_of(error: BaseException) -> str:
    if isinstance(error, Injected):
        return error.code
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "UNKNOWN"


def _kill(pid: int, number: int) -> None:
    """A process that leads a group goes with all of it: a server's workers are the server."""
    if os.getpgid(pid) == pid:
        os.killpg(pid, number)
    else:
        os.kill(pid, number)
