"""Processes on one virtual clock: coroutines of which one runs at a time, so that a seed decides every interleaving.

An actor runs until it pauses or ends; time passes only while all are paused. What an actor raises, the test gets.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from greenlet import GreenletExit, getcurrent, greenlet

_GIVES_WAY = 0.25
"""How often an actor that could go on lets another one go first."""


@dataclass(eq=False)
class _Actor:
    who: object
    wake: float
    body: greenlet


class Stage:
    """`now` in epoch seconds."""

    def __init__(self, start: float, random: random.Random) -> None:
        self.now = start
        self._random = random
        self._actors: list[_Actor] = []
        self._running: _Actor | None = None
        self._director = getcurrent()

    @property
    def acting(self) -> object:
        """Who runs now; "" while nobody does."""
        return self._running.who if self._running else ""

    def spawn(self, who: object, work: Callable[[], object]) -> None:
        self._actors.append(_Actor(who, self.now, greenlet(work, self._director)))

    def pause(self, seconds: float = 0.0) -> None:
        """In an actor: others may go on; this one does when `seconds` have passed. Elsewhere time just passes."""
        actor = self._running
        if actor is None:
            self.now += seconds
        elif seconds or self._random.random() < _GIVES_WAY:
            actor.wake = self.now + seconds
            self._director.switch()

    def turn(self) -> bool:
        """One actor that is awake goes on until it pauses or ends; False when all sleep."""
        awake = [actor for actor in self._actors if actor.wake <= self.now]
        if not awake:
            return False
        self._let(self._random.choice(awake))
        return True

    def next_wake(self) -> float:
        return min((actor.wake for actor in self._actors), default=inf)

    def close(self) -> None:
        for actor in tuple(self._actors):
            actor.body.throw(GreenletExit)
        self._actors.clear()

    def _let(self, actor: _Actor) -> None:
        self._running = actor
        try:
            actor.body.switch()
        finally:
            self._running = None
            if actor.body.dead:
                self._actors.remove(actor)
