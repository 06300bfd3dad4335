"""Which requests are in flight on which account: the owner's rule of one at a time, enforced and measured.

A request that overlaps another spoils both, and neither may take effect. Each stays in flight until its own
end, whether its client waits or not. Pure: the face says when requests begin and end.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Passage:
    """One request on its way. `spoilt` is True once another was in flight on its account."""

    spoilt: bool = False


@dataclass(slots=True)
class AccountTraffic:
    """What one account has seen. Times are epoch seconds of simulated time."""

    requests: int = 0
    max_in_flight: int = 0
    injected_overlaps: int = 0
    first_add: float | None = None
    last_add: float | None = None
    busy: list[tuple[float, float]] = field(default_factory=list)
    _in_flight: set[Passage] = field(default_factory=set)
    _busy_since: float = 0.0

    def enter(self, passage: Passage, now: float) -> None:
        if not self._in_flight:
            self._busy_since = now
        self._in_flight.add(passage)
        self.requests += 1
        self.max_in_flight = max(self.max_in_flight, len(self._in_flight))
        if len(self._in_flight) > 1:
            for each in self._in_flight:
                each.spoilt = True

    def leave(self, passage: Passage, now: float) -> None:
        self._in_flight.remove(passage)
        if not self._in_flight:
            self.busy.append((self._busy_since, now))

    def busy_ratio(self) -> float:
        """The share of the time from the first Add's start to the last Add's end spent inside requests."""
        if self.first_add is None or self.last_add is None or self.last_add <= self.first_add:
            return 0.0
        inside = sum(
            max(0.0, min(end, self.last_add) - max(begin, self.first_add)) for begin, end in self.busy
        )
        return inside / (self.last_add - self.first_add)


@dataclass(slots=True)
class Traffic:
    """All accounts' traffic. `now` gives epoch seconds of simulated time."""

    now: Callable[[], float]
    _accounts: dict[str, AccountTraffic] = field(default_factory=dict)

    def account(self, account: str) -> AccountTraffic:
        return self._accounts.setdefault(account, AccountTraffic())

    @contextmanager
    def passage(self, account: str, *, adding: bool) -> Iterator[Passage]:
        """Keeps one request in flight; `adding` marks an AddOfflineUserDataJobOperations."""
        traffic, passage, began = self.account(account), Passage(), self.now()
        traffic.enter(passage, began)
        if adding and traffic.first_add is None:
            traffic.first_add = began
        try:
            yield passage
        finally:
            ended = self.now()
            traffic.leave(passage, ended)
            if adding:
                traffic.last_add = ended

    def report(self) -> list[dict[str, Any]]:
        """A row for each account. `max_in_flight` counts real requests, pretended ones are counted apart."""
        return [
            {
                "account": account,
                "destination": "google_ads",
                "requests": traffic.requests,
                "max_in_flight": traffic.max_in_flight,
                "injected_overlaps": traffic.injected_overlaps,
                "busy_ratio": round(traffic.busy_ratio(), 4),
            }
            for account, traffic in sorted(self._accounts.items())
        ]
