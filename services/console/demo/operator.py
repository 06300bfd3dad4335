"""Who sits before the demo: reads why an account is paused, mends that at Google, and resumes the account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from services.console.accounts.deciding import Done
from services.console.demo.pauses import Pause
from services.console.narrate import counted
from shared.ops.sweep import Swept
from shared.sweeping import Rest

READING = 6.0
"""Real seconds before something is done about a pause: so long it stands on the board to be read."""
TERMS = "terms_not_accepted"
"""The cause that the demo brings about; with any other nobody would know what to mend."""


@dataclass
class Operator:
    """`accept_terms` and `resume` take an account; the one is an order to the local Google Ads, the other what `sluice accounts resume`
    does. `say` takes an account and what was done about it."""

    accept_terms: Callable[[str], None]
    resume: Callable[[str], Done]
    say: Callable[[str, str], None]
    _due: dict[Pause, float] = field(default_factory=dict)

    def tend(self, pauses: Iterable[Pause], now: float) -> None:
        """`now`: real seconds. A pause is ended once, unless that fails; that it is over, its own event tells later."""
        for pause in pauses:
            due = self._due.setdefault(pause, now + READING)
            if pause.until is None and pause.cause == TERMS and now >= due:
                self._due[pause] = now + READING if self._mend(pause.account).failed else float("inf")

    def _mend(self, account: str) -> Done:
        self.accept_terms(account)
        self.say(account, "accepted the customer data terms in Google Ads")
        done = self.resume(account)
        self.say(account, f"could not resume it: {done.failed}" if done.failed else _resumed(done.swept))
        return done


def _resumed(swept: tuple[Swept, ...]) -> str:
    """With what its sweep found."""
    runs = [each for each in swept if each.segment]
    helped = sum(not isinstance(each.step, Rest) for each in runs)
    failed = sum(bool(each.failed) for each in swept)
    words = f"resumed the account: {counted(len(runs), 'open run')} looked at, {helped} in need of help"
    return f"{words}; {failed} could not be helped" if failed else words
