"""The fake Google Ads: customers, their audiences and jobs, by the rules of OfflineUserDataJobService.

Synchronous and deterministic: nothing happens but in a call, and a job's passing of time is caught up with by
`now`. It does no I/O and knows no wire; which requests overlap is traffic.py's business.
"""

from array import array
from collections.abc import Callable, Iterable
from itertools import chain

from infra.local.ads.jobs import Customer, Job, NewJob, NewList, Standing, Status, UserList
from infra.local.ads.operations import ERROR, Batch
from infra.local.ads.person import IDENTIFIERS
from infra.local.ads.problems import Refused, concurrent_modification, refused
from infra.local.ads.timing import Timing

FIRST_JOB_ID = 1_000_000_001
FIRST_LIST_ID = 9_000_000_001
# What an account that is not in good standing is told by the services of jobs, and by all.
JOBS_REFUSED = {
    Standing.NOT_ALLOWLISTED: (
        "NotAllowlistedError.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
        "Customer is not allowlisted for accessing this feature.",
    ),
    Standing.TERMS_NOT_ACCEPTED: (
        f"{ERROR}.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
        "The customer has not accepted the customer data terms.",
    ),
}
LIST_PATH = ("job", "customer_match_user_list_metadata", "user_list")
NOT_ENABLED = "AuthorizationError.CUSTOMER_NOT_ENABLED"
OVER = (Status.SUCCESS, Status.FAILED)


class AdsEngine:
    """`now` gives epoch seconds of simulated time. Wrong requests raise Refused and change nothing."""

    def __init__(self, now: Callable[[], float], timing: Timing) -> None:
        self.timing = timing
        self._now = now
        self._customers: dict[str, Customer] = {}
        self._next_job_id = FIRST_JOB_ID

    def declare(self, customer_id: str, user_lists: Iterable[UserList]) -> None:
        """Makes an account known, or gives a known one more audiences; what exists stays as it is. A list whose id is 0 gets one,
        unless the account has a list of its name."""
        customer = self._customers.setdefault(customer_id, Customer(customer_id))
        for user_list in user_lists:
            if user_list.upload_key_type not in IDENTIFIERS:
                raise ValueError(f"upload_key_type is one of {', '.join(IDENTIFIERS)}")
            if user_list.id:
                customer.user_lists.setdefault(user_list.id, user_list)
            elif user_list.name not in _names(customer):
                self._add_list(customer, user_list)

    def judge(self, customer_id: str, standing: Standing) -> None:
        """From now on, until it is judged anew. Raises KeyError for an unknown account, as do the next three."""
        self._customers[customer_id].standing = standing

    def let_jobs_fail(self, customer_id: str, reason: str) -> None:
        """Jobs that are run from now on fail with this OfflineUserDataJobFailureReason; "": they no longer do."""
        self._customers[customer_id].jobs_fail = reason

    def let_jobs_take(self, customer_id: str, seconds: float) -> None:
        """Jobs that are run from now on; 0: as long as those of other accounts."""
        self._customers[customer_id].jobs_take = seconds

    def enlist(self, customer_id: str, user_list_id: int, digests: Iterable[int]) -> None:
        """Makes people members who were there before anybody looked."""
        self._customers[customer_id].user_lists[user_list_id].members.update(digests)

    def knows(self, customer_id: str) -> bool:
        return customer_id in self._customers

    def customer(self, customer_id: str) -> Customer:
        """The account and all that time has done to it; raises Refused for one not to be seen."""
        customer = self._customers.get(customer_id)
        if customer is None:
            words = "The caller has no permission to access this customer."
            raise refused("AuthorizationError.USER_PERMISSION_DENIED", words)
        if customer.standing is Standing.NOT_ENABLED:
            raise refused(NOT_ENABLED, "The customer account can't be accessed: it is not enabled.")
        self._catch_up(customer)
        return customer

    def _uploader(self, customer_id: str) -> Customer:
        """The account, if Google takes uploads from it."""
        customer = self.customer(customer_id)
        if problem := JOBS_REFUSED.get(customer.standing):
            raise refused(*problem)
        return customer

    def job(self, customer_id: str, job_id: int) -> Job:
        job = self._uploader(customer_id).jobs.get(job_id)
        if job is None:
            raise refused("RequestError.RESOURCE_NOT_FOUND", "The job does not exist.", "resource_name")
        return job

    def user_list(self, job: Job) -> UserList:
        return self._customers[job.order.customer_id].user_lists[job.order.user_list_id]

    def status(self, job: Job) -> Status:
        return job.status(self._now(), self.timing)

    def members(self, customer_id: str, user_list_id: int) -> "array[int]":
        """The digests of an audience's members, sorted. Raises KeyError for an unknown one."""
        self._catch_up(self._customers[customer_id])
        return array("Q", sorted(self._customers[customer_id].user_lists[user_list_id].members))

    def lost(self, customer_id: str, user_list_id: int) -> "array[int]":
        """The digests of whom faults kept out of an audience's successful jobs, sorted, each as often as he was. KeyError as above."""
        customer = self._customers[customer_id]
        user_list = customer.user_lists[user_list_id]
        jobs = (each for each in customer.jobs.values() if each.order.user_list_id == user_list.id)
        done = (each.lost.values() for each in jobs if self.status(each) is Status.SUCCESS)
        return array("Q", sorted(chain.from_iterable(chain.from_iterable(done))))

    def list_named(self, customer_id: str, name: str) -> int:
        """The number of the account's user list of this name, 0 where there is none. KeyError for an unknown account."""
        lists = self._customers[customer_id].user_lists.values()
        return next((each.id for each in lists if each.name == name), 0)

    def check_create_list(self, order: NewList) -> None:
        if order.name in _names(self.customer(order.customer_id)):
            words = "Name is already being used for another user list for the account."
            raise refused("UserListError.NAME_ALREADY_USED", words, "operations", "create", "name")

    def create_list(self, order: NewList) -> UserList:
        self.check_create_list(order)
        made = UserList(0, order.name, order.upload_key_type, membership_days=order.membership_days)
        return self._add_list(self._customers[order.customer_id], made)

    def _add_list(self, customer: Customer, user_list: UserList) -> UserList:
        user_list.id = max(FIRST_LIST_ID, 1 + max(customer.user_lists, default=0))
        customer.user_lists[user_list.id] = user_list
        return user_list

    def check_create(self, order: NewJob) -> None:
        customer = self._uploader(order.customer_id)
        user_list = customer.user_lists.get(order.user_list_id)
        if user_list is None:
            raise unknown_user_list()
        if not user_list.takes_people:
            error = f"{ERROR}.INVALID_USER_LIST_TYPE"
            raise refused(error, "Type of the user list is not applicable for the job.", *LIST_PATH)
        if order.external_id and order.external_id in {
            job.order.external_id for job in customer.jobs.values()
        }:
            error = f"{ERROR}.EXTERNAL_UPDATE_ID_ALREADY_EXISTS"
            raise refused(error, "The external ID already exists.", "job", "external_id")

    def create(self, order: NewJob) -> Job:
        self.check_create(order)
        job = Job(self._next_job_id, order, self._now())
        self._next_job_id += 1
        self._customers[order.customer_id].jobs[job.id] = job
        return job

    def check_unstarted(self, job: Job) -> None:
        if job.started is not None:
            raise refused(f"{ERROR}.JOB_ALREADY_STARTED", "The job has been started already.")

    def add(self, job: Job, batch: Batch) -> None:
        self.check_unstarted(job)
        job.extend(batch)

    def check_run(self, job: Job) -> None:
        """A job may not start while another works on the same audience."""
        self.check_unstarted(job)
        customer = self.customer(job.order.customer_id)
        beside = (
            each for each in customer.jobs.values() if each.order.user_list_id == job.order.user_list_id
        )
        if any(self._works(each) for each in beside):
            raise concurrent_modification()

    def run(self, job: Job) -> None:
        self.check_run(job)
        job.started = self._now()
        customer = self._customers[job.order.customer_id]
        job.failure, job.seconds = customer.jobs_fail, customer.jobs_take

    def _works(self, job: Job) -> bool:
        return job.started is not None and self.status(job) not in OVER

    def _catch_up(self, customer: Customer) -> None:
        """Lets finished jobs take effect, in the order of their ends; drops those not run in time."""
        now = self._now()
        for job in [each for each in customer.jobs.values() if each.expired(now)]:
            del customer.jobs[job.id]
        over = [each for each in customer.jobs.values() if not each.settled and self.status(each) in OVER]
        for job in sorted(over, key=lambda each: each.started or 0.0):
            if self.status(job) is Status.SUCCESS:
                customer.user_lists[job.order.user_list_id].take(job)
            job.settle()


def unknown_user_list() -> Refused:
    return refused(f"{ERROR}.INVALID_USER_LIST_ID", "The user list ID is invalid.", *LIST_PATH)


def _names(customer: Customer) -> set[str]:
    """Those that are taken: a list that another account shares may have any."""
    return {each.name for each in customer.user_lists.values() if not each.read_only}
