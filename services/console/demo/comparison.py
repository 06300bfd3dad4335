"""What came of the demo, held against the generator and against the local Google Ads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from services.console.demo.cargo import Cargo
from services.console.demo.pauses import Pause, pauses, requests_within
from services.console.demo.refused import Refused, confront, named
from services.console.demo.report import Delivered, Findings
from services.console.demo.segments import Segment
from services.console.demo.truth import Difference, compare, read_digests
from services.console.demo.watch import Watch
from services.console.deployment import Deployment
from shared.model.events import Event
from shared.model.receipt import Receipt, Refusals
from shared.names import receipt_json
from shared.world import Ports

Named = tuple[Delivered, list[int]]
"""A segment with the digests of whom the receipts of its parts name as refused."""
Compared = tuple[tuple[str, str], Difference, Refused]
"""An audience by account and key."""


@dataclass(frozen=True)
class Comparison:
    """`folder` takes what is fetched to be compared. `ports` read receipts."""

    cargo: Cargo
    folder: Path
    watch: Watch
    deployment: Deployment
    ports: Ports

    def findings(self) -> Findings:
        delivered = [self._delivered(segment) for segment in self.cargo.segments]
        compared = list(self._compared(delivered))
        journal, control = self.watch.journal, self.deployment.control
        return Findings(
            delivered=tuple(each for each, _ in delivered),
            traffic=[each for each in control.traffic() if each["account"] in self.cargo.accounts],
            faults=control.faults(),
            audiences={name: difference for name, difference, _ in compared},
            refused={name: refused for name, _, refused in compared},
            pauses=tuple((each, self._requests_within(each)) for each in pauses(journal.of_accounts())),
            contradicted=frozenset(journal.contradicted),
        )

    def _delivered(self, segment: Segment) -> Named:
        events = self.watch.journal.of(self.watch.source(segment))
        refused = list(named(self.cargo.written(segment), self._refusals(events)))
        return Delivered(segment, events, self.cargo.truth(segment), len(refused)), refused

    def _refusals(self, events: Iterable[Event]) -> Iterator[Refusals]:
        """What is in the receipts of the parts that were told of."""
        for part in (each for each in events if each.type.startswith("part.")):
            name = receipt_json(part.segment, part.run, part.stage, part.part)
            stored = self.ports.ledger.fact(Receipt, name)
            yield from stored.value.refused if stored else ()

    def _compared(self, delivered: Sequence[Named]) -> Iterator[Compared]:
        known = {account.id: account for account in self.deployment.accounts}
        members, garbled = (self.folder / name for name in ("members", "garbled"))
        for name, expected in self.cargo.digests().items():
            audience = known[name[0]].audiences[name[1]]
            self.deployment.control.save_members(name[0], audience, members)
            self.deployment.control.save_garbled(name[0], audience, garbled)
            told = (refused for each, refused in delivered if each.segment.place == name)
            refused = confront(read_digests(garbled), chain.from_iterable(told))
            yield name, compare(expected, garbled, members), refused

    def _requests_within(self, pause: Pause) -> int:
        calls = self.deployment.control.calls(service="google_ads", account=pause.account)
        return requests_within(pause, calls)
