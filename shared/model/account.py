"""An account as services read it: `config/accounts/{id}.json` in the work bucket, made from accounts.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.model.run import ConsentState, UploadKeyType
from shared.names import is_account_id, is_audience_key, is_credential, is_list_id, is_list_name

_REGION = re.compile(r"[A-Z]{2}", re.ASCII)
_RATIO = re.compile(r"\d{1,3}(\.\d{1,9})?", re.ASCII)


Delimiter = Literal["", "comma", "semicolon", "tab", "pipe"]


@dataclass(frozen=True)
class Consent:
    """What the people of this account's segments agreed to; never granted by default."""

    ad_user_data: ConsentState
    ad_personalization: ConsentState


LONGEST_MEMBERSHIP = 540
"""Days. Google Ads API, UserList.membership_life_span: "between 0 and 540 inclusive"; 0 would make a list that keeps nobody."""


@dataclass(frozen=True)
class Creation:
    """How Sluice may create a user list. `membership_days`, 1 to 540: how long somebody stays on it after he was last added."""

    membership_days: int


@dataclass(frozen=True)
class Audience:
    """A user list; a list takes one kind of identifier only. It is known by Google's number of it, `list_id`, or by its `name` in
    Google Ads: the other of both is "". With `create` Sluice makes one where Google Ads has none of that name."""

    upload_key_type: UploadKeyType
    list_id: str = ""
    name: str = ""
    create: Creation | None = None


@dataclass(frozen=True)
class Account:
    """`id` is ten digits. `default_region` (ISO 3166-1 alpha-2) completes phone numbers without a country.

    `max_rejected_ratio` is decimal text, "0.05", so that it is compared exactly: a segment with a larger
    share of rejected records is rejected whole. The first of `destinations` is the default.
    `login_customer_id` is the manager account that grants access, "" for none. `credential` names the secret with a grant of
    the account's own, "" where the deployment's identity has access. `delimiter` separates the cells of its CSV files, "" for
    what a header says; `hashed`: its values come as SHA-256; `deduplicate`: who was in a segment before is skipped.
    """

    id: str
    name: str
    default_region: str
    max_rejected_ratio: str
    consent: Consent
    audiences: Mapping[str, Audience]
    destinations: tuple[str, ...] = ("google_ads",)
    login_customer_id: str = ""
    credential: str = ""
    delimiter: Delimiter = ""
    hashed: bool = False
    deduplicate: bool = False
    schema_version: Literal[1] = 1


def unfit(account: Account) -> str:
    """What no service could work with, "" for an account that is fit. accounts.yaml is checked more strictly and with cures
    (infra/account_rules.py); this holds for a document that came another way."""
    if not is_account_id(account.id) or not (is_account_id(account.login_customer_id or account.id)):
        return "an account has ten digits"
    if not all(map(is_audience_key, account.audiences)):
        return "an audience key has lower-case letters, digits and single hyphens"
    if not all(map(_is_list, account.audiences.values())):
        return "a user list is a number or a name; a named one may be created for 1 to 540 days"
    if account.credential and not is_credential(account.credential):
        return "a credential has lower-case letters, digits and single hyphens"
    if not account.destinations or not all(account.destinations):
        return "an account has a destination"
    if not (_REGION.fullmatch(account.default_region) and _RATIO.fullmatch(account.max_rejected_ratio)):
        return "a region has two letters, a ratio is a decimal"
    return ""


def _is_list(audience: Audience) -> bool:
    if audience.list_id:
        return is_list_id(audience.list_id) and not audience.name and audience.create is None
    days = audience.create.membership_days if audience.create else LONGEST_MEMBERSHIP
    return is_list_name(audience.name) and 1 <= days <= LONGEST_MEMBERSHIP
