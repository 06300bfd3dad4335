"""The service account as which clients call, and its key file for GOOGLE_APPLICATION_CREDENTIALS."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from infra.local.identity.keys import KeyPair


@dataclass(frozen=True)
class ServiceAccount:
    email: str
    key: KeyPair


def write_key_file(account: ServiceAccount, token_uri: str, path: Path) -> None:
    """Writes the account's key in Google's file form; only its owner can read it."""
    document = {
        "type": "service_account",
        "project_id": account.email.partition("@")[2].partition(".")[0],
        "private_key_id": account.key.id,
        "private_key": account.key.pem(),
        "client_email": account.email,
        "client_id": str(int(account.key.id[:16], 16)),
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
    path.unlink(missing_ok=True)  # an old file would keep its own, perhaps wider, mode
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
