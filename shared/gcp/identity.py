"""Whose credentials these are: what an operator decides is recorded with their account."""

from getpass import getuser

from google.auth import default
from google.auth.exceptions import GoogleAuthError


def whoami() -> str:
    """The service account's or user's address where the credentials know it, else the user of this machine."""
    try:
        credentials, _ = default()
    except GoogleAuthError:
        return _local_user()
    for name in ("service_account_email", "account", "signer_email"):
        found = getattr(credentials, name, "")
        if found and "@" in str(found):
            return str(found)
    return _local_user()


def _local_user() -> str:
    """The operating system may know no name for it, as in some containers."""
    try:
        return f"local user {getuser()}"
    except (KeyError, OSError):
        return "local user"
