"""What accounts.yaml may say, value by value and together."""

from collections import Counter
from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from infra.fit import resembling
from infra.rules import Complaint, Rules, between, shaped
from shared.model.account import LONGEST_MEMBERSHIP, Account, Audience
from shared.names import is_list_name

_ACCOUNT = shaped(r"[0-9]{10}", "a Google Ads account", "Write its ten digits, without hyphens")
_AUDIENCE = shaped(
    r"(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*",
    "an audience key",
    "Use lower-case letters, digits and single hyphens; -- separates the parts of an object's name",
)
_CREDENTIAL = shaped(
    r"(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*",
    "the name of a credential",
    "Use lower-case letters, digits and single hyphens; the secret is sluice-credential-NAME. Leave it out for the deployment's own",
)
_RATIO = shaped(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?", "a share", "Write a decimal from 0 to 1, such as 0.05")


def _region(text: str) -> Complaint | None:
    if text in SUPPORTED_REGIONS:
        return None
    return f'"{text}" is not a region', "Write the two letters of ISO 3166-1, such as NO, US or GB"


def _list_name(text: str) -> Complaint | None:
    if is_list_name(text):
        return None
    return (
        "not a user list's name",
        "Write it as in Google Ads: 1 to 255 characters in one line, without a backslash",
    )


KEYS: Rules = {"accounts.*": _ACCOUNT, "accounts.*.audiences.*": _AUDIENCE}

VALUES: Rules = {
    "accounts.*.name": shaped(r"\S(.{0,98}\S)?", "a name", "Write 1 to 100 characters in one line"),
    "accounts.*.login_customer_id": _ACCOUNT,
    "accounts.*.credential": _CREDENTIAL,
    "accounts.*.default_region": _region,
    "accounts.*.max_rejected_ratio": _RATIO,
    "accounts.*.audiences.*.list_id": shaped(r"[1-9][0-9]{0,18}", "a user list", "Write its number"),
    "accounts.*.audiences.*.name": _list_name,
    "accounts.*.audiences.*.create.membership_days": between(
        1, LONGEST_MEMBERSHIP, "Write for how many days somebody stays on the list after he was last added"
    ),
}


def clashes(account: Account) -> Iterator[tuple[str, str, str]]:
    """(path, what, cure) of what each value allows alone but not together."""
    path = f"accounts.{account.id}"
    if not account.audiences:
        yield f"{path}.audiences", "no audience", "Add one"
    if not account.destinations:
        yield f"{path}.destinations", "no destination", "Add one, or remove the key"
    repeated = [name for name, count in Counter(account.destinations).items() if count > 1]
    for name in repeated:
        yield f"{path}.destinations", f"{name} twice", "Remove one"
    for key, audience in account.audiences.items():
        yield from _half_lists(f"{path}.audiences.{key}", audience)
    yield from _shared_lists(account)


def unknown_destinations(account: Account, known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    for index, name in enumerate(account.destinations):
        if name not in known:
            yield (
                f"accounts.{account.id}.destinations.[{index}]",
                "no such destination",
                resembling(name, known),
            )


def _half_lists(path: str, audience: Audience) -> Iterator[tuple[str, str, str]]:
    """A list is known in one way, and only a name can be given to a new one."""
    if audience.list_id and audience.name:
        yield f"{path}.name", "beside list_id", "Keep one of them: the number is sure, a name can be created"
    if not audience.list_id and not audience.name:
        yield (
            path,
            "neither list_id nor name",
            "Add list_id, the user list's number, or name, what it is called",
        )
    if audience.create and audience.list_id:
        yield f"{path}.create", "a list with a number exists", "Remove it, or write name in place of list_id"
    if audience.create and audience.upload_key_type == "MOBILE_ADVERTISING_ID":
        cure = "Create it in Google Ads, which wants to know the app, and remove this key"
        yield f"{path}.create", "a list of mobile ids", cure


def _shared_lists(account: Account) -> Iterator[tuple[str, str, str]]:
    """Two audiences on one list would send jobs side by side, each waiting only in its own line."""
    owners: dict[tuple[str, str], str] = {}
    for key, audience in account.audiences.items():
        field = "list_id" if audience.list_id else "name"
        value = audience.list_id or audience.name
        owner = owners.setdefault((field, value), key)
        if owner != key and value:
            path = f"accounts.{account.id}.audiences.{key}.{field}"
            yield path, f"also the list of {owner}", "Use one audience for one list"
