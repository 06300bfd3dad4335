"""Terraform writes for each account the very document that the local cloud's deployment writes."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.load import ACCOUNTS, load_accounts
from infra.render import account_documents
from shared.names import account_json
from tests.support.terraform import evaluate

INFRA = ACCOUNTS.parent
PURE = ("configuration.tf", "documents.tf", "topology.yaml")
"""What needs no provider."""

EVERY_KEY = """\
accounts:
  "0123456789":
    name: "2026"
    default_region: "NO"
    max_rejected_ratio: 0
    consent: {ad_user_data: GRANTED, ad_personalization: DENIED}
    destinations: [google_ads]
    login_customer_id: 1112223334
    credential: partner
    delimiter: tab
    hashed: true
    deduplicate: true
    audiences:
      high-value: {list_id: 9007199254740993, upload_key_type: CONTACT_INFO}
      made: {name: "Hans & Grete <3", upload_key_type: CRM_ID, create: {membership_days: 540}}
  1234567890:
    name: Without
    default_region: US
    max_rejected_ratio: "1.0"
    hashed: false
    consent: {ad_user_data: UNSPECIFIED, ad_personalization: GRANTED}
    audiences:
      only: {name: Only, upload_key_type: MOBILE_ADVERTISING_ID}
"""


def by_terraform(accounts: str, folder: Path) -> dict[str, Any]:
    for name in PURE:
        shutil.copy(INFRA / name, folder)
    (folder / "accounts.yaml").write_text(accounts)
    documents: dict[str, Any] = evaluate("local.documents", folder)
    return {account_json(account): document for account, document in documents.items()}


def by_sluice(accounts: str, folder: Path) -> dict[str, Any]:
    file = folder / "read.yaml"
    file.write_text(accounts)
    documents = account_documents(load_accounts(file))
    return {name: json.loads(content, parse_int=str, parse_float=str) for name, content in documents.items()}


@pytest.mark.parametrize(
    "accounts", [EVERY_KEY, ACCOUNTS.read_text("utf-8")], ids=["every key", "as shipped"]
)
def test_both_write_the_same_document(accounts: str, tmp_path: Path) -> None:
    assert by_terraform(accounts, tmp_path) == by_sluice(accounts, tmp_path)
