"""Terraform reads what `sluice accounts add` has written as Sluice does, whatever an account is called."""

import json
import random
import unicodedata
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.load import load_accounts
from services.console.accounts.entry import with_entry
from shared.model.account import Account, Audience, Creation
from tests.support.documents import ACCOUNT
from tests.support.terraform import evaluate

SIGNS = "0123456789NOnoyetrufals .,:;#'\"\\-_+~=<>{}[]&*!|?%@`éøß漢😀\u00a0"
TRAPS = (
    *("NO", "y", "true", "null", "~", "2026", "0.50", "1e3", "0x1f", "1_000", "2026-01-01", "12:30:45"),
    *(
        ".inf",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "'",
        '"',
        "\\",
        "{a}",
        "[a]",
        "*a",
        "&a",
        "!a",
        "|",
        "%a",
        "@a",
        "`",
    ),
)
MADE_UP = 300


def names() -> list[str]:
    chance = random.Random(2026)
    made_up = ("".join(chance.choices(SIGNS, k=chance.randint(1, 9))).strip() for _ in range(MADE_UP))
    return [*TRAPS, *(unicodedata.normalize("NFC", name) for name in made_up if name)]


def listed(name: str) -> str:
    """The nearest that a user list may be called."""
    return name.replace("\\", "/").replace("\u00a0", "-")


def accounts() -> list[Account]:
    """Each with its name wherever an account may say what it likes."""
    return [
        replace(
            ACCOUNT,
            id=f"{number:010d}",
            name=name,
            login_customer_id=f"{number:010d}",
            credential=("no", "1e3", "fjord")[number % 3],
            hashed=number % 2 == 0,
            audiences={
                ("no", "007", "2026-01-01")[number % 3]: Audience("CRM_ID", "7100000001"),
                "named": Audience("CRM_ID", name=f"{listed(name)}."),
                "created": Audience("CRM_ID", name=listed(name), create=Creation(30)),
            },
        )
        for number, name in enumerate(names())
    ]


def told(account: Account) -> dict[str, Any]:
    """What Terraform should find of it, numbers in their own texts."""
    lists = account.audiences.values()
    return {
        "id": account.id,
        "name": account.name,
        "login": account.login_customer_id,
        "credential": account.credential,
        "region": account.default_region,
        "hashed": account.hashed,
        "audiences": sorted(account.audiences),
        "lists": sorted(audience.name for audience in lists if audience.name),
    }


QUESTION = """\
base64encode(jsonencode(flatten([for file in sort(fileset(path.module, "*.yaml")) :
[for id, a in yamldecode(file("${path.module}/${file}")).accounts : {
id = id, name = tostring(a.name), login = tostring(a.login_customer_id), credential = tostring(a.credential),
region = a.default_region, hashed = try(a.hashed, false), audiences = sort(keys(a.audiences)),
lists = sort([for list in a.audiences : tostring(list.name) if can(list.name)])}]])))"""


def test_terraform_reads_what_was_added_as_sluice_does(tmp_path: Path) -> None:
    asked = accounts()
    for account in asked:
        text = with_entry("accounts: {}\n", account) or ""
        (tmp_path / f"{account.id}.yaml").write_bytes(text.encode())

    answers = json.loads(b64decode(evaluate(QUESTION.replace("\n", " "), tmp_path)))

    assert len(answers) > MADE_UP
    assert [load_accounts(tmp_path / f"{account.id}.yaml") for account in asked] == [
        (each,) for each in asked
    ]
    assert answers == [told(account) for account in asked]
