"""What a client may set on an object: headers to be served, custom metadata, storage class. Pure.

Cloud Storage JSON API, Objects resource: fields marked writable. Fields that only the service sets are
ignored when a client sends them back; writable ones that do nothing here are refused rather than dropped.
"""

from typing import Any

from infra.local.storage.records import Document
from infra.local.storage.refusal import Reason, Refused

HEADERS = ("contentType", "contentEncoding", "contentLanguage", "contentDisposition", "cacheControl")
TEXTS = frozenset({*HEADERS, "customTime", "storageClass"})
ONLY_THE_SERVICE_SETS = frozenset(
    {"kind", "id", "selfLink", "mediaLink", "name", "bucket", "generation", "metageneration", "etag", "owner"}
    | {"timeCreated", "updated", "timeStorageClassUpdated", "timeFinalized"}
    | {"size", "md5Hash", "crc32c", "componentCount"}
)


def accepted(document: Document) -> dict[str, Any]:
    """The attributes of a new object, from the resource that came with it."""
    return _tidy(_given(document))


def patched(old: Document, document: Document) -> dict[str, Any]:
    """PATCH: what is named changes, null removes, the rest stays; the same for each key of metadata."""
    given = _given(document)
    _keep_storage_class(old, given)
    if given.get("metadata"):
        given["metadata"] = {**old.get("metadata", {}), **given["metadata"]}
    return _tidy({**old, **given})


def replaced(old: Document, document: Document) -> dict[str, Any]:
    """PUT: what is not named goes."""
    given = _given(document)
    _keep_storage_class(old, given)
    return _tidy({**given, "storageClass": old["storageClass"]})


def _given(document: Document) -> dict[str, Any]:
    return {key: _checked(key, value) for key, value in document.items() if not _without_meaning(key, value)}


def _without_meaning(key: str, value: Any) -> bool:
    """Fields of the service, and settings of other features that are sent along switched off."""
    settable = key in TEXTS or key == "metadata"
    return key in ONLY_THE_SERVICE_SETS or not (settable or value)


def _checked(key: str, value: Any) -> Any:
    if key not in TEXTS and key != "metadata":
        raise Refused(Reason.UNSUPPORTED, f"The object field {key} is not supported here.")
    wanted: type = dict if key == "metadata" else str
    if value is not None and not isinstance(value, wanted):
        raise Refused(Reason.INVALID, f"Invalid value for {key}: {value!r}")
    return value


def _tidy(values: Document) -> dict[str, Any]:
    """Without what was removed."""
    kept = {key: value for key, value in values.items() if value is not None}
    kept["metadata"] = {key: value for key, value in kept.get("metadata", {}).items() if value is not None}
    if wrong := [key for key, value in kept["metadata"].items() if not isinstance(value, str)]:
        raise Refused(Reason.INVALID, f"Invalid value for metadata: {', '.join(wrong)} must be text.")
    return {key: value for key, value in kept.items() if value != {}}


def _keep_storage_class(old: Document, given: Document) -> None:
    if given.get("storageClass", old["storageClass"]) != old["storageClass"]:
        raise Refused(Reason.INVALID, "An object's storage class is changed by rewriting the object.")
