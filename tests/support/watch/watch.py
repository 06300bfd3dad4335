"""The invariants of docs/protocol.md, asserted at every step of a simulated world; `rest` asserts what holds when nothing moves."""

from collections import defaultdict
from collections.abc import Callable

from shared import names
from shared.lease import Terms
from shared.model.receipt import Receipt
from shared.model.state import Lease, Line, Pause
from shared.model.topology import Topology
from shared.names import parse_pause
from shared.ports import Blob
from tests.support.watch.calls import Calls
from tests.support.watch.messages import Known, Messages
from tests.support.watch.mirror import Mirror, RunId, Who, require
from tests.support.watch.pauses import Pauses
from tests.support.watch.records import Picks, records_of, refused_in
from tests.support.watch.writes import Writes

Audience = tuple[str, str]


class Watch:
    def __init__(
        self, topology: Topology, known: Known, at_work: Callable[[str], bool], picks: Picks
    ) -> None:
        times = topology.lease
        call = topology.destinations["google_ads"].call_timeout_seconds
        terms = Terms(call, times.margin_seconds, times.settle_seconds)
        self.settle = times.settle_seconds
        self.longest = call + times.margin_seconds + times.settle_seconds
        self.mirror = Mirror()
        self.writes = Writes(self.mirror, topology.chunking.grace_seconds, at_work, picks)
        self.calls = Calls(self.mirror, terms, picks)
        self.pauses = Pauses(self.mirror, self.calls)
        self.messages = Messages(self.mirror, known, self.pauses.events)

    def wrote(self, blob: Blob, who: Who) -> None:
        before = self.mirror.get(blob.name)
        self.writes.wrote(blob, who)
        document = self.mirror.get(blob.name)
        if isinstance(document, Pause):
            self.pauses.wrote(parse_pause(blob.name), before, document, who, blob.created.timestamp())
        if isinstance(document, Lease):
            self.calls.leased(blob, document, who)

    def stored_part(self, blob: Blob) -> None:
        require(not self.mirror.has(blob.name), "I5", f"the part {blob.name} was written again")
        self.mirror.blobs[blob.name] = blob

    def removed(self, name: str) -> None:
        self.mirror.drop(name)

    # Nothing moves

    def rest(self, members: dict[Audience, set[int]], held: dict[str, bool]) -> None:
        """After the faults have stopped and sweeps have passed. `held`: whether each account's queue is."""
        self.pauses.rest(held, set(self.messages.told))
        left = [name for name in self.mirror.blobs if name.startswith("open/")]
        require(not left, "L1", f"markers are left: {', '.join(left)}")
        for name, document in self.mirror.stored.items():
            if isinstance(document, Line):
                claims = (document.owner, document.filling, document.running)
                require(claims == (None, 0, None), "L2", f"{name} is still claimed: {claims}")
        for run in self.mirror.opened:
            self._ended(run)
        self._members(members)

    def _ended(self, run: RunId) -> None:
        require(self.mirror.outcome(run), "L1", f"{run} has no outcome")
        require(
            names.event_id(*run, "outcome") in self.messages.told,
            "L1",
            f"the outcome of {run} was never told",
        )
        prefix = f"{names.run_prefix(*run)}/stages/"
        receipts = [
            document.as_event()
            for name, document in self.mirror.stored.items()
            if name.startswith(prefix) and isinstance(document, Receipt)
        ]
        failed = [each for each in receipts if each.type == "part.failed"]
        lost = [each.event_id for each in failed if (*run, each.part) not in self.messages.buried]
        require(not lost, "L1", f"failed without a dead letter: {', '.join(lost)}")
        untold = [each.event_id for each in receipts if each.event_id not in self.messages.told]
        require(not untold, "L1", f"never told: {', '.join(untold)}")

    def _members(self, members: dict[Audience, set[int]]) -> None:
        """An audience holds whoever was accepted, and of the others at most those of parts that failed after a request."""
        accepted, possible = self._sent()
        for audience, inside in members.items():
            missing, strangers = accepted[audience] - inside, inside - possible[audience]
            require(not missing, "I7", f"{len(missing)} accepted people are not in {audience}")
            require(not strangers, "I7", f"{len(strangers)} people in {audience} were not sent")

    def _sent(self) -> tuple[defaultdict[Audience, set[int]], defaultdict[Audience, set[int]]]:
        """Who must be in each audience, and who may be: the successful stages folded in the order in which their jobs ran."""
        accepted: defaultdict[Audience, set[int]] = defaultdict(set)
        possible: defaultdict[Audience, set[int]] = defaultdict(set)
        for run, number in self.calls.order:
            result = self.mirror.result(run, number)
            if result and result.status == "SUCCESS":
                audience = (self.mirror.run(run).target.account, self.mirror.run(run).target.audience)
                taken, sent = self._people(run, number)
                match self.mirror.run(run).mode:
                    case "append":
                        accepted[audience] |= taken
                        possible[audience] |= sent
                    case "remove":
                        accepted[audience] -= sent
                        possible[audience] -= taken
                    case "replace":
                        accepted[audience], possible[audience] = taken, sent
        return accepted, possible

    def _people(self, run: RunId, number: int) -> tuple[set[int], set[int]]:
        """Of a stage, without those that the destination refused: the people of parts that were taken, and all."""
        manifest, key_type = self.mirror.manifest(run), self.mirror.run(run).target.upload_key_type
        taken: set[int] = set()
        sent: set[int] = set()
        for part in manifest.stage(number).parts if manifest else ():
            receipt = self.mirror.receipt(run, number, part.number)
            refused = refused_in(self.mirror.get(receipt.name)) if receipt else {}
            records = records_of(self.mirror.blobs[part.name].content, key_type)
            people = {record.person for record in records if record.place not in refused}
            sent |= people
            taken |= people if receipt and receipt.metadata["status"] == "taken" else set()
        return taken, sent
