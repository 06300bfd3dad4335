"""User lists of Google Ads: what is asked of UserListService and by GAQL, and how the answers read.

Of the two estimates of a list's size, Search's is taken: people in the google.com domain, as the reference says. The same people are in the
Display Network's too, so that the two cannot be added, and one number must stay comparable from run to run.
"""

from collections.abc import Iterable
from typing import Any

from services.uploader.destination import FoundList
from services.uploader.destinations.api import Api
from shared.model.run import Target

_FIELDS = (
    "user_list.id, user_list.name, user_list.type, user_list.membership_status, user_list.read_only, "
    "user_list.crm_based_user_list.upload_key_type"
)


def quoted(text: str) -> str:
    """A string of GAQL that is exactly `text`. Its grammar knows two kinds of quotes and no escape: only a text that holds both kinds has
    to rely on the backslash, which Google's clients use too."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def find_request(api: Api, target: Target) -> Any:
    """By its number where the target has one, else by its name."""
    named = f"user_list.name = {quoted(target.list_name)}"
    return _search(api, target, _FIELDS, _numbered(target) if target.list_id else named)


def found_lists(api: Api, target: Target, rows: Iterable[Any]) -> tuple[FoundList, ...]:
    """Names are compared once more: how Google compares them is not ours to rely on."""
    lists = (row.user_list for row in rows)
    return tuple(_found(api, each) for each in lists if target.list_id or each.name == target.list_name)


def size_request(api: Api, target: Target) -> Any:
    return _search(api, target, "user_list.size_for_search", _numbered(target))


def size_in(rows: Iterable[Any]) -> int:
    """0 where Google has not estimated it yet, or shows no such list."""
    return max((int(row.user_list.size_for_search) for row in rows), default=0)


def create_request(api: Api, target: Target) -> Any:
    """One empty list of Customer Match, open to new people."""
    kind = api.types("services.types.user_list_service").MutateUserListsRequest
    request = kind.pb(kind())
    request.customer_id = target.account
    made = request.operations.add().create
    made.name = target.list_name
    made.membership_life_span = target.membership_days
    made.membership_status = int(api.enum("UserListMembershipStatus").OPEN)
    made.crm_based_user_list.upload_key_type = int(_key_types(api)[target.upload_key_type])
    return kind.wrap(request)


def created_list(response: Any) -> str:
    """The number at the end of the new list's resource name."""
    return str(response.results[0].resource_name.rpartition("/")[2])


def _search(api: Api, target: Target, fields: str, condition: str) -> Any:
    query = f"SELECT {fields} FROM user_list WHERE {condition}"
    return api.search.SearchGoogleAdsRequest(customer_id=target.account, query=query)


def _numbered(target: Target) -> str:
    return f"user_list.id = {target.list_id}"


def _key_types(api: Api) -> Any:
    return api.enum("CustomerMatchUploadKeyType")


def _found(api: Api, user_list: Any) -> FoundList:
    key_type = _key_types(api)(user_list.crm_based_user_list.upload_key_type).name
    return FoundList(
        list_id=str(user_list.id),
        kind=api.enum("UserListType")(user_list.type_).name,
        upload_key_type="" if key_type == "UNSPECIFIED" else key_type,
        membership=api.enum("UserListMembershipStatus")(user_list.membership_status).name,
        read_only=bool(user_list.read_only),
    )
