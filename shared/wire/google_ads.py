"""Request bodies of OfflineUserDataJobService, written by hand: the uploader has nothing left to build.

Serialised messages concatenate: `add_operations_header(...) + frame` is a whole
AddOfflineUserDataJobOperationsRequest, where a frame is any number of `operation(...)` one after the other.
Nothing here normalises or hashes; it takes what is ready to send. Source of the field numbers:
google.ads.googleads.v26 (offline_user_data_job_service.proto, offline_user_data.proto); the tests compare
with the classes generated from them.
"""

from collections.abc import Iterable
from typing import Literal

from shared.wire import protobuf

# Google Ads API, "Customer Match considerations" and "System limits".
IDENTIFIERS_PER_REQUEST_MAX = 100_000
IDENTIFIERS_PER_REQUEST_RECOMMENDED = 10_000
IDENTIFIERS_PER_USER_DATA_MAX = 20
OPERATIONS_PER_JOB_RECOMMENDED = 1_000_000

# AddOfflineUserDataJobOperationsRequest
_RESOURCE_NAME = 1
_OPERATIONS = 3
_ENABLE_PARTIAL_FAILURE = 4
_VALIDATE_ONLY = 5
# OfflineUserDataJobOperation
_CREATE = 1
_REMOVE = 2
_REMOVE_ALL = 3
# UserData
_USER_IDENTIFIERS = 1
# UserIdentifier
_ADDRESS_INFO = 5
_HASHED_EMAIL = 7
_HASHED_PHONE_NUMBER = 8
_MOBILE_ID = 9
_THIRD_PARTY_USER_ID = 10
# OfflineUserAddressInfo
_HASHED_FIRST_NAME = 7
_HASHED_LAST_NAME = 8
_COUNTRY_CODE = 11
_POSTAL_CODE = 12

_HEX_DIGEST_LENGTH = 64

Action = Literal["create", "remove"]


def _before_digest(field: int) -> bytes:
    """Tag and length of a digest's field: digests all have one length, so this is a constant."""
    return protobuf.length_delimited(field, bytes(_HEX_DIGEST_LENGTH))[:-_HEX_DIGEST_LENGTH]


def _before_identifier(field: int) -> bytes:
    """The same for a digest that is a UserIdentifier by itself."""
    identifier = protobuf.length_delimited(field, bytes(_HEX_DIGEST_LENGTH))
    return protobuf.length_delimited(_USER_IDENTIFIERS, identifier)[:-_HEX_DIGEST_LENGTH]


_BEFORE_EMAIL = _before_identifier(_HASHED_EMAIL)
_BEFORE_PHONE = _before_identifier(_HASHED_PHONE_NUMBER)
_BEFORE_FIRST_NAME = _before_digest(_HASHED_FIRST_NAME)
_BEFORE_LAST_NAME = _before_digest(_HASHED_LAST_NAME)
_ACTION_TAGS = {
    "create": protobuf.length_delimited_tag(_CREATE),
    "remove": protobuf.length_delimited_tag(_REMOVE),
}
_OPERATION_TAG = protobuf.length_delimited_tag(_OPERATIONS)


def _hex_digest(digest: str) -> bytes:
    if len(digest) != _HEX_DIGEST_LENGTH:
        raise ValueError("a hashed identifier is 64 hex digits")
    return digest.encode("ascii")


def hashed_email(digest: str) -> bytes:
    """An element of UserData.user_identifiers, from the 64 hex digits of a SHA-256."""
    return _BEFORE_EMAIL + _hex_digest(digest)


def hashed_phone_number(digest: str) -> bytes:
    """An element of UserData.user_identifiers, from the 64 hex digits of a SHA-256."""
    return _BEFORE_PHONE + _hex_digest(digest)


def mobile_id(value: str) -> bytes:
    """An element of UserData.user_identifiers, not hashed."""
    return protobuf.length_delimited(_USER_IDENTIFIERS, protobuf.text(_MOBILE_ID, value))


def third_party_user_id(value: str) -> bytes:
    """An element of UserData.user_identifiers, not hashed."""
    return protobuf.length_delimited(_USER_IDENTIFIERS, protobuf.text(_THIRD_PARTY_USER_ID, value))


def address(first_name_digest: str, last_name_digest: str, country_code: str, postal_code: str) -> bytes:
    """An element of UserData.user_identifiers. Names are 64 hex digits; country and postal code are plain."""
    first_name = _BEFORE_FIRST_NAME + _hex_digest(first_name_digest)
    last_name = _BEFORE_LAST_NAME + _hex_digest(last_name_digest)
    info = (
        first_name
        + last_name
        + protobuf.text(_COUNTRY_CODE, country_code)
        + protobuf.text(_POSTAL_CODE, postal_code)
    )
    return protobuf.length_delimited(_USER_IDENTIFIERS, protobuf.length_delimited(_ADDRESS_INFO, info))


def operation(action: Action, user_identifiers: Iterable[bytes]) -> bytes:
    """One person as an element of AddOfflineUserDataJobOperationsRequest.operations.

    `user_identifiers` are results of the functions above, all of the same person, at most
    IDENTIFIERS_PER_USER_DATA_MAX.
    """
    user_data = b"".join(user_identifiers)
    change = _ACTION_TAGS[action] + protobuf.varint(len(user_data)) + user_data
    return _OPERATION_TAG + protobuf.varint(len(change)) + change


def remove_all() -> bytes:
    """A frame of its own: everybody is taken out first. Only a job's very first operation may say so."""
    change = protobuf.boolean(_REMOVE_ALL, True)
    return _OPERATION_TAG + protobuf.varint(len(change)) + change


def end_of(frame: bytes | bytearray | memoryview, operations: int) -> int:
    """How many bytes the frame's first `operations` take."""
    end = 0
    for _ in range(operations):
        end = protobuf.field_end(frame, end)
    return end


def add_operations_header(
    resource_name: str, *, enable_partial_failure: bool, validate_only: bool = False
) -> bytes:
    """All of an AddOfflineUserDataJobOperationsRequest but its operations; a frame goes behind it."""
    return (
        protobuf.text(_RESOURCE_NAME, resource_name)
        + protobuf.boolean(_ENABLE_PARTIAL_FAILURE, enable_partial_failure)
        + protobuf.boolean(_VALIDATE_ONLY, validate_only)
    )
