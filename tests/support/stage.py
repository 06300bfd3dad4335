"""Processes on one virtual clock: threads of which one runs at a time, so that a seed decides every interleaving.

An actor runs until it pauses or ends; time passes only while all are paused. What an actor raises, the test gets.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

_GIVES_WAY = 0.25
"""How often an actor that could go on lets another one go first. Each time costs two switches of threads."""


class _Closed(BaseException):
    """The test is over: an actor that is still paused ends here."""


def _shut() -> threading.Lock:
    """A gate that somebody else opens."""
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(eq=False)
class _Actor:
    wake: float
    go: threading.Lock = field(default_factory=_shut)


class Stage:
    """`now` in epoch seconds."""

    def __init__(self, start: float, random: random.Random) -> None:
        self.now = start
        self._random = random
        self._actors: list[_Actor] = []
        self._running: _Actor | None = None
        self._back = _shut()
        self._raised: BaseException | None = None
        self._closed = False

    def spawn(self, work: Callable[[], object]) -> None:
        actor = _Actor(self.now)
        self._actors.append(actor)
        threading.Thread(target=self._perform, args=(actor, work), daemon=True).start()

    def pause(self, seconds: float = 0.0) -> None:
        """In an actor: others may go on; this one does when `seconds` have passed. Elsewhere time just passes."""
        actor = self._running
        if actor is None:
            self.now += seconds
        elif seconds or self._random.random() < _GIVES_WAY:
            self._give_way(actor, seconds)

    def _give_way(self, actor: _Actor, seconds: float) -> None:
        actor.wake = self.now + seconds
        self._back.release()
        self._wait_for(actor)

    def turn(self) -> bool:
        """One actor that is awake goes on until it pauses or ends; False when all sleep."""
        awake = [actor for actor in self._actors if actor.wake <= self.now]
        if not awake:
            return False
        self._let(self._random.choice(awake))
        if self._raised:
            raise self._raised
        return True

    def next_wake(self) -> float:
        return min((actor.wake for actor in self._actors), default=inf)

    def close(self) -> None:
        self._closed = True
        for actor in tuple(self._actors):
            self._let(actor)

    def _let(self, actor: _Actor) -> None:
        self._running = actor
        actor.go.release()
        self._back.acquire()
        self._running = None

    def _perform(self, actor: _Actor, work: Callable[[], object]) -> None:
        try:
            self._wait_for(actor)
            work()
        except _Closed:
            pass
        except BaseException as error:  # noqa: BLE001  the test's thread raises it again
            self._raised = error
        self._actors.remove(actor)
        self._back.release()

    def _wait_for(self, actor: _Actor) -> None:
        actor.go.acquire()
        if self._closed:
            raise _Closed
