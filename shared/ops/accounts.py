"""An account's configuration, as deployed: one object each, so that adding an account redeploys nothing."""

from shared import names
from shared.errors import ConfigurationError
from shared.model.account import Account, unfit
from shared.model.codec import DocumentError
from shared.world import Ports


def read_account(ports: Ports, account: str) -> Account | None:
    """None: no such account. Only ten digits are looked up, so that no name reaches beyond its folder."""
    if not names.is_account_id(account):
        return None
    try:
        entry = ports.ledger.read(Account, names.account_json(account))
    except DocumentError as error:
        raise ConfigurationError(
            f"{names.account_json(account)}: {error}; deploy accounts.yaml again"
        ) from error
    return _fit(account, entry.value) if entry else None


def _fit(account: str, found: Account) -> Account:
    """Its keys and numbers become parts of names and requests, so that one that is none of them stops everything here."""
    wrong = unfit(found) or ("" if found.id == account else "it is another account's")
    if wrong:
        raise ConfigurationError(f"{names.account_json(account)}: {wrong}; deploy accounts.yaml again")
    return found
