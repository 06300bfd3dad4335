"""Which names buckets and objects may have. Cloud Storage, "Bucket names" and "Object names"."""

import re

from infra.local.storage.refusal import Reason, Refused

_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,220})[a-z0-9]")
_LABEL_LIMIT = 63
_OBJECT_BYTES = 1024


def require_bucket_name(name: str) -> None:
    if not _BUCKET.fullmatch(name) or max(map(len, name.split("."))) > _LABEL_LIMIT or ".." in name:
        raise Refused(Reason.INVALID, f"Invalid bucket name: {name!r}")


def require_object_name(name: str) -> None:
    """1 to 1024 bytes of UTF-8 without line breaks, and none of the names that mean something in a path."""
    if not name:
        raise Refused(Reason.INVALID, "Required parameter: name")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise Refused(Reason.INVALID, "An object's name must be valid Unicode.") from None
    if length > _OBJECT_BYTES or "\r" in name or "\n" in name or name in (".", ".."):
        raise Refused(Reason.INVALID, f"Disallowed object name: {name!r}")
