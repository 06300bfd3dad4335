"""The record of every call to the local cloud: who asked what, from when to when, and how it ended.

It only remembers. What a call may do is decided by the gate (control.py) and by the engines.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Call:
    """One call. Times are epoch seconds of simulated time; `ended` is None while the call runs."""

    service: str
    method: str
    account: str
    resource: str
    started: float
    ended: float | None = None
    status: str = "OK"
    injected: bool = False


@dataclass(slots=True)
class Recorder:
    """All calls of this process's life, in the order in which they began."""

    _calls: list[Call] = field(default_factory=list)

    def begin(self, call: Call) -> None:
        self._calls.append(call)

    def calls(self, *, service: str = "", method: str = "", account: str = "") -> Iterator[Call]:
        """The calls that fit every given word; an empty word fits all."""
        for call in self._calls:
            words = ((service, call.service), (method, call.method), (account, call.account))
            if all(word in ("", its) for word, its in words):
                yield call

    def counts(self) -> dict[str, int]:
        """How many calls began, by "service.method"."""
        return dict(Counter(f"{call.service}.{call.method}" for call in self._calls))
