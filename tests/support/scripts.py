"""Many stories that happen at the same time, each told in order: a script waits for something by yielding until it is so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.gcp.ports import ports_for
from shared.model.account import Account
from shared.ops.pausing import pause_by_hand, resume_by_hand
from shared.ops.sweep import sweep_runs
from shared.settings import from_environment
from shared.world import Ports
from tests.support.flow import ADD, Flow, Landed

Script = Iterator[None]


@dataclass
class Play:
    """`waiting`: the scripts that have not ended. `struck`: the faults that have been acted out at least once, as of this turn."""

    flow: Flow
    ports: Ports
    waiting: list[Script] = field(default_factory=list)
    struck: set[str] = field(default_factory=set)

    def go(self, what: str, *scripts: Script) -> None:
        """Until these have ended, or all where none is named. The others go on meanwhile, each as far as it can, in turn."""
        self.waiting += scripts
        awaited = scripts or tuple(self.waiting)

        def turn() -> bool:
            self.struck.update(each["id"] for each in self.flow.deployment.control.faults() if each["seen"])
            self.waiting = [script for script in self.waiting if next(script, script) is None]
            return not any(script in self.waiting for script in awaited)

        self.flow.until(turn, what)

    def until_struck(self, *faults: str) -> Script:
        while not self.struck.issuperset(faults):
            yield

    def until_passed(self, seconds: float) -> Script:
        began = self.flow.now()
        while self.flow.now() < began + seconds:
            yield

    def until_paused(self, account: Account, cause: str) -> Script:
        while cause not in [each.reason_code for each in self.flow.account_events(account.id)]:
            yield

    def until_chunked(self, all_landed: Iterable[Landed]) -> Script:
        for landed in all_landed:
            while "segment.chunked" not in [each.type for each in self.flow.events(landed)]:
                yield

    def until_answered(self, account: Account) -> Script:
        """An Add that was held up."""
        while not any(
            each["injected"] and each["ended"] for each in self.flow.calls("google_ads", ADD, account.id)
        ):
            yield

    def pause(self, account: Account) -> None:
        """As `sluice accounts pause` does it."""
        assert pause_by_hand(self.ports, account.id)

    def resume(self, account: Account) -> None:
        """As `sluice accounts resume` does it."""
        assert resume_by_hand(self.ports, account.id)
        assert [each for each in sweep_runs(self.ports, account.id) if each.failed] == []


def play(flow: Flow) -> Play:
    return Play(flow, ports_for(from_environment(flow.deployment.variables)))
