"""What a download sends: status, headers, and which bytes of the body. Pure.

Cloud Storage, response headers of object downloads; "Transcoding of gzip-compressed files". An object with
Content-Encoding gzip goes out as it is stored, to clients that accept gzip. Unpacking it for others is not
supported here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

from infra.local.storage import checksums, ranges
from infra.local.storage.ranges import Span
from infra.local.storage.records import StoredObject
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.resources import etag

SERVED_AS = {
    "contentType": "Content-Type",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
    "contentDisposition": "Content-Disposition",
    "cacheControl": "Cache-Control",
}


@dataclass(frozen=True)
class Media:
    status: int
    headers: dict[str, str]
    span: Span


def media(stored: StoredObject, request_headers: Mapping[str, str]) -> Media:
    _require_acceptable(stored, request_headers.get("Accept-Encoding", ""))
    size = stored.body.size
    span = ranges.requested(request_headers.get("Range"), size)
    headers = {**_own(stored), **_chosen(stored)}
    if span is None:
        return Media(200, headers, Span(0, size))
    return Media(206, {**headers, "Content-Range": f"bytes {span.first}-{span.end - 1}/{size}"}, span)


def _require_acceptable(stored: StoredObject, accept_encoding: str) -> None:
    accepted = {each.partition(";")[0].strip().lower() for each in accept_encoding.split(",")}
    packed = stored.attributes.get("contentEncoding") == "gzip"
    as_it_is = "no-transform" in stored.attributes.get("cacheControl", "")
    if packed and not as_it_is and not accepted & {"gzip", "*"}:
        raise Refused(
            Reason.UNSUPPORTED, "Unpacking gzip objects is not supported here: send Accept-Encoding: gzip."
        )


def _own(stored: StoredObject) -> dict[str, str]:
    return {
        "ETag": etag(stored),
        "Last-Modified": formatdate(stored.updated, usegmt=True),
        "Accept-Ranges": "bytes",
        "X-Goog-Generation": str(stored.version.generation),
        "X-Goog-Metageneration": str(stored.version.metageneration),
        "X-Goog-Hash": checksums.to_header(stored.body.checksums),
        "X-Goog-Storage-Class": stored.attributes["storageClass"],
        "X-Goog-Stored-Content-Encoding": stored.attributes.get("contentEncoding", "identity"),
        "X-Goog-Stored-Content-Length": str(stored.body.size),
    }


def _chosen(stored: StoredObject) -> dict[str, str]:
    chosen = {header: stored.attributes.get(key) for key, header in SERVED_AS.items()}
    return {"Content-Type": "application/octet-stream", **{key: text for key, text in chosen.items() if text}}
