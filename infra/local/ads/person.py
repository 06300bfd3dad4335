"""One UserData message: may it be uploaded, and which 64-bit digest stands for the person from then on. Pure.

The digest is the first 8 bytes of SHA-256 over the person's identifiers, each written as "email:<hash>",
"phone:<hash>", "mobile:<id>", "user:<id>" or "address:<first>:<last>:<country>:<postal>", sorted, one a line.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from infra.local.ads.problems import BadOperation, Unsupported

MAX_IDENTIFIERS = 20
is_hash = re.compile(r"[0-9a-f]{64}").fullmatch
is_mobile_id = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").fullmatch
is_country = re.compile(r"[A-Z]{2}").fullmatch

# Which identifiers a user list takes, by its crm_based_user_list.upload_key_type.
IDENTIFIERS: Mapping[str, frozenset[str]] = {
    "CONTACT_INFO": frozenset({"hashed_email", "hashed_phone_number", "address_info"}),
    "CRM_ID": frozenset({"third_party_user_id"}),
    "MOBILE_ADVERTISING_ID": frozenset({"mobile_id"}),
}


def digest(data: Any, allowed: frozenset[str]) -> int:
    """The digest of a UserData message with identifiers of the `allowed` fields. Raises BadOperation."""
    _check_frame(data)
    words = []
    for position, identifier in enumerate(data.user_identifiers):
        try:
            words.append(_written(identifier, allowed))
        except BadOperation as bad:
            bad.path = (("user_identifiers", position), *bad.path)
            raise
    words.sort()
    return int.from_bytes(sha256("\n".join(words).encode()).digest()[:8], "big")


def _check_frame(data: Any) -> None:
    if data.HasField("transaction_attribute"):
        raise Unsupported("transaction_attribute: the local cloud knows Customer Match only")
    if data.HasField("user_attribute"):
        value = "ATTRIBUTES_NOT_APPLICABLE_FOR_CUSTOMER_MATCH_USER_LIST"
        raise BadOperation(value, "User attributes cannot be uploaded into a user list.", "user_attribute")
    if not data.user_identifiers:
        raise BadOperation(
            "MISSING_USER_IDENTIFIER", "A user has at least one identifier.", "user_identifiers"
        )
    if len(data.user_identifiers) > MAX_IDENTIFIERS:
        words = f"Maximum number of user identifiers per operation is {MAX_IDENTIFIERS}."
        raise BadOperation("TOO_MANY_USER_IDENTIFIERS", words, "user_identifiers")


def _written(identifier: Any, allowed: frozenset[str]) -> str:
    form = identifier.WhichOneof("identifier")
    if form is None:
        raise BadOperation("MISSING_USER_IDENTIFIER", "The user identifier is empty.")
    if form not in allowed:
        words = "The identifier does not fit the upload key type of the user list."
        raise BadOperation("INCOMPATIBLE_UPLOAD_KEY_TYPE", words, form)
    return WRITERS[form](getattr(identifier, form))


def _email(value: str) -> str:
    return f"email:{_hash(value, 'hashed_email')}"


def _phone(value: str) -> str:
    return f"phone:{_hash(value, 'hashed_phone_number')}"


def _mobile(value: str) -> str:
    if not is_mobile_id(value):
        raise BadOperation("INVALID_MOBILE_ID_FORMAT", "The mobile ID is malformed.", "mobile_id")
    return f"mobile:{value}"


def _user(value: str) -> str:
    if not value:
        raise BadOperation("MISSING_USER_IDENTIFIER", "The user ID is empty.", "third_party_user_id")
    return f"user:{value}"


def _address(address: Any) -> str:
    first, last = address.hashed_first_name, address.hashed_last_name
    if address.city or address.state or address.hashed_street_address:
        raise Unsupported(
            "address_info: names, country and postal code are known to the local cloud, no more"
        )
    if not (first and last and address.country_code and address.postal_code):
        words = "An address has both names, a country code and a postal code."
        raise BadOperation("MISSING_USER_IDENTIFIER", words, "address_info")
    if not is_country(address.country_code):
        raise BadOperation(
            "INVALID_COUNTRY_CODE", "The country code is invalid.", "address_info", "country_code"
        )
    _hash(first, "address_info", "hashed_first_name")
    _hash(last, "address_info", "hashed_last_name")
    return f"address:{first}:{last}:{address.country_code}:{address.postal_code}"


def _hash(value: str, *path: str) -> str:
    if not is_hash(value):
        raise BadOperation("INVALID_SHA256_FORMAT", "The SHA256 encoded value is malformed.", *path)
    return value


WRITERS: Mapping[str, Callable[[Any], str]] = {
    "hashed_email": _email,
    "hashed_phone_number": _phone,
    "address_info": _address,
    "mobile_id": _mobile,
    "third_party_user_id": _user,
}
