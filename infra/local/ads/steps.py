"""What each served method of Google Ads does: a request is checked first and takes effect at its end.

`prepare` functions change nothing; what they return does, when the face calls it. That way a request has its
effect at one moment, or, where another one overlaps it, none at all.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from google.ads.googleads.v26.enums.types.offline_user_data_job_type import OfflineUserDataJobTypeEnum
from google.ads.googleads.v26.resources.types import offline_user_data_job
from google.ads.googleads.v26.services.types import (
    google_ads_service,
    offline_user_data_job_service,
    user_list_service,
)
from google.longrunning import operations_pb2

from infra.local.ads import failure, gaql, rows
from infra.local.ads.engine import AdsEngine, unknown_user_list
from infra.local.ads.jobs import Consent, Job, NewJob
from infra.local.ads.operations import check
from infra.local.ads.problems import Refused, Unsupported, refused
from infra.local.ads.user_lists import new_lists

JOB_NAME = re.compile(r"customers/(\d{10})/offlineUserDataJobs/(\d{1,18})").fullmatch
USER_LIST_NAME = re.compile(r"customers/(\d{10})/userLists/(\d{1,18})").fullmatch
CUSTOMER_ID = re.compile(r"\d{10}").fullmatch
PAGE_ROWS = 10_000

CREATED = offline_user_data_job_service.CreateOfflineUserDataJobResponse.pb()
ADDED = offline_user_data_job_service.AddOfflineUserDataJobOperationsResponse.pb()
MUTATED = user_list_service.MutateUserListsResponse.pb()
PAGE = google_ads_service.SearchGoogleAdsResponse.pb()
BATCH = google_ads_service.SearchGoogleAdsStreamResponse.pb()
JOB_METADATA = offline_user_data_job.OfflineUserDataJobMetadata.pb()
JOB_TYPES = OfflineUserDataJobTypeEnum.OfflineUserDataJobType


@dataclass(frozen=True)
class Step:
    """A checked request. `finish` takes the request's id, gives it its effect and returns the answer. `job`: the one that it adds people
    to, None where it adds nobody."""

    finish: Callable[[str], Any]
    identifiers: int = 0
    job: Job | None = None


@dataclass(frozen=True)
class Method:
    """One RPC. `account` and `resource` read from a request whom and what it is about."""

    name: str
    service: str
    request: Any
    account: Callable[[Any], str]
    resource: Callable[[Any], str]
    prepare: Callable[[AdsEngine, Any], Awaitable[Step]]
    adds: bool = False
    streams: bool = False


def refusing(error: Refused | Unsupported) -> Step:
    """A refused request takes its time as others do, and may be overlapped until it is answered."""

    def finish(_: str) -> NoReturn:
        raise error

    return Step(finish)


async def _create(engine: AdsEngine, request: Any) -> Step:
    order = _order(request)
    engine.check_create(order)

    def finish(_: str) -> Any:
        name = "" if request.validate_only else engine.create(order).resource_name
        return CREATED(resource_name=name)

    return Step(finish)


async def _add(engine: AdsEngine, request: Any) -> Step:
    job = _job(engine, request.resource_name)
    engine.check_unstarted(job)
    if request.enable_warnings:
        raise Unsupported("enable_warnings: the local cloud has no warnings")
    key_type = engine.user_list(job).upload_key_type
    batch = await asyncio.to_thread(check, request.operations, key_type, job.so_far)
    if batch.problems and not request.enable_partial_failure:
        raise Refused(*batch.problems)

    def finish(request_id: str) -> Any:
        if not request.validate_only:
            engine.add(job, batch)
        answer = ADDED()
        if batch.problems:
            answer.partial_failure_error.CopyFrom(failure.partial(batch.problems, request_id))
        return answer

    return Step(finish, batch.identifiers, None if request.validate_only else job)


async def _run(engine: AdsEngine, request: Any) -> Step:
    job = _job(engine, request.resource_name)
    engine.check_run(job)

    def finish(_: str) -> Any:
        if request.validate_only:
            return operations_pb2.Operation()
        engine.run(job)
        return _operation(job)

    return Step(finish)


async def _mutate_lists(engine: AdsEngine, request: Any) -> Step:
    _check_customer(request)
    if request.partial_failure:
        raise Unsupported("partial_failure: the local cloud creates all lists or none")
    orders = new_lists(request.customer_id, request.operations)
    for order in orders:
        engine.check_create_list(order)

    def finish(_: str) -> Any:
        made = [] if request.validate_only else [engine.create_list(order) for order in orders]
        names = [f"customers/{request.customer_id}/userLists/{each.id}" for each in made]
        return MUTATED(results=[{"resource_name": name} for name in names])

    return Step(finish)


async def _search(engine: AdsEngine, request: Any) -> Step:
    _refuse_settings(request)
    query, offset = _query(engine, request), _offset(request.page_token)

    def finish(_: str) -> Any:
        if request.validate_only:
            return PAGE()
        found = list(rows.search(engine, request.customer_id, query))
        answer = PAGE(results=found[offset : offset + PAGE_ROWS], field_mask={"paths": query.fields})
        if len(found) > offset + PAGE_ROWS:
            answer.next_page_token = str(offset + PAGE_ROWS)
        return answer

    return Step(finish)


async def _search_stream(engine: AdsEngine, request: Any) -> Step:
    query = _query(engine, request)

    def finish(request_id: str) -> Any:
        found = rows.search(engine, request.customer_id, query)
        return BATCH(results=found, field_mask={"paths": query.fields}, request_id=request_id)

    return Step(finish)


def _check_customer(request: Any) -> None:
    if not CUSTOMER_ID(request.customer_id):
        raise refused("RequestError.INVALID_CUSTOMER_ID", "A customer ID has ten digits.", "customer_id")


def _order(request: Any) -> NewJob:
    _check_customer(request)
    if request.job.type_ != JOB_TYPES.CUSTOMER_MATCH_USER_LIST:
        raise Unsupported("OfflineUserDataJob.type: the local cloud knows CUSTOMER_MATCH_USER_LIST only")
    metadata = request.job.customer_match_user_list_metadata
    name = USER_LIST_NAME(metadata.user_list)
    if not name or name[1] != request.customer_id:
        raise unknown_user_list()
    return NewJob(
        request.customer_id,
        int(name[2]),
        request.job.external_id,
        _consent(metadata.consent),
        request.enable_match_rate_range_preview,
    )


def _consent(consent: Any) -> Consent:
    names = consent.DESCRIPTOR.fields_by_name["ad_user_data"].enum_type.values_by_number
    return Consent(names[consent.ad_user_data].name, names[consent.ad_personalization].name)


def _job(engine: AdsEngine, resource_name: str) -> Job:
    name = JOB_NAME(resource_name)
    if not name:
        raise refused("RequestError.RESOURCE_NAME_MALFORMED", "This names no job.", "resource_name")
    return engine.job(name[1], int(name[2]))


def _operation(job: Job) -> operations_pb2.Operation:
    """What Run returns. It is never done: the local cloud lets jobs be followed by Search only."""
    operation = operations_pb2.Operation(name=f"customers/{job.order.customer_id}/operations/{job.id}")
    operation.metadata.Pack(JOB_METADATA())
    return operation


def _query(engine: AdsEngine, request: Any) -> gaql.Query:
    _check_customer(request)
    query = gaql.parse(request.query)
    rows.check(query)
    engine.customer(request.customer_id)
    return query


def _refuse_settings(request: Any) -> None:
    if request.page_size:
        raise refused("RequestError.PAGE_SIZE_NOT_SUPPORTED", "A page has 10,000 rows.", "page_size")
    if request.HasField("search_settings"):
        raise Unsupported("search_settings: the local cloud has none")


def _offset(page_token: str) -> int:
    if page_token and not page_token.isdecimal():
        raise refused("RequestError.INVALID_PAGE_TOKEN", "The page token is invalid.", "page_token")
    return int(page_token or 0)


def _job_account(request: Any) -> str:
    name = JOB_NAME(request.resource_name)
    return name[1] if name else ""


METHODS = (
    Method(
        "CreateOfflineUserDataJob",
        "OfflineUserDataJobService",
        offline_user_data_job_service.CreateOfflineUserDataJobRequest.pb(),
        account=lambda request: request.customer_id,
        resource=lambda request: request.job.customer_match_user_list_metadata.user_list,
        prepare=_create,
    ),
    Method(
        "AddOfflineUserDataJobOperations",
        "OfflineUserDataJobService",
        offline_user_data_job_service.AddOfflineUserDataJobOperationsRequest.pb(),
        account=_job_account,
        resource=lambda request: request.resource_name,
        prepare=_add,
        adds=True,
    ),
    Method(
        "RunOfflineUserDataJob",
        "OfflineUserDataJobService",
        offline_user_data_job_service.RunOfflineUserDataJobRequest.pb(),
        account=_job_account,
        resource=lambda request: request.resource_name,
        prepare=_run,
    ),
    Method(
        "MutateUserLists",
        "UserListService",
        user_list_service.MutateUserListsRequest.pb(),
        account=lambda request: request.customer_id,
        resource=lambda request: ", ".join(each.create.name for each in request.operations),
        prepare=_mutate_lists,
    ),
    Method(
        "Search",
        "GoogleAdsService",
        google_ads_service.SearchGoogleAdsRequest.pb(),
        account=lambda request: request.customer_id,
        resource=lambda request: request.query,
        prepare=_search,
    ),
    Method(
        "SearchStream",
        "GoogleAdsService",
        google_ads_service.SearchGoogleAdsStreamRequest.pb(),
        account=lambda request: request.customer_id,
        resource=lambda request: request.query,
        prepare=_search_stream,
        streams=True,
    ),
)
