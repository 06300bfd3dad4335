"""Answers a parsed query: which rows there are, which of them fit, and which of their fields are shown.

Reads the engine's records, writes Google's GoogleAdsRow. It changes nothing.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from google.ads.googleads.v26.services.types import google_ads_service

from infra.local.ads.engine import AdsEngine
from infra.local.ads.gaql import Query
from infra.local.ads.jobs import Customer, Job, Standing, Status, UserList
from infra.local.ads.problems import Unsupported, query_error

ROW = google_ads_service.GoogleAdsRow.pb()
FIELDS: Mapping[str, frozenset[str]] = {
    "offline_user_data_job": frozenset(
        {
            "resource_name",
            "id",
            "external_id",
            "type",
            "status",
            "failure_reason",
            "operation_metadata.match_rate_range",
            "customer_match_user_list_metadata.user_list",
        }
    ),
    "user_list": frozenset(
        {
            "resource_name",
            "id",
            "name",
            "type",
            "membership_status",
            "membership_life_span",
            "size_for_display",
            "size_for_search",
            "read_only",
            "account_user_list_status",
            "crm_based_user_list.upload_key_type",
        }
    ),
    "customer": frozenset(
        {"resource_name", "id", "status", "conversion_tracking_setting.accepted_customer_data_terms"}
    ),
}


def check(query: Query) -> None:
    """Raises Refused for what Google Ads does not know, Unsupported for what only this one does not."""
    if query.resource not in FIELDS:
        if query.resource in ROW.DESCRIPTOR.fields_by_name:
            raise Unsupported(f"GAQL resource {query.resource}: the local cloud has {', '.join(FIELDS)}")
        raise query_error("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")
    for field in (*query.fields, *(condition.field for condition in query.conditions)):
        _check_field(field, query.resource)


def _check_field(field: str, resource: str) -> None:
    prefix, _, rest = field.partition(".")
    if prefix == resource and rest in FIELDS[resource]:
        return
    if not _exists(field):
        raise query_error("UNRECOGNIZED_FIELD")
    if prefix != resource:
        raise query_error("PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE")
    raise Unsupported(f"GAQL field {field}: the local cloud has {', '.join(sorted(FIELDS[resource]))}")


def _exists(field: str) -> bool:
    message = ROW.DESCRIPTOR
    for name in _names(field):
        found = message.fields_by_name.get(name) if message else None
        if found is None:
            return False
        message = found.message_type
    return True


def search(engine: AdsEngine, customer_id: str, query: Query) -> Iterator[Any]:
    """The rows that fit, with the fields asked for and the resource name, which Google Ads adds."""
    for row in _all(engine, customer_id, query.resource):
        if all(_text(row, each.field) in each.values for each in query.conditions):
            shown = ROW()
            for field in (f"{query.resource}.resource_name", *query.fields):
                _copy(row, shown, _names(field))
            yield shown


def _all(engine: AdsEngine, customer_id: str, resource: str) -> Iterator[Any]:
    customer = engine.customer(customer_id)
    if resource == "customer":
        yield _customer_row(customer)
    elif resource == "user_list":
        for user_list in customer.user_lists.values():
            yield _user_list_row(customer_id, user_list)
    else:
        for job in customer.jobs.values():
            yield _job_row(job, engine.status(job))


def _job_row(job: Job, status: Status) -> Any:
    row = ROW()
    resource = row.offline_user_data_job
    resource.resource_name = job.resource_name
    resource.id = job.id
    if job.order.external_id:
        resource.external_id = job.order.external_id
    _set(resource, "type_", "CUSTOMER_MATCH_USER_LIST")
    _set(resource, "status", status)
    if status is Status.FAILED:
        _set(resource, "failure_reason", job.failure or "UNKNOWN")  # there is none for a denied consent
    if status is Status.SUCCESS or (status is Status.RUNNING and job.order.previews_match_rate):
        _set(
            resource.operation_metadata, "match_rate_range", "MATCH_RANGE_91_TO_100"
        )  # here everybody matches
    metadata = resource.customer_match_user_list_metadata
    metadata.user_list = f"customers/{job.order.customer_id}/userLists/{job.order.user_list_id}"
    return row


def _user_list_row(customer_id: str, user_list: UserList) -> Any:
    row = ROW()
    resource = row.user_list
    resource.resource_name = f"customers/{customer_id}/userLists/{user_list.id}"
    resource.id = user_list.id
    resource.name = user_list.name
    resource.read_only = user_list.read_only
    _set(resource, "type_", user_list.type)
    _set(resource, "membership_status", user_list.membership_status)
    _set(resource, "account_user_list_status", "ENABLED")
    resource.membership_life_span = user_list.membership_days
    resource.size_for_display = resource.size_for_search = len(user_list.members)
    if user_list.type == "CRM_BASED":
        _set(resource.crm_based_user_list, "upload_key_type", user_list.upload_key_type)
    return row


def _customer_row(customer: Customer) -> Any:
    """One that is not enabled is never shown: its requests are refused."""
    row = ROW()
    resource = row.customer
    resource.resource_name = f"customers/{customer.id}"
    resource.id = int(customer.id)
    _set(resource, "status", "ENABLED")
    accepted = customer.standing is not Standing.TERMS_NOT_ACCEPTED
    resource.conversion_tracking_setting.accepted_customer_data_terms = accepted
    return row


def _set(message: Any, field: str, value: str) -> None:
    """Sets an enum by its value's name."""
    setattr(message, field, message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_name[value].number)


def _text(row: Any, field: str) -> str:
    """A field as it is written in a query: enums by name."""
    *parents, leaf = _names(field)
    parent = reduce(getattr, parents, row)
    value = getattr(parent, leaf)
    enum = parent.DESCRIPTOR.fields_by_name[leaf].enum_type
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return enum.values_by_number[value].name if enum else str(value)


def _copy(source: Any, target: Any, names: list[str]) -> None:
    *parents, leaf = names
    if value := getattr(reduce(getattr, parents, source), leaf):
        setattr(reduce(getattr, parents, target), leaf, value)


def _names(field: str) -> list[str]:
    """A field's path in Google's Python messages, which write `type_` for `type`."""
    return [f"{name}_" if name == "type" else name for name in field.split(".")]
