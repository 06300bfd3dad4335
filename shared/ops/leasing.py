"""S-LEASE carried out: take an account's lease, keep it while calls follow, give it back. The rules are in shared/lease.py."""

from dataclasses import dataclass, field
from datetime import datetime

from shared import names
from shared.lease import Busy, Terms, covers, judge, shortfall
from shared.ledger import Entry
from shared.model.state import Lease
from shared.ports import Readings
from shared.world import Ports

_CONTESTED_WAIT = 2.0


class LeaseLost(Exception):
    """Somebody else holds the account: no further call; the task comes again."""


@dataclass
class Held:
    """A live lease. `since` was read before the write that made or renewed it, so that our count of its age is never too low."""

    ports: Ports = field(repr=False)
    account: str
    terms: Terms
    lease: Lease
    generation: int
    since: Readings

    @property
    def token(self) -> str:
        return self.lease.token

    def ready(self) -> None:
        """Renew where the lease would not outlast a call that starts now. LeaseLost when it went to somebody else."""
        if not self.live():
            self._renew()

    def live(self) -> bool:
        """The last look before a call: nothing but the call may stand between this and the wire."""
        return covers(self.ports.clock.readings().since(self.since), self.terms)

    def free(self) -> None:
        self._leave(self.lease.freed())

    def rest(self) -> None:
        """After an answer that leaves open whether the call still works: silence before the next one."""
        self._leave(self.lease.quietened(self.terms.settle))

    def _renew(self) -> None:
        before = self.ports.clock.readings()
        entry = self._swap(self.lease)
        if entry is None:
            raise LeaseLost
        self.generation, self.since = entry.generation, before

    def _leave(self, lease: Lease) -> None:
        """A lost swap means that the lease already went on: nothing to give back."""
        self._swap(lease)

    def _swap(self, lease: Lease) -> Entry[Lease] | None:
        return self.ports.ledger.swap(names.lease_json(self.account), lease, self.generation)


@dataclass(frozen=True)
class Standing:
    """A lease as it was read. `stamped`: when it was written, by Cloud Storage's clock; `released`: the receipt that it names is there,
    with its token."""

    lease: Lease
    stamped: datetime
    released: bool


def read_lease(ports: Ports, account: str) -> Standing | None:
    """To look at. None: nobody ever sent to the account."""
    entry = ports.ledger.read(Lease, names.lease_json(account))
    return Standing(entry.value, entry.created, _released(ports, entry.value)) if entry else None


def acquire(ports: Ports, account: str, terms: Terms, released_by: str = "") -> Held | Busy:
    """`released_by`: the receipt whose writing with our token releases the lease without a write of its own."""
    entry = ports.ledger.read(Lease, names.lease_json(account))
    lease, stamped = (entry.value, entry.created) if entry else (None, ports.clock.now())
    verdict = judge(lease, stamped, ports.clock.now(), _released(ports, lease), terms)
    if isinstance(verdict, Busy):
        return verdict
    since = ports.clock.readings()
    mine = Lease(f"{ports.random.getrandbits(128):032x}", "held", terms.term, released_by=released_by)
    taken = ports.ledger.swap(names.lease_json(account), mine, entry.generation if entry else 0)
    if taken is None:
        return Busy(_CONTESTED_WAIT)
    ports.clock.sleep(shortfall(verdict.gap, stamped, taken.created))
    return Held(ports, account, terms, mine, taken.generation, since)


def terms_of(ports: Ports, destination: str) -> Terms:
    times = ports.topology.lease
    call = ports.topology.destinations[destination].call_timeout_seconds
    return Terms(call, times.margin_seconds, times.settle_seconds)


def _released(ports: Ports, lease: Lease | None) -> bool:
    """A receipt by another token must not free a live holder: a zombie may have written it."""
    if lease is None or lease.state != "held" or not lease.released_by:
        return False
    receipt = ports.ledger.stat(lease.released_by)
    return receipt is not None and receipt.metadata.get("token") == lease.token
