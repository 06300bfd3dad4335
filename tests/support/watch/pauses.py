"""What an account's pause must keep: who pauses by a refusal has asked since the last decision; what is told was decided."""

from shared.model.codec import encode
from shared.model.state import Pause
from shared.pausing import NOT_PAUSED, event
from tests.support.watch.calls import Calls
from tests.support.watch.mirror import Mirror, Who, require


class Pauses:
    """`decided`: when somebody last decided about each account. `events`: the bytes of those that were decided, by id."""

    def __init__(self, mirror: Mirror, calls: Calls) -> None:
        self._mirror = mirror
        self._calls = calls
        self._decided: dict[str, float] = {}
        self.events: dict[str, bytes] = {}

    def wrote(self, account: str, before: Pause | None, after: Pause, who: Who, now: float) -> None:
        was = before or NOT_PAUSED
        self.events[event(account, after).event_id] = encode(event(account, after))
        if (was.paused, was.episode) == (after.paused, after.episode):
            require(after.announced, "I5", f"{who} decided about {account} what had been decided")
            return
        require(was.announced, "L1", f"{who} decided about {account} before its last change was told")
        require(after.episode == was.episode + after.paused, "I5", f"{account} counts its pauses wrongly")
        if after.paused and after.by == "sluice":
            asked = self._calls.called.get(who, 0.0)
            require(
                asked >= self._decided.get(account, 0.0), "I1b", f"{who} paused {account} by a stale refusal"
            )
        self._decided[account] = now

    def rest(self, held: dict[str, bool], told: set[str]) -> None:
        for account, queue_held in held.items():
            pause = self._mirror.pause(account)
            require(pause.paused == queue_held, "L2", f"the queue of {account} is held: {queue_held}")
            require(pause.announced, "L1", f"nobody told of the last change of {account}")
        missing = self.events.keys() - told
        require(not missing, "L1", f"never told: {', '.join(sorted(missing))}")
