"""Google Ads: OfflineUserDataJobService, and job status by GAQL (there is no Get). The only product code that imports google.ads.

The client has neither default retries nor timeouts: every call passes both, and retries stay in one layer, the queue's. INTERNAL and
RESOURCE_EXHAUSTED arrive unwrapped: their failure is read from the trailing metadata.
"""

from collections.abc import Callable, Iterable, Sequence
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
from shared.model.run import Target
from shared.ports import Clock
from shared.settings import Settings
from shared.verdict import Failure
from shared.wire.google_ads import add_operations_header

VERSION = "v26"
SCOPE = "https://www.googleapis.com/auth/adwords"

_FAILURE_KEY = f"google.ads.googleads.{VERSION}.errors.googleadsfailure-bin"
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

Left = Callable[[], float]
"""Real seconds that are left for a request now."""


class TooLate(Exception):
    """The token, or the request's making, took all the time that the lease has for it: it was not made."""


@dataclass(frozen=True)
class GoogleAds:
    """One channel serves many accounts: `login-customer-id` is sent with each call."""

    jobs: Any
    search: Any
    credentials: Credentials
    clock: Clock

    @classmethod
    def connect(cls, settings: Settings, clock: Clock) -> "GoogleAds":
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
            clock,
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
        return self._answer(seconds, lambda left: str(_called(call, wrapped, target, left).resource_name))

    def find_job(self, target: Target, external_id: int, seconds: float) -> JobStatus | Failure | None:
        return self._job_where(target, f"offline_user_data_job.external_id = {external_id}", seconds)

    def job_status(self, target: Target, job: str, seconds: float) -> JobStatus | Failure | None:
        return self._job_where(target, f"offline_user_data_job.resource_name = '{job}'", seconds)

    def add(
        self, target: Target, job: str, frame: bytes | bytearray | memoryview, seconds: float
    ) -> tuple[Refused, ...] | Failure:
        """The frame is the serialised operations: the header in front makes it the whole request."""

        def add(left: Left) -> tuple[Refused, ...]:
            request = AddOfflineUserDataJobOperationsRequest.pb(AddOfflineUserDataJobOperationsRequest())
            request.MergeFromString(add_operations_header(job, enable_partial_failure=True))
            request.MergeFromString(frame)
            wrapped = AddOfflineUserDataJobOperationsRequest.wrap(request)
            return _refused(_called(self.jobs.add_offline_user_data_job_operations, wrapped, target, left))

        return self._answer(seconds, add)

    def run_job(self, target: Target, job: str, seconds: float) -> Literal["started"] | Failure:
        """The operation that Run returns is not used: the status alone survives a lost answer."""
        request = RunOfflineUserDataJobRequest(resource_name=job)

        def run(left: Left) -> Literal["started"]:
            _called(self.jobs.run_offline_user_data_job, request, target, left)
            return "started"

        return self._answer(seconds, run)

    def _job_where(self, target: Target, condition: str, seconds: float) -> JobStatus | Failure | None:
        query = f"SELECT {_STATUS_FIELDS} FROM offline_user_data_job WHERE {condition}"
        request = SearchGoogleAdsRequest(customer_id=target.account, query=query)
        call = self.search.search
        return self._answer(seconds, lambda left: _first_job(_called(call, request, target, left)))

    def _answer(self, seconds: float, ask: Callable[[Left], T]) -> T | Failure:
        """The lease was looked at just before. What the token and the request's making cost, or a process that stood still meanwhile, comes
        off the request's time: `ask` reads what is left when nothing but the call is left to do.
        The error is read after it was caught: a trace of it would print Google's texts, which may quote a value."""
        before = self.clock.readings()
        try:
            self._authorize()
            return ask(lambda: seconds - self.clock.real(self.clock.readings().since(before)))
        except (GoogleAdsException, GoogleAPICallError, grpc.RpcError, GoogleAuthError, TooLate) as error:
            caught = error
        return _failure_of(caught)

    def _authorize(self) -> None:
        """The token is renewed before the call: inside it, gRPC would make a refused grant look like an unreachable server."""
        if not self.credentials.valid:
            self.credentials.refresh(Request())


def _called(call: Callable[..., T], request: object, target: Target, left: Left) -> T:
    login = [("login-customer-id", target.login_customer_id)] if target.login_customer_id else []
    if (seconds := left()) <= 0:
        raise TooLate
    return call(request=request, timeout=seconds, retry=None, metadata=login)


def _failure_of(error: Exception) -> Failure:
    match error:
        case GoogleAdsException():
            return _described(error.error.code().name, error.failure)
        case GoogleAPICallError():
            return _unwrapped(error)
        case GoogleAuthError():
            return Failure("ABORTED" if error.retryable else "UNAUTHENTICATED")
        case TooLate():
            return Failure("ABORTED")
        case grpc.Call():
            return Failure(error.code().name)
        case _:
            return Failure("UNKNOWN")


def _unwrapped(error: GoogleAPICallError) -> Failure:
    status = error.grpc_status_code.name if error.grpc_status_code else "UNKNOWN"
    cause = error.errors[0] if error.errors else None
    for key, value in cause.trailing_metadata() or () if isinstance(cause, grpc.Call) else ():
        if key == _FAILURE_KEY and isinstance(value, bytes):
            return _described(status, GoogleAdsFailure.deserialize(value))
    return Failure(status)


def _described(status: str, failure: Any) -> Failure:
    """The client hands over failures of either kind, proto-plus or not."""
    errors = (GoogleAdsFailure.pb(failure) if isinstance(failure, GoogleAdsFailure) else failure).errors
    delays = [error.details.quota_error_details.retry_delay for error in errors]
    seconds = max((delay.seconds + delay.nanos / 1e9 for delay in delays), default=0.0)
    return Failure(status, tuple(_code(error.error_code) for error in errors), seconds)


def _code(error_code: Any) -> str:
    """Like "DatabaseError.CONCURRENT_MODIFICATION": the enum's type and the value's name; a newer value is named by its number."""
    field = error_code.WhichOneof("error_code")
    if field is None:
        return "UnknownError"
    enum = error_code.DESCRIPTOR.fields_by_name[field].enum_type
    number = getattr(error_code, field)
    value = enum.values_by_number.get(number)
    return f"{enum.name}.{value.name if value else number}"


def _refused(response: Any) -> tuple[Refused, ...]:
    """With partial failure the answer is good and says which operations were not taken."""
    return tuple(_refusals(_partial_failures(response)))


def _partial_failures(response: Any) -> Iterable[Any]:
    for detail in response.partial_failure_error.details:
        if detail.type_url.endswith("GoogleAdsFailure"):
            yield from GoogleAdsFailure.pb(GoogleAdsFailure.deserialize(detail.value)).errors


def _refusals(errors: Iterable[Any]) -> Iterable[Refused]:
    """One per operation: further errors of the same operation add nothing."""
    seen: set[int] = set()
    for error in errors:
        index = _index(error.location.field_path_elements)
        if index not in seen:
            seen.add(index)
            yield Refused(index, _code(error.error_code))


def _index(path: Sequence[Any]) -> int:
    return int(path[0].index) if path else 0


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
