"""An account's secret is read strictly, and what is wrong with it is told without a word of what stands in it."""

import json
import traceback
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.credentials import Credentials
from google.oauth2 import service_account
from hypothesis import example, given
from hypothesis import strategies as st

from services.uploader.destinations.credentials import GOOGLE_TOKENS, SCOPE, CredentialUnusable, read

PEM = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)
USER = {
    "type": "authorized_user",
    "client_id": "client-of-hush",
    "client_secret": "hush-1",
    "refresh_token": "hush-2",
}
KEY = {
    "type": "service_account",
    "client_email": "hush@demo.iam.gserviceaccount.com",
    "private_key": PEM,
    "token_uri": GOOGLE_TOKENS,
}
WORDS = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())


def changed(document: dict[str, str], **changes: Any) -> bytes:
    """None leaves a field out."""
    kept = {name: value for name, value in {**document, **changes}.items() if value is not None}
    return json.dumps(kept).encode()


def complaint(content: bytes) -> str:
    with pytest.raises(CredentialUnusable) as raised:
        read(content)
    assert raised.value.trouble == "MALFORMED"
    told = "".join(traceback.format_exception(raised.value))
    assert "hush" not in told.replace("hush@", "")
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    return str(raised.value)


def test_a_persons_grant_is_read() -> None:
    credentials: Any = read(changed(USER))

    assert (credentials.client_id, credentials.client_secret) == ("client-of-hush", "hush-1")
    assert (credentials.refresh_token, credentials.token_uri) == ("hush-2", GOOGLE_TOKENS)
    assert credentials.scopes == [SCOPE]


def test_a_service_accounts_key_is_read() -> None:
    credentials = read(changed(KEY))

    assert isinstance(credentials, service_account.Credentials)
    assert credentials.scopes == [SCOPE]


def test_fields_that_google_adds_are_no_mistake() -> None:
    read(changed(USER, quota_project_id="demo", universe_domain="googleapis.com"))


@pytest.mark.parametrize("content", [b"", b"hush-hush", b"\xff\xfe", b'{"type": ', b"[" * 60_000])
def test_what_is_not_json_is_called_so(content: bytes) -> None:
    assert complaint(content) == "it is not JSON"


@pytest.mark.parametrize("content", [b"[]", b'"hush"', b"7", b"null"])
def test_json_that_is_no_object_is_called_so(content: bytes) -> None:
    assert complaint(content) == "it is not a JSON object"


@pytest.mark.parametrize("kind", [None, "", "external_account", "hush", 7, ["authorized_user"]])
def test_another_type_is_refused(kind: object) -> None:
    assert complaint(changed(USER, type=kind)) == "type is neither authorized_user nor service_account"


@pytest.mark.parametrize(
    ("document", "field"),
    [(USER, name) for name in ("client_id", "client_secret", "refresh_token")]
    + [(KEY, name) for name in ("client_email", "private_key", "token_uri")],
)
@pytest.mark.parametrize("value", [None, "", "  ", 7, ["hush"], {"hush": 1}])
def test_a_field_that_is_missing_or_no_text_is_named(
    document: dict[str, str], field: str, value: object
) -> None:
    assert complaint(changed(document, **{field: value})) == f"{field} is missing"


@pytest.mark.parametrize(
    "address", ["http://hush.example.com/token", "ftp://hush", "hush", 7, "http://localhost/"]
)
def test_a_grant_is_sent_nowhere_in_the_clear(address: object) -> None:
    assert complaint(changed(USER, token_uri=address)) == "token_uri is not an https address"


@pytest.mark.parametrize(
    "key", ["hush", PEM[:200], PEM.replace("PRIVATE", "PUBLIC"), "-----BEGIN PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_called_so(key: str) -> None:
    assert complaint(changed(KEY, private_key=key)) == "private_key is not a private key in PEM form"


@example(b"{}")
@given(
    st.binary()
    | st.dictionaries(
        st.sampled_from(["type", *USER, *KEY]), WORDS | st.sampled_from([*USER.values(), *KEY.values()])
    ).map(lambda document: json.dumps(document).encode())
)
def test_whatever_is_stored_is_a_credential_or_a_complaint(content: bytes) -> None:
    try:
        made = read(content)
    except CredentialUnusable:
        return
    assert isinstance(made, Credentials)
