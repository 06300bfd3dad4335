"""What every request to the destination must keep: under a live lease, alone on its account, for work that is still to be done."""

from dataclasses import dataclass

from infra.local.ads.jobs import Job as AdsJob
from shared import names
from shared.lease import Terms
from shared.model.manifest import Stage
from shared.model.state import SEALED, Lease
from shared.ports import Blob
from tests.support.watch.mirror import Mirror, RunId, Who, require
from tests.support.watch.records import Picks, people_of

Passed = dict[str, float]


@dataclass(eq=False)
class Flight:
    """A request at the server. `excused`: it lasts longer, or was held back longer, than the promise covers."""

    who: Who
    excused: bool


class Calls:
    """When each process took its account's lease, and when it last renewed it, by Cloud Storage's clock; `called`: its
    last request. `order`: the stages whose jobs were run, as they were."""

    def __init__(self, mirror: Mirror, terms: Terms, picks: Picks) -> None:
        self._mirror = mirror
        self._picks = picks
        self._terms = terms
        self._taken: dict[Who, Passed] = {}
        self._renewed: dict[Who, Passed] = {}
        self._flights: dict[str, list[Flight]] = {}
        self.called: dict[Who, float] = {}
        self.order: list[tuple[RunId, int]] = []
        self.overlaps = 0
        self.calls = 0

    def leased(self, blob: Blob, lease: Lease, who: Who) -> None:
        if lease.state == "held":
            self._taken.setdefault(who, {}).setdefault(blob.name, blob.created.timestamp())
            self._renewed.setdefault(who, {})[blob.name] = blob.created.timestamp()

    def begins(self, who: Who, kind: str, account: str, now: float) -> None:
        """After the process's last look, before anything else can happen."""
        self.calls += 1
        lease = names.lease_json(account)
        since = self._renewed.get(who, {}).get(lease)
        require(since is not None, "I1b", f"{who} called {kind} without a lease")
        ends = now + self._terms.call + self._terms.margin
        require(
            ends <= (since or 0) + self._terms.term,
            "I1b",
            f"{who} called {kind}, which its lease may not outlast",
        )
        paused = self._mirror.pause(account).paused
        require(who.task is None or not paused, "I1b", f"{who} called {kind} although the account was paused")
        self.called[who] = now
        require(not who.given_up, "I11", f"{who} is given up, and called {kind}")
        self._for_a_reason(who, kind, self._taken[who][lease])

    def _for_a_reason(self, who: Who, kind: str, leased: float) -> None:
        """Whatever is read under the lease is not asked for again."""
        if who.task is None:
            return
        run, stage = (who.task.segment, who.task.run), who.task.stage
        require(
            not self._before(names.outcome_json(*run), who.began),
            "I13",
            f"{who} called {kind} for a run that had ended",
        )
        if kind == "add":
            receipt = names.receipt_json(*run, stage, who.task.part)
            require(not self._before(receipt, leased), "I1c", f"{who} sent a part whose receipt was there")
            job = self._mirror.job(run, stage)
            sealed = job and job.state in SEALED and self._before(names.job_json(*run, stage), leased)
            require(not sealed, "I3", f"{who} added to a job that was sealed")

    def _before(self, name: str, moment: float) -> bool:
        blob = self._mirror.blobs.get(name)
        return blob is not None and blob.created.timestamp() < moment

    def enters(self, account: str, flight: Flight) -> None:
        flying = self._flights.setdefault(account, [])
        flying.append(flight)
        if len(flying) > 1:
            self.overlaps += 1
            excused = any(each.excused for each in flying)
            require(
                excused,
                "I1",
                f"two requests on {account} at once: {', '.join(str(each.who) for each in flying)}",
            )

    def leaves(self, account: str, flight: Flight) -> None:
        self._flights[account].remove(flight)

    def runs(self, who: Who, job: AdsJob, working: list[AdsJob]) -> None:
        """A Run that is about to start the job; `working`: those that are at work on its audience."""
        require(not working, "I2", f"{who} ran a second job on an audience")
        require(job.resource_name in self._mirror.jobs, "I3", f"{who} ran a job that is not in the ledger")
        segment, run, number = self._mirror.jobs[job.resource_name]
        document = self._mirror.job((segment, run), number)
        state = document.state if document else "gone"
        require(state != "abandoned", "I4", f"{who} ran a job that was abandoned")
        require(state in SEALED, "I3", f"{who} ran a job that was {state}")
        self.order.append(((segment, run), number))
        manifest = self._mirror.manifest((segment, run))
        if manifest and document:
            self._filled((segment, run), manifest.stage(number), job, str(document.k))

    def _filled(self, run: RunId, stage: Stage, job: AdsJob, k: str) -> None:
        complete, everybody = True, set[int]()
        taken: set[int] = set()
        key_type = self._mirror.run(run).target.upload_key_type
        for part in stage.parts:
            receipt = self._mirror.receipt(run, stage.number, part.number)
            require(
                receipt,
                "I3",
                f"stage {stage.number} of {run} was run before part {part.number} had its receipt",
            )
            metadata = receipt.metadata if receipt else {}
            failed = metadata.get("status") == "failed"
            require(
                failed or metadata.get("k") == k,
                "I3",
                f"part {part.number} of {run} was taken by another job",
            )
            people = set(self._people(part.name, key_type))
            everybody |= people
            taken |= set() if failed else {person for person in people if not self._picks(person)}
            complete = complete and not failed
        replaces = self._mirror.run(run).mode == "replace"
        require(job.removes_all == replaces, "I3", f"{run}: everybody goes out first: {job.removes_all}")
        require(complete or not replaces, "I8", f"{run} replaces an audience by a part of the new one")
        inside = set(job.waiting)
        require(
            taken <= inside, "I7", f"{run}: {len(taken - inside)} people that were taken are not in the job"
        )
        require(inside <= everybody, "I7", f"{run}: {len(inside - everybody)} strangers are in the job")

    def _people(self, part: str, key_type: str) -> list[int]:
        return people_of(self._mirror.blobs[part].content, key_type)
