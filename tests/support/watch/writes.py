"""What every write to the ledger must keep: facts stay, states move only as docs/protocol.md says, counts add up."""

from collections import defaultdict
from collections.abc import Callable

from shared import names
from shared.model.events import Event
from shared.model.manifest import Manifest
from shared.model.receipt import Receipt
from shared.model.state import SEALED, Claim, Job, Line, Result
from shared.ports import Blob
from tests.support.watch.mirror import Mirror, RunId, Who, is_fact, kind_of, require
from tests.support.watch.records import Picks, records_of, refused_in

CLOCKS = 2000.0
"""Seconds that two clocks of a simulated world may differ by, and a bit."""
_ORDER = ("creating", "opening", "filling", "sealed", "running")


class Writes:
    """`at_work`: whether Google works on a job of that name. `owned`: the runs that ever owned a line.
    `seen`: what each process found in its last list of open markers."""

    def __init__(self, mirror: Mirror, grace: float, at_work: Callable[[str], bool], picks: Picks) -> None:
        self._at_work = at_work
        self._mirror = mirror
        self._picks = picks
        self._grace = grace
        self._owned: set[RunId] = set()
        self._begun: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self._filled: dict[RunId, int] = {}
        self._seen: dict[Who, list[Blob]] = {}

    def listed(self, prefix: str, blobs: list[Blob], who: Who) -> None:
        if prefix.startswith("open/"):
            self._seen[who] = blobs

    def wrote(self, blob: Blob, who: Who) -> None:
        """Before the mirror has it."""
        before = self._mirror.get(blob.name)
        require(
            not (is_fact(blob.name) and self._mirror.has(blob.name)),
            "I5",
            f"{blob.name} was written again by {who}",
        )
        self._mirror.put(blob)
        after = self._mirror.get(blob.name)
        match kind_of(blob.name):
            case kind if kind is Job:
                self._job(blob.name, before, after)
            case kind if kind is Line:
                self._line(before or Line(), after, who)
            case kind if kind is Result:
                self._result(blob.name, after, who)
            case kind if kind is Manifest:
                _manifest(after)
            case kind if kind is Event:
                self._outcome(after)
            case kind if kind is Receipt:
                self._receipt(blob, after)

    def _job(self, name: str, before: Job | None, after: Job) -> None:
        if before is None:
            require(after.state in ("creating", "abandoned"), "I4", f"{name} begins as {after.state}")
            return
        if before.state == "abandoned":
            require(after.state == "abandoned", "I4", f"{name} came back from abandoned to {after.state}")
        elif after.state == "abandoned":
            require(before.state not in SEALED, "I4", f"{name} was abandoned after it was {before.state}")
        elif before.k == after.k:
            require(
                _ORDER.index(after.state) >= _ORDER.index(before.state),
                "I4",
                f"{name} went back to {after.state}",
            )
        else:
            require(
                before.state in _ORDER[:2] and not self._taken(name),
                "I4",
                f"{name} got another job under receipts",
            )

    def _result(self, name: str, after: Result, who: Who) -> None:
        """A job is lost only when Google has none: who gives up one that goes on does not know what it does to the audience."""
        known = after.status == "LOST" and self._at_work(after.job)
        require(not known, "I7", f"{who} gave up {after.job}, which goes on: {name}")

    def _taken(self, job: str) -> bool:
        receipts = job.replace("job.json", "receipts/")
        return any(
            name.startswith(receipts) and blob.metadata.get("status") == "taken"
            for name, blob in self._mirror.blobs.items()
        )

    def _line(self, before: Line, after: Line, who: Who) -> None:
        if before.owner != after.owner:
            self._new_owner(before, after, who)
        if after.owner and after.filling and (before.owner, before.filling) != (after.owner, after.filling):
            run, stage = (after.owner.segment, after.owner.run), after.filling
            require(
                stage == self._filled.get(run, 0) + 1,
                "I9",
                f"stage {stage} of {run} is filled out of its turn",
            )
            self._filled[run] = stage
        if before.running and before.running != after.running:
            run = (before.running.segment, before.running.run)
            require(after.running is None, "I9", "a running job's place was taken")
            require(
                self._mirror.result(run, before.running.stage),
                "I9",
                "a running job's place was freed without its result",
            )

    def _new_owner(self, before: Line, after: Line, who: Who) -> None:
        if before.owner:
            require(after.owner is None, "I9", f"the line of {before.owner} was stolen")
            self._left(before.owner, after)
        if after.owner:
            run = (after.owner.segment, after.owner.run)
            require(run not in self._owned, "I9", f"{run} owns the line a second time")
            require(not self._mirror.outcome(run), "I9", f"{run} owns the line after its outcome")
            require(after.filling == 1, "I9", f"{run} begins with stage {after.filling}")
            self._undoes_nothing(run)
            self._first_in_line(run, before, who)
            self._owned.add(run)

    def _first_in_line(self, run: RunId, line: Line, who: Who) -> None:
        """By the very list that the claim was decided on. A run still being chunked counts while its grace surely lasts."""
        mine = next(blob.name for blob in self._mirror.blobs.values() if open_run_of(blob.name) == run)
        placed = {(claim.segment, claim.run) for claim in (line.owner, line.running) if claim}
        for blob in self._seen.get(who, []):
            other = open_run_of(blob.name)
            if other and blob.name < mine and other not in placed:
                require(blob.metadata["ready"] != "1", "I9", f"{run} began before {other}, which was ready")
                opened = self._mirror.blobs[names.run_json(*other)].created.timestamp()
                require(
                    who.began - opened > self._grace - CLOCKS,
                    "I9",
                    f"{run} began before {other}, still being chunked",
                )

    def _undoes_nothing(self, run: RunId) -> None:
        """What went before on the audience, and landed later, must be of a kind that this run does not undo."""
        mine = self._mirror.run(run)
        place = mine.key or names.landing_key(self._mirror.blobs[names.run_json(*run)].created)
        begun = self._begun[mine.target.account, mine.target.audience]
        undone = {"append": ("remove", "replace"), "remove": ("append", "replace"), "replace": tuple(begun)}[
            mine.mode
        ]
        for mode in undone:
            require(begun.get(mode, "") <= place, "I9", f"{run} undoes a {mode} that landed later")
        begun[mine.mode] = max(begun.get(mine.mode, ""), mine.landing_key)

    def _left(self, owner: Claim, after: Line) -> None:
        run = (owner.segment, owner.run)
        manifest = self._mirror.manifest(run)
        last = Claim(*run, len(manifest.stages)) if manifest else None
        require(self._mirror.outcome(run) or after.running == last, "I9", f"{run} was put out of its line")

    def _receipt(self, blob: Blob, receipt: Receipt) -> None:
        """The records that were sent are the first ones of the part; which of them were refused, the destination knows."""
        event = receipt.as_event()
        _counts(event)
        run, refused = (event.segment, event.run), refused_in(receipt)
        manifest = self._mirror.manifest(run)
        part = manifest.part(event.part) if manifest else None
        require(part, "I6", f"{blob.name} is of a part that there is not")
        if not part:
            return
        records = records_of(
            self._mirror.blobs[part.name].content, self._mirror.run(run).target.upload_key_type
        )
        sent = records[: int(blob.metadata["accepted"]) + len(refused)]
        codes = {each.place: self._picks(each.person) for each in sent if self._picks(each.person)}
        require(refused == codes, "I6", f"{blob.name} names other lines than were refused")
        nothing = len(refused) == len(records) > 0
        counted = 0 if nothing and event.type == "part.failed" else len(refused)
        rejected = event.records_rejected - part.rejected
        require(
            rejected == int(blob.metadata["rejected"]) == counted,
            "I6",
            f"{blob.name} counts other records than it names",
        )
        require(not nothing or event.type == "part.failed", "I6", f"{blob.name} completes what was refused")

    def _outcome(self, event: Event) -> None:
        _counts(event)
        run = (event.segment, event.run)
        manifest = self._mirror.manifest(run)
        require(manifest, "I6", f"{run} ended without manifest")
        if event.type == "segment.superseded":
            require(run not in self._owned, "I9", f"{run} was superseded after it had begun")
        if (
            manifest
            and manifest.verdict == "ok"
            and event.type in ("segment.completed", "segment.partial", "segment.failed")
        ):
            self._delivered(run, manifest, event)

    def _delivered(self, run: RunId, manifest: Manifest, event: Event) -> None:
        if event.reason_code == "overtaken":
            require(run not in self._owned, "I9", f"{run} was overtaken after it had begun")
            return
        accepted = refused = 0
        for stage in manifest.stages:
            result = self._mirror.result(run, stage.number)
            require(result, "I6", f"{run} ended before stage {stage.number} did")
            blobs = [self._mirror.receipt(run, stage.number, part.number) for part in stage.parts]
            if result and result.status == "SUCCESS":
                accepted += sum(int(blob.metadata["accepted"]) for blob in blobs if blob)
                refused += sum(int(blob.metadata["rejected"]) for blob in blobs if blob)
        require(
            event.records_accepted == accepted,
            "I6",
            f"{run} accepted {event.records_accepted}, its receipts {accepted}",
        )
        require(
            event.records_rejected == manifest.rejected + refused, "I6", f"{run} counts its rejects wrongly"
        )
        require(event.records_skipped == manifest.skipped, "I6", f"{run} counts its skips wrongly")
        require(
            event.records_received == manifest.received,
            "I6",
            f"{run} received another number than its manifest",
        )


def _manifest(manifest: Manifest) -> None:
    if manifest.verdict == "ok":
        held = sum(part.records + part.rejected for part in manifest.parts) + manifest.skipped
        require(manifest.received == held, "I6", "a record of the source is in no part, or in two")


def _counts(event: Event) -> None:
    became = event.records_accepted + event.records_rejected + event.records_skipped + event.records_failed
    require(event.records_received == became, "I6", f"{event.event_id} does not add up")


def open_run_of(name: str) -> RunId | None:
    parsed = names.parse_open(name)
    return (parsed[1], parsed[2]) if parsed else None
