"""A run, `run.json`: one passage of a segment. Every setting that it uses is pinned: a change of configuration never splits it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.model.segment import Mode
from shared.names import is_credential, is_list_id

ConsentState = Literal["GRANTED", "DENIED", "UNSPECIFIED"]
UploadKeyType = Literal["CONTACT_INFO", "CRM_ID", "MOBILE_ADVERTISING_ID"]


@dataclass(frozen=True)
class Target:
    """Where the records go, as accounts.yaml said when the run began. An audience by name has its list's number only where it has been
    looked up: pinned, `list_id` is "". It goes into queries, and is "" or a list's number and nothing else. `membership_days` 0: a list of
    that name must not be created. `credential` names a secret, "" for the deployment's own identity."""

    account: str
    audience: str
    destination: str
    list_id: str
    upload_key_type: UploadKeyType
    login_customer_id: str
    ad_user_data: ConsentState
    ad_personalization: ConsentState
    list_name: str = ""
    membership_days: int = 0
    credential: str = ""

    def __post_init__(self) -> None:
        if self.list_id and not is_list_id(self.list_id):
            raise ValueError("the list's number is none")
        if self.credential and not is_credential(self.credential):
            raise ValueError("the credential is no name of one")


@dataclass(frozen=True)
class Run:
    """`key` orders the run among those of its audience; empty means: this object's own timeCreated (a replay counts as newest).
    `landing_key` is always the segment's. `delimiter`, `hashed`, `deduplicate` are the account's."""

    segment: str
    run: int
    key: str
    landing_key: str
    mode: Mode
    target: Target
    source: str
    default_region: str
    max_rejected_ratio: str
    part_records: int
    frame_identifiers: int
    stage_operations: int
    validate_only: bool = False
    delimiter: str = ""
    hashed: bool = False
    deduplicate: bool = False
    parts: tuple[int, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    traceparent: str = ""
    schema_version: Literal[1] = 1
