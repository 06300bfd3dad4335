"""Reads what a MutateUserLists request wants to create; everything else that Google Ads can do to lists is not supported. Pure.

Rules: Google Ads API, UserList, CrmBasedUserListInfo and UserListError.
"""

from collections.abc import Sequence
from typing import Any

from infra.local.ads.jobs import MAX_MEMBERSHIP_DAYS, NewList
from infra.local.ads.person import IDENTIFIERS
from infra.local.ads.problems import Unsupported, refused

FIELDS = frozenset({"name", "membership_life_span", "membership_status", "crm_based_user_list"})
CRM_FIELDS = frozenset({"upload_key_type", "app_id"})
PLACE = ("operations", "create")


def new_lists(customer_id: str, operations: Sequence[Any]) -> list[NewList]:
    """Raises Refused for what Google Ads would not create, Unsupported for what only the local cloud would not."""
    if not operations:
        raise refused("FieldError.REQUIRED_NONEMPTY_LIST", "Operations are required.", "operations")
    orders = [_new_list(customer_id, operation) for operation in operations]
    if len({order.name for order in orders}) < len(orders):
        raise refused("UserListError.NAME_ALREADY_USED", "Name is already being used.", *PLACE, "name")
    return orders


def _new_list(customer_id: str, operation: Any) -> NewList:
    word = operation.WhichOneof("operation")
    if word != "create":
        raise Unsupported(f"UserListOperation.{word}: the local cloud creates user lists only")
    made = operation.create
    _check_fields(made)
    key_type = _key_type(made.crm_based_user_list)
    if not made.name.strip():
        raise refused("UserListError.INVALID_NAME", "User list name is empty or invalid.", *PLACE, "name")
    return NewList(customer_id, made.name, key_type, _days(made))


def _check_fields(made: Any) -> None:
    kind = made.WhichOneof("user_list")
    if kind is None:
        words = "Creating a user list without setting its type is not allowed."
        raise refused("UserListError.USER_LIST_MUTATE_NOT_SUPPORTED", words, *PLACE)
    for message, known in ((made, FIELDS), (getattr(made, kind), CRM_FIELDS)):
        for field, _ in message.ListFields():
            if field.name not in known:
                raise Unsupported(f"{message.DESCRIPTOR.name}.{field.name}: the local cloud has none")


def _key_type(crm: Any) -> str:
    values = crm.DESCRIPTOR.fields_by_name["upload_key_type"].enum_type.values_by_number
    key_type: str = values[crm.upload_key_type].name
    place = (*PLACE, "crm_based_user_list")
    if key_type not in IDENTIFIERS:
        raise refused("FieldError.REQUIRED", "The upload key type is required.", *place, "upload_key_type")
    mobile = key_type == "MOBILE_ADVERTISING_ID"
    if mobile and not crm.app_id:
        raise refused("UserListError.APP_ID_NOT_SET", "Mobile ids need the app's id.", *place, "app_id")
    if crm.app_id and not mobile:
        raise refused("UserListError.APP_ID_NOT_ALLOWED", "Only mobile ids have an app.", *place, "app_id")
    return key_type


def _days(made: Any) -> int:
    days = int(made.membership_life_span) if made.HasField("membership_life_span") else MAX_MEMBERSHIP_DAYS
    if not 0 <= days <= MAX_MEMBERSHIP_DAYS:
        error = "RangeError.TOO_HIGH" if days > 0 else "RangeError.TOO_LOW"
        raise refused(error, "A membership lasts 0 to 540 days.", *PLACE, "membership_life_span")
    return days
