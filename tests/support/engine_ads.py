"""The uploader's destination over the fake Google Ads: requests take time, stay in flight without their client, and overlap."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)

from infra.local.ads import failure
from infra.local.ads.engine import AdsEngine
from infra.local.ads.jobs import Consent, Job, NewJob, NewList, Status, UserList
from infra.local.ads.operations import check
from infra.local.ads.problems import Refused as RefusedCall
from infra.local.ads.problems import concurrent_modification
from infra.local.ads.traffic import Passage, Traffic
from services.uploader.destination import FoundList, JobPhase, JobStatus, Refused
from shared.model.run import Target
from shared.verdict import Failure
from shared.wire.google_ads import add_operations_header
from tests.support.effects import Died, Fault, Gate
from tests.support.stage import Stage
from tests.support.watch.calls import Flight
from tests.support.watch.mirror import NOBODY, Who
from tests.support.watch.records import Picks
from tests.support.watch.watch import Watch

T = TypeVar("T")

_ADD = AddOfflineUserDataJobOperationsRequest.pb()
_PHASES: dict[Status, JobPhase] = {
    Status.PENDING: "PENDING",
    Status.RUNNING: "RUNNING",
    Status.SUCCESS: "SUCCESS",
    Status.FAILED: "FAILED",
}


@dataclass
class _Answer(Generic[T]):
    """What the server has said, once it has; its client may no longer be there to hear it."""

    value: T | Failure


@dataclass(frozen=True)
class EngineAds:
    """`picks`: whom the destination refuses, each operation by itself, however often it is sent."""

    engine: AdsEngine
    traffic: Traffic
    gate: Gate
    stage: Stage
    watch: Watch
    picks: Picks

    @property
    def who(self) -> Who:
        acting = self.stage.acting
        return acting if isinstance(acting, Who) else NOBODY

    def renew(self, target: Target) -> None:
        """Its requests come without tokens."""

    def create_job(self, target: Target, external_id: int, seconds: float) -> str | Failure:
        order = NewJob(target.account, int(target.list_id), external_id, _consent(target))
        return self._request(
            "create_job", target.account, seconds, lambda: self.engine.create(order).resource_name
        )

    def find_job(self, target: Target, external_id: int, seconds: float) -> JobStatus | Failure | None:
        return self._search(target, seconds, lambda job: job.order.external_id == external_id)

    def job_status(self, target: Target, job: str, seconds: float) -> JobStatus | Failure | None:
        return self._search(target, seconds, lambda each: each.resource_name == job)

    def add(
        self, target: Target, job: str, frame: bytes | bytearray | memoryview, seconds: float
    ) -> tuple[Refused, ...] | Failure:
        request = _ADD.FromString(add_operations_header(job, enable_partial_failure=True) + bytes(frame))
        identifiers = sum(len(each.create.user_identifiers) for each in request.operations)
        return self._request(
            "add", target.account, seconds, lambda: self._add(request), identifiers, adding=True
        )

    def run_job(self, target: Target, job: str, seconds: float) -> Literal["started"] | Failure:
        return self._request("run_job", target.account, seconds, lambda: self._run(job))

    def find_list(self, target: Target, seconds: float) -> tuple[FoundList, ...] | Failure:
        def found() -> tuple[FoundList, ...]:
            lists = self.engine.customer(target.account).user_lists.values()
            return tuple(_found(each) for each in lists if _is_meant(each, target))

        return self._request("find_list", target.account, seconds, found)

    def create_list(self, target: Target, seconds: float) -> str | Failure:
        order = NewList(target.account, target.list_name, target.upload_key_type, target.membership_days)
        return self._request(
            "create_list", target.account, seconds, lambda: str(self.engine.create_list(order).id)
        )

    def list_size(self, target: Target, seconds: float) -> int | Failure:
        def size() -> int:
            user_list = self.engine.customer(target.account).user_lists.get(int(target.list_id))
            return len(user_list.members) if user_list else 0

        return self._request("list_size", target.account, seconds, size)

    def examine(self, target: Target, seconds: float) -> Literal["welcome"] | Failure:
        order = NewJob(target.account, int(target.list_id), consent=_consent(target))

        def check() -> Literal["welcome"]:
            self.engine.check_create(order)
            return "welcome"

        return self._request("examine", target.account, seconds, check)

    def _add(self, request: Any) -> tuple[Refused, ...]:
        job = self._job(request.resource_name)
        batch = check(request.operations, self.engine.user_list(job).upload_key_type, job.so_far)
        codes = [self.picks(person) for person in batch.digests]
        batch.digests = array(
            "Q", (person for person, code in zip(batch.digests, codes, strict=True) if not code)
        )
        self.engine.add(job, batch)
        found = [Refused(problem.path[0][1] or 0, problem.error) for problem in batch.problems]
        # what the chunker makes has no problems, so that each operation has its digest
        return tuple(found or [Refused(index, code) for index, code in enumerate(codes) if code])

    def _run(self, name: str) -> Literal["started"]:
        job = self._job(name)
        if job.started is None:
            jobs = self.engine.customer(job.order.customer_id).jobs.values()
            others = [
                each
                for each in jobs
                if each.started is not None and each.order.user_list_id == job.order.user_list_id
            ]
            self.watch.calls.runs(self.who, job, [each for each in others if not self._over(each)])
        self.engine.run(job)
        return "started"

    def _over(self, job: Job) -> bool:
        return self.engine.status(job) in (Status.SUCCESS, Status.FAILED)

    def _job(self, resource: str) -> Job:
        _, account, _, number = resource.split("/")
        return self.engine.job(account, int(number))

    def _search(
        self, target: Target, seconds: float, wanted: Callable[[Job], bool]
    ) -> JobStatus | Failure | None:
        def found() -> JobStatus | None:
            jobs = self.engine.customer(target.account).jobs.values()
            return next((self._status(job) for job in jobs if wanted(job)), None)

        return self._request("search", target.account, seconds, found)

    def _status(self, job: Job) -> JobStatus:
        phase = _PHASES[self.engine.status(job)]
        return JobStatus(job.resource_name, phase, str(job.order.user_list_id), failure=job.failure)

    def _request(
        self,
        method: str,
        account: str,
        limit: float,
        act: Callable[[], T],
        identifiers: int = 0,
        *,
        adding: bool = False,
    ) -> T | Failure:
        """The server works on it as long as it takes, the client waits for `limit` seconds."""
        who, looked = self.who, self.stage.now
        self.watch.calls.begins(who, method, account, looked)
        fault = self.gate.passed(method, account)
        extra = fault.seconds if fault and fault.action in ("slow", "die_during") else 0.0
        lasts = self.engine.timing.request_seconds(identifiers) + extra
        answer: _Answer[T] = _Answer(Failure("DEADLINE_EXCEEDED"))
        held_back = self.stage.now - looked
        excused = held_back + lasts > self.watch.longest or lasts > limit + self.watch.settle

        def serve() -> None:
            flying = self._flying(account, Flight(who, excused))
            with flying, self.traffic.passage(account, adding=adding) as passage:
                self.stage.pause(lasts)
                answer.value = _answered(act, passage, fault)

        if fault and fault.action == "die_during":
            self.stage.spawn(who, serve)
            raise Died
        if lasts > limit:
            self.stage.spawn(who, serve)
            self.stage.pause(limit)
        else:
            serve()
        if fault and fault.action == "freeze_after":
            self.stage.pause(fault.seconds)
        return _heard(answer.value, fault)

    @contextmanager
    def _flying(self, account: str, flight: Flight) -> Iterator[None]:
        self.watch.calls.enters(account, flight)
        try:
            yield
        finally:
            self.watch.calls.leaves(account, flight)


def _answered(act: Callable[[], T], passage: Passage, fault: Fault | None) -> T | Failure:
    if fault and fault.action == "refuse":
        return fault.failure
    try:
        if passage.spoilt:
            raise concurrent_modification()
        return act()
    except RefusedCall as refused:
        codes = tuple(problem.error for problem in refused.problems)
        delay = failure.RETRY_DELAY_SECONDS.get(codes[0], 0)
        return Failure(failure.ending(refused, "").code.name, codes, delay)


def _heard(value: T | Failure, fault: Fault | None) -> T | Failure:
    if fault and fault.action == "die_after":
        raise Died
    return Failure("UNAVAILABLE") if fault and fault.action == "lose" else value


def _consent(target: Target) -> Consent:
    return Consent(target.ad_user_data, target.ad_personalization)


def _is_meant(user_list: UserList, target: Target) -> bool:
    return str(user_list.id) == target.list_id if target.list_id else user_list.name == target.list_name


def _found(each: UserList) -> FoundList:
    key_type = each.upload_key_type if each.type == "CRM_BASED" else ""
    return FoundList(str(each.id), each.type, key_type, each.membership_status, each.read_only)
