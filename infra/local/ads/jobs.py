"""Jobs and user lists as the fake Google Ads keeps them, and what they look like at a moment. Pure."""

from array import array
from dataclasses import dataclass, field, replace
from enum import StrEnum

from infra.local.ads.losses import Loss
from infra.local.ads.operations import Batch, JobSoFar
from infra.local.ads.timing import Timing

# Google Ads API: a job has to be run within five days of its creation.
UNRUN_LIFETIME_SECONDS = 5 * 86_400.0
# Google Ads API: membership_life_span is between 0 and 540 inclusive.
MAX_MEMBERSHIP_DAYS = 540


class Standing(StrEnum):
    """How Google Ads thinks of an account. Each but GOOD refuses something, until a control order says otherwise."""

    GOOD = "good"
    NOT_ALLOWLISTED = "not_allowlisted"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    NOT_ENABLED = "not_enabled"


class Status(StrEnum):
    """OfflineUserDataJobStatus. A job enters PENDING by Create, moves on by Run and the passing of time."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Consent:
    """ConsentStatus names, as sent with the job; "UNSPECIFIED" where nothing was said."""

    ad_user_data: str = "UNSPECIFIED"
    ad_personalization: str = "UNSPECIFIED"

    @property
    def denied(self) -> bool:
        return "DENIED" in (self.ad_user_data, self.ad_personalization)


@dataclass(frozen=True)
class NewJob:
    """What a Create asks for. `external_id` 0 means that the client chose none."""

    customer_id: str
    user_list_id: int
    external_id: int = 0
    consent: Consent = Consent()
    previews_match_rate: bool = False


@dataclass(slots=True)
class Job:
    """A job; its operations wait as digests. Times are epoch seconds, `started` is None before Run. `failure`: the
    OfflineUserDataJobFailureReason that it will fail with, "" for none. `seconds`: how long it takes, 0 for as long as the rest.
    `lost`: the digests of whom faults kept out of it, by request."""

    id: int
    order: NewJob
    created: float
    started: float | None = None
    kind: str = ""
    removes_all: bool = False
    waiting: "array[int]" = field(default_factory=lambda: array("Q"))
    settled: bool = False
    failure: str = ""
    seconds: float = 0.0
    lost: dict[bytes, "array[int]"] = field(default_factory=dict)

    @property
    def resource_name(self) -> str:
        return f"customers/{self.order.customer_id}/offlineUserDataJobs/{self.id}"

    @property
    def so_far(self) -> JobSoFar:
        return JobSoFar(self.kind, fresh=not (self.kind or self.removes_all))

    def extend(self, batch: Batch) -> None:
        self.kind = batch.kind
        self.removes_all = self.removes_all or batch.removes_all
        self.waiting.extend(batch.digests)

    def miss(self, loss: Loss) -> None:
        """The request has had its effect, for the first time or again."""
        self.lost[loss.request] = loss.digests

    def settle(self) -> None:
        """Marks a job whose end has taken effect, and frees its operations."""
        self.settled, self.waiting = True, array("Q")

    def expired(self, now: float) -> bool:
        return self.started is None and now >= self.created + UNRUN_LIFETIME_SECONDS

    def status(self, now: float, timing: Timing) -> Status:
        timing = replace(timing, job_seconds=self.seconds) if self.seconds else timing
        if self.started is None or now < self.started + timing.queued_seconds:
            return Status.PENDING
        if now < self.started + timing.job_seconds:
            return Status.RUNNING
        return Status.FAILED if self.order.consent.denied or self.failure else Status.SUCCESS


@dataclass(frozen=True)
class NewList:
    """What a MutateUserLists asks to create: a list of Customer Match."""

    customer_id: str
    name: str
    upload_key_type: str
    membership_days: int = MAX_MEMBERSHIP_DAYS


@dataclass(slots=True)
class UserList:
    """An audience. `members` holds digests. `type` and `membership_status` are names of UserListType and UserListMembershipStatus; only a
    list that is CRM_BASED has an upload key type. `read_only`: shared by another account."""

    id: int
    name: str
    upload_key_type: str
    members: set[int] = field(default_factory=set)
    membership_days: int = MAX_MEMBERSHIP_DAYS
    type: str = "CRM_BASED"
    membership_status: str = "OPEN"
    read_only: bool = False

    @property
    def takes_people(self) -> bool:
        return self.type == "CRM_BASED" and not self.read_only

    def take(self, job: Job) -> None:
        """Lets a successful job's operations take effect."""
        if job.removes_all:
            self.members.clear()
        if job.kind == "remove":
            self.members.difference_update(job.waiting)
        else:
            self.members.update(job.waiting)


@dataclass(slots=True)
class Customer:
    """One Google Ads account and what belongs to it, by id. `jobs_fail`: the reason that jobs which are run now will fail with;
    `jobs_take`: the seconds that they will take, 0 for as long as those of other accounts."""

    id: str
    user_lists: dict[int, UserList] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    standing: Standing = Standing.GOOD
    jobs_fail: str = ""
    jobs_take: float = 0.0
