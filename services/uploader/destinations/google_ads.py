"""Google Ads: OfflineUserDataJobService, and job status by GAQL (there is no Get); user lists are in user_lists.py.

What a version of the API is made of is reached through api.py, a credential and its channel through client.py, one request and its
negative answer through calling.py and failures.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from services.uploader.destination import FoundList, JobPhase, JobStatus, Refused
from services.uploader.destinations import user_lists
from services.uploader.destinations.api import Api, api
from services.uploader.destinations.calling import Call, Calling
from services.uploader.destinations.client import CloudConnections
from services.uploader.destinations.partial_failures import refusals
from services.uploader.destinations.versions import warning
from shared.log import get_logger
from shared.model.run import Target
from shared.ports import Clock, Secrets
from shared.settings import Settings
from shared.verdict import Failure
from shared.wire.google_ads import add_operations_header

_JOBS, _SEARCH, _LISTS = "OfflineUserDataJobService", "GoogleAdsService", "UserListService"
_PHASES: dict[str, JobPhase] = {
    "PENDING": "PENDING",
    "RUNNING": "RUNNING",
    "SUCCESS": "SUCCESS",
    "FAILED": "FAILED",
}
_STATUS_FIELDS = (
    "offline_user_data_job.resource_name, offline_user_data_job.status, offline_user_data_job.failure_reason, "
    "offline_user_data_job.operation_metadata.match_rate_range, "
    "offline_user_data_job.customer_match_user_list_metadata.user_list"
)


@dataclass(frozen=True)
class GoogleAds:
    calling: Calling

    @classmethod
    def connect(cls, settings: Settings, secrets: Secrets, clock: Clock) -> "GoogleAds":
        """Nothing is asked of anybody yet. ConfigurationError for a version of the API that is not there."""
        version = api(settings.google_ads_version)
        if words := warning(version.version, clock.now().date()):
            get_logger().warning("api_version_near_sunset", version=version.version, words=words)
        return cls(Calling(version, CloudConnections(version, settings, secrets, clock), clock))

    @property
    def _api(self) -> Api:
        return self.calling.api

    def renew(self, target: Target) -> None:
        self.calling.renew(target)

    def create_job(self, target: Target, external_id: int, seconds: float) -> str | Failure:
        request = _new_job(target, self._api)
        request.job.external_id = external_id
        return self._create(request, target, seconds)

    def examine(self, target: Target, seconds: float) -> Literal["welcome"] | Failure:
        """A job that is only checked: it needs no external id, which a real one could meet again."""
        request = _new_job(target, self._api)
        request.validate_only = True
        answer = self._create(request, target, seconds)
        return answer if isinstance(answer, Failure) else "welcome"

    def _create(self, request: Any, target: Target, seconds: float) -> str | Failure:
        wrapped = self._api.jobs.CreateOfflineUserDataJobRequest.wrap(request)

        def create(call: Call) -> str:
            return str(call(_JOBS, "create_offline_user_data_job", wrapped).resource_name)

        return self.calling.answer(target, seconds, create)

    def find_job(self, target: Target, external_id: int, seconds: float) -> JobStatus | Failure | None:
        return self._job_where(target, f"offline_user_data_job.external_id = {external_id}", seconds)

    def job_status(self, target: Target, job: str, seconds: float) -> JobStatus | Failure | None:
        return self._job_where(target, f"offline_user_data_job.resource_name = '{job}'", seconds)

    def add(
        self, target: Target, job: str, frame: bytes | bytearray | memoryview, seconds: float
    ) -> tuple[Refused, ...] | Failure:
        """The frame is the serialised operations: the header in front makes it the whole request. With partial failure the answer is
        good and says which operations were not taken."""
        kind = self._api.jobs.AddOfflineUserDataJobOperationsRequest

        def add(call: Call) -> tuple[Refused, ...] | Failure:
            request = kind.pb(kind())
            request.MergeFromString(add_operations_header(job, enable_partial_failure=True))
            request.MergeFromString(frame)
            answer = call(_JOBS, "add_offline_user_data_job_operations", kind.wrap(request))
            return refusals(answer.partial_failure_error, len(request.operations), self._api.failure)

        return self.calling.answer(target, seconds, add)

    def run_job(self, target: Target, job: str, seconds: float) -> Literal["started"] | Failure:
        """The operation that Run returns is not used: the status alone survives a lost answer."""
        request = self._api.jobs.RunOfflineUserDataJobRequest(resource_name=job)

        def run(call: Call) -> Literal["started"]:
            call(_JOBS, "run_offline_user_data_job", request)
            return "started"

        return self.calling.answer(target, seconds, run)

    def find_list(self, target: Target, seconds: float) -> tuple[FoundList, ...] | Failure:
        request = user_lists.find_request(self._api, target)

        def find(call: Call) -> tuple[FoundList, ...]:
            return user_lists.found_lists(self._api, target, call(_SEARCH, "search", request))

        return self.calling.answer(target, seconds, find)

    def create_list(self, target: Target, seconds: float) -> str | Failure:
        request = user_lists.create_request(self._api, target)

        def create(call: Call) -> str:
            return user_lists.created_list(call(_LISTS, "mutate_user_lists", request))

        return self.calling.answer(target, seconds, create)

    def list_size(self, target: Target, seconds: float) -> int | Failure:
        request = user_lists.size_request(self._api, target)
        return self.calling.answer(
            target, seconds, lambda call: user_lists.size_in(call(_SEARCH, "search", request))
        )

    def _job_where(self, target: Target, condition: str, seconds: float) -> JobStatus | Failure | None:
        query = f"SELECT {_STATUS_FIELDS} FROM offline_user_data_job WHERE {condition}"
        request = self._api.search.SearchGoogleAdsRequest(customer_id=target.account, query=query)

        def search(call: Call) -> JobStatus | None:
            return _first_job(call(_SEARCH, "search", request), self._api)

        return self.calling.answer(target, seconds, search)


def _first_job(rows: Iterable[Any], version: Api) -> JobStatus | None:
    for row in rows:
        job = row.offline_user_data_job
        name = version.enum("OfflineUserDataJobStatus")(job.status).name
        return JobStatus(
            resource=job.resource_name,
            phase=_PHASES.get(name, "RUNNING"),
            list_id=job.customer_match_user_list_metadata.user_list.rpartition("/")[2],
            match_rate=_word(
                version.enum("OfflineUserDataJobMatchRateRange"), job.operation_metadata.match_rate_range
            ),
            failure=_word(version.enum("OfflineUserDataJobFailureReason"), job.failure_reason),
        )
    return None


def _word(enum: Any, number: int) -> str:
    """The value's name, empty where Google says nothing."""
    name = str(enum(number).name)
    return "" if name in ("UNSPECIFIED", "UNKNOWN") else name


def _new_job(target: Target, version: Api) -> Any:
    kind = version.jobs.CreateOfflineUserDataJobRequest
    request = kind.pb(kind())
    request.customer_id = target.account
    request.job.type_ = version.enum("OfflineUserDataJobType").CUSTOMER_MATCH_USER_LIST
    metadata = request.job.customer_match_user_list_metadata
    metadata.user_list = f"customers/{target.account}/userLists/{target.list_id}"
    _give_consent(metadata.consent, target, version)
    return request


def _give_consent(consent: Any, target: Target, version: Api) -> None:
    """UNSPECIFIED stays unset: consent is never granted by default."""
    for field in ("ad_user_data", "ad_personalization"):
        state = getattr(target, field)
        if state != "UNSPECIFIED":
            setattr(consent, field, version.enum("ConsentStatus")[state])
