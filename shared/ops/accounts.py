"""An account's configuration, as deployed: one object each, so that adding an account redeploys nothing."""

import re

from shared import names
from shared.errors import ConfigurationError
from shared.model.account import Account
from shared.model.codec import DocumentError
from shared.world import Ports

_TEN_DIGITS = re.compile(r"\d{10}", re.ASCII)


def read_account(ports: Ports, account: str) -> Account | None:
    """None: no such account. Only ten digits are looked up, so that no name reaches beyond its folder."""
    if not _TEN_DIGITS.fullmatch(account):
        return None
    try:
        entry = ports.ledger.read(Account, names.account_json(account))
    except DocumentError as error:
        raise ConfigurationError(
            f"{names.account_json(account)}: {error}; deploy accounts.yaml again"
        ) from error
    return entry.value if entry else None
