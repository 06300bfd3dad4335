"""What accounts.yaml may say, value by value and together."""

from collections import Counter
from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from infra.fit import resembling
from infra.rules import Complaint, Rules, shaped
from shared.model.account import Account

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


KEYS: Rules = {"accounts.*": _ACCOUNT, "accounts.*.audiences.*": _AUDIENCE}

VALUES: Rules = {
    "accounts.*.name": shaped(r"\S(.{0,98}\S)?", "a name", "Write 1 to 100 characters in one line"),
    "accounts.*.login_customer_id": _ACCOUNT,
    "accounts.*.credential": _CREDENTIAL,
    "accounts.*.default_region": _region,
    "accounts.*.max_rejected_ratio": _RATIO,
    "accounts.*.audiences.*.list_id": shaped(r"[1-9][0-9]{0,18}", "a user list", "Write its number"),
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
    yield from _shared_lists(account)


def unknown_destinations(account: Account, known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    for index, name in enumerate(account.destinations):
        if name not in known:
            yield (
                f"accounts.{account.id}.destinations.[{index}]",
                "no such destination",
                resembling(name, known),
            )


def _shared_lists(account: Account) -> Iterator[tuple[str, str, str]]:
    """Two audiences on one list would send jobs side by side, each waiting only in its own line."""
    owners: dict[str, str] = {}
    for key, audience in account.audiences.items():
        owner = owners.setdefault(audience.list_id, key)
        if owner != key:
            path = f"accounts.{account.id}.audiences.{key}.list_id"
            yield path, f"also the list of {owner}", "Use one audience for one list"
