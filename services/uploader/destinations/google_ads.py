"""Google Ads: OfflineUserDataJobService, and job status by GAQL (there is no Get). The only product code that imports google.ads.

The client has neither default retries nor timeouts: every call passes both, and retries stay in one layer, the queue's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import google.auth
import grpc
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.enums.types.consent_status import ConsentStatusEnum
from google.ads.googleads.v26.enums.types.offline_user_data_job_match_rate_range import (
    OfflineUserDataJobMatchRateRangeEnum,
)
from google.ads.googleads.v26.enums.types.offline_user_data_job_status import OfflineUserDataJobStatusEnum
from google.ads.googleads.v26.enums.types.offline_user_data_job_type import OfflineUserDataJobTypeEnum
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsRequest
from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
    CreateOfflineUserDataJobRequest,
    RunOfflineUserDataJobRequest,
)
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from services.uploader.destination import JobPhase, JobStatus, Refused
from services.uploader.destinations.failures import VERSION, failure_of
from services.uploader.destinations.partial_failures import refusals
from shared.model.run import Target
from shared.settings import Settings
from shared.verdict import Failure
from shared.wire.google_ads import add_operations_header

SCOPE = "https://www.googleapis.com/auth/adwords"

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

T = TypeVar("T")


@dataclass(frozen=True)
class GoogleAds:
    """One channel serves many accounts: `login-customer-id` is sent with each call."""

    jobs: Any
    search: Any
    credentials: Credentials

    @classmethod
    def connect(cls, settings: Settings) -> "GoogleAds":
        """Application Default Credentials; a developer token only where one is set, never an empty one."""
        credentials, _ = google.auth.default(scopes=[SCOPE])
        client = GoogleAdsClient(
            credentials=credentials,  # type: ignore[arg-type] # annotated as the dict that load_from_dict takes
            developer_token=settings.developer_token or None,
            endpoint=settings.emulators.google_ads or None,
            version=VERSION,
            use_proto_plus=False,
        )
        return cls(
            client.get_service("OfflineUserDataJobService"),
            client.get_service("GoogleAdsService"),
            credentials,
        )

    def create_job(self, target: Target, external_id: int, seconds: float) -> str | Failure:
        request = CreateOfflineUserDataJobRequest.pb(CreateOfflineUserDataJobRequest())
        request.customer_id = target.account
        request.job.type_ = _customer_match()
        request.job.external_id = external_id
        metadata = request.job.customer_match_user_list_metadata
        metadata.user_list = f"customers/{target.account}/userLists/{target.list_id}"
        _give_consent(metadata.consent, target)
        wrapped = CreateOfflineUserDataJobRequest.wrap(request)
        call = self.jobs.create_offline_user_data_job
        return self._answer(lambda: str(_called(call, wrapped, target, seconds).resource_name))

    def find_job(self, target: Target, external_id: int, seconds: float) -> JobStatus | Failure | None:
        return self._job_where(target, f"offline_user_data_job.external_id = {external_id}", seconds)

    def job_status(self, target: Target, job: str, seconds: float) -> JobStatus | Failure | None:
        return self._job_where(target, f"offline_user_data_job.resource_name = '{job}'", seconds)

    def add(
        self, target: Target, job: str, frame: bytes | bytearray | memoryview, seconds: float
    ) -> tuple[Refused, ...] | Failure:
        """The frame is the serialised operations: the header in front makes it the whole request. With partial failure the answer is
        good and says which operations were not taken."""
        request = AddOfflineUserDataJobOperationsRequest.pb(AddOfflineUserDataJobOperationsRequest())
        request.MergeFromString(add_operations_header(job, enable_partial_failure=True))
        request.MergeFromString(frame)
        wrapped = AddOfflineUserDataJobOperationsRequest.wrap(request)
        call = self.jobs.add_offline_user_data_job_operations
        answer = self._answer(lambda: _called(call, wrapped, target, seconds).partial_failure_error)
        return (
            answer
            if isinstance(answer, Failure)
            else refusals(answer, len(request.operations), GoogleAdsFailure)
        )

    def run_job(self, target: Target, job: str, seconds: float) -> Literal["started"] | Failure:
        """The operation that Run returns is not used: the status alone survives a lost answer."""
        request = RunOfflineUserDataJobRequest(resource_name=job)

        def run() -> Literal["started"]:
            _called(self.jobs.run_offline_user_data_job, request, target, seconds)
            return "started"

        return self._answer(run)

    def _job_where(self, target: Target, condition: str, seconds: float) -> JobStatus | Failure | None:
        query = f"SELECT {_STATUS_FIELDS} FROM offline_user_data_job WHERE {condition}"
        request = SearchGoogleAdsRequest(customer_id=target.account, query=query)
        return self._answer(lambda: _first_job(_called(self.search.search, request, target, seconds)))

    def _answer(self, ask: Callable[[], T]) -> T | Failure:
        """The token is renewed before the call: inside it, gRPC would make a refused grant look like an unreachable server.
        The error is read after it was caught: a trace of it would print Google's texts, which may quote a value."""
        try:
            if not self.credentials.valid:
                self.credentials.refresh(Request())
            return ask()
        except (GoogleAdsException, GoogleAPICallError, grpc.RpcError, GoogleAuthError) as error:
            caught = error
        return failure_of(caught)


def _called(call: Callable[..., T], request: object, target: Target, seconds: float) -> T:
    login = [("login-customer-id", target.login_customer_id)] if target.login_customer_id else []
    return call(request=request, timeout=seconds, retry=None, metadata=login)


def _first_job(rows: Iterable[Any]) -> JobStatus | None:
    for row in rows:
        job = row.offline_user_data_job
        name = OfflineUserDataJobStatusEnum.OfflineUserDataJobStatus(job.status).name
        return JobStatus(
            resource=job.resource_name,
            phase=_PHASES.get(name, "RUNNING"),
            list_id=job.customer_match_user_list_metadata.user_list.rpartition("/")[2],
            match_rate=_match_rate(job.operation_metadata.match_rate_range),
            failure=str(job.failure_reason),
        )
    return None


def _match_rate(number: int) -> str:
    name = OfflineUserDataJobMatchRateRangeEnum.OfflineUserDataJobMatchRateRange(number).name
    return "" if name in ("UNSPECIFIED", "UNKNOWN") else name


def _customer_match() -> int:
    return int(OfflineUserDataJobTypeEnum.OfflineUserDataJobType.CUSTOMER_MATCH_USER_LIST)


def _give_consent(consent: Any, target: Target) -> None:
    """UNSPECIFIED stays unset: consent is never granted by default."""
    for field in ("ad_user_data", "ad_personalization"):
        state = getattr(target, field)
        if state != "UNSPECIFIED":
            setattr(consent, field, int(ConsentStatusEnum.ConsentStatus[state]))
