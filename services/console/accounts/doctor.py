"""Looks at an account from all sides and gathers what checks.py and answers.py say of it. It changes nothing but the lease, which its
questions to the destination take and give back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from services.console.accounts import answers, checks
from services.console.accounts.checks import Check, Trouble
from services.console.accounts.diagnosis import Diagnosis
from services.console.accounts.survey import Seen, pause_of
from services.uploader.destination import Destination
from services.uploader.examining import examine
from shared import names
from shared.errors import SluiceError
from shared.model.account import Account
from shared.model.codec import DocumentError
from shared.ops.leasing import read_lease, terms_of
from shared.ops.pin import target_of
from shared.world import Ports

T = TypeVar("T")

GOOGLE_ADS = "google_ads"


@dataclass(frozen=True)
class Doctor:
    """`destination` is connected on first use. `sunset`: what is to be said of the end of the API's version, "" while that is far."""

    ports: Ports
    destination: Callable[[], Destination]
    sunset: str

    def diagnose(self, seen: Seen) -> Diagnosis:
        """What keeps it from looking at one thing is told in that thing's place."""
        closely = self._closely(seen)
        return Diagnosis(seen.id, seen.name, (*self._by_itself(closely), *self._asked(seen.account)))

    def _closely(self, seen: Seen) -> Seen:
        """Also of an account that works: what its queue must do depends on whether it was ever paused."""
        pause, unread = pause_of(self.ports, seen.id)
        return replace(seen, pause=pause, unread=unread)

    def _by_itself(self, seen: Seen) -> Iterator[Check]:
        """The lease is read before the questions take it."""
        now, terms = self.ports.clock.now(), terms_of(self.ports, GOOGLE_ADS)
        queue = _looked(lambda: self.ports.queues.settings(names.queue_id(seen.id)))
        yield checks.configuration(seen)
        yield checks.pause(seen, now)
        yield from checks.queue(seen, queue, self.ports.topology.queue)
        yield checks.lease(_looked(lambda: read_lease(self.ports, seen.id)), terms, now)
        yield checks.version(self.sunset)

    def _asked(self, account: Account | None) -> Iterator[Check]:
        if account is None:
            yield Check("destination", "skipped", "nobody is asked for an account that is not configured")
        elif not account.audiences:
            yield Check("destination", "skipped", "nobody is asked for an account without audiences")
        elif GOOGLE_ADS not in account.destinations:
            yield Check("destination", "skipped", f"only {GOOGLE_ADS} can be asked")
        else:
            targets = [target_of(account, key, GOOGLE_ADS) for key in account.audiences]
            examined = _looked(lambda: examine(self.ports, self.destination(), targets))
            yield from answers.answered(account, GOOGLE_ADS, examined)


def _looked(look: Callable[[], T]) -> T | Trouble:
    try:
        return look()
    except (SluiceError, DocumentError) as error:
        return Trouble(str(error))
