"""What stands in an account's secret, as credentials of google-auth. It is read strictly; what is wrong is told by field, never by content.

Forms: "authorized_user", as `gcloud auth application-default login` writes it, and "service_account", a key file.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import credentials as user
from google.oauth2 import service_account

from shared.errors import SluiceError

SCOPE = "https://www.googleapis.com/auth/adwords"
GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"

Trouble = Literal["MISSING", "DENIED", "MALFORMED", "REFUSED"]

_NO_JSON = object()
_SAFE_ADDRESS = re.compile(r"https://\S+|http://127\.0\.0\.1(:\d+)?/\S*", re.ASCII)


class CredentialUnusable(SluiceError):
    """An account's credential that no request can be made with, until somebody mends it. The text holds nothing of the secret."""

    def __init__(self, trouble: Trouble, words: str) -> None:
        super().__init__(words)
        self.trouble = trouble


def read(content: bytes) -> Credentials:
    """Nothing is asked of anybody yet. CredentialUnusable comes from no other error: parsers' errors keep the content."""
    document = _document(content)
    match document.get("type"):
        case "authorized_user":
            return _user(document)
        case "service_account":
            return _service_account(document)
        case _:
            raise _malformed("type is neither authorized_user nor service_account")


def _document(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = _NO_JSON
    if document is _NO_JSON:
        raise _malformed("it is not JSON")
    if not isinstance(document, dict):
        raise _malformed("it is not a JSON object")
    return document


def _user(document: Mapping[str, Any]) -> Credentials:
    """google-auth's own reader would overrule the address of the token server."""
    _texts(document, ("client_id", "client_secret", "refresh_token"))
    made: Credentials = user.Credentials(
        None,
        refresh_token=document["refresh_token"],
        client_id=document["client_id"],
        client_secret=document["client_secret"],
        token_uri=_token_server(document.get("token_uri", GOOGLE_TOKENS)),
        scopes=[SCOPE],
    )
    return made


def _service_account(document: Mapping[str, Any]) -> Credentials:
    _texts(document, ("client_email", "private_key", "token_uri"))
    _token_server(document["token_uri"])
    made: Credentials | None = None
    try:
        made = service_account.Credentials.from_service_account_info(document, scopes=[SCOPE])
    except (ValueError, GoogleAuthError):
        pass  # the error keeps the key
    if made is None:
        raise _malformed("private_key is not a private key in PEM form")
    return made


def _texts(document: Mapping[str, Any], fields: Iterable[str]) -> None:
    for field in fields:
        if not isinstance(document.get(field), str) or not document[field].strip():
            raise _malformed(f"{field} is missing")


def _token_server(address: object) -> str:
    """The grant is sent there: in the clear to this machine only."""
    if not isinstance(address, str) or not _SAFE_ADDRESS.fullmatch(address):
        raise _malformed("token_uri is not an https address")
    return address


def _malformed(words: str) -> CredentialUnusable:
    return CredentialUnusable("MALFORMED", words)
