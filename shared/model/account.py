"""An account as services read it: `config/accounts/{id}.json` in the work bucket, made from accounts.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.model.run import ConsentState, UploadKeyType


@dataclass(frozen=True)
class Consent:
    """What the people of this account's segments agreed to; never granted by default."""

    ad_user_data: ConsentState
    ad_personalization: ConsentState


@dataclass(frozen=True)
class Audience:
    """A user list. `list_id` is Google's number of it; a list takes one kind of identifier only."""

    list_id: str
    upload_key_type: UploadKeyType


@dataclass(frozen=True)
class Account:
    """`id` is ten digits. `default_region` (ISO 3166-1 alpha-2) completes phone numbers without a country.

    `max_rejected_ratio` is decimal text, "0.05", so that it is compared exactly: a segment with a larger
    share of rejected records is rejected whole. The first of `destinations` is the default.
    `login_customer_id` is the manager account that grants access, "" for none.
    """

    id: str
    name: str
    default_region: str
    max_rejected_ratio: str
    consent: Consent
    audiences: Mapping[str, Audience]
    destinations: tuple[str, ...] = ("google_ads",)
    login_customer_id: str = ""
    schema_version: Literal[1] = 1
