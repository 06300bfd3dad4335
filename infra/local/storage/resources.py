"""The JSON resources of the store's records. Pure.

Cloud Storage JSON API: Buckets, Objects, Notifications. Numbers of 64 bits are text there. Links begin with
the address under which the client reached this server: clients follow mediaLink.
"""

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from infra.local.clock import rfc3339
from infra.local.storage.preconditions import Version
from infra.local.storage.records import Bucket, NotificationConfig, StoredObject, Target

GOOGLE = "https://storage.googleapis.com"  # for resources that no client asked for: those in notifications


def bucket_resource(bucket: Bucket, base: str) -> dict[str, Any]:
    return {
        **bucket.properties,
        "kind": "storage#bucket",
        "id": bucket.name,
        "name": bucket.name,
        "selfLink": f"{base}/storage/v1/b/{bucket.name}",
        "metageneration": "1",
        "timeCreated": rfc3339(bucket.created),
        "updated": rfc3339(bucket.created),
        "etag": _etag(Version(0, 1)),
    }


def object_resource(stored: StoredObject, base: str) -> dict[str, Any]:
    return {
        **stored.attributes,
        **_identity(stored, base),
        **_contents(stored),
        "timeCreated": rfc3339(stored.created),
        "updated": rfc3339(stored.updated),
        "timeStorageClassUpdated": rfc3339(stored.created),
        "timeFinalized": rfc3339(stored.created),
    }


def rewrite_response(stored: StoredObject, base: str) -> dict[str, Any]:
    size = str(stored.body.size)
    return {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": size,
        "objectSize": size,
        "done": True,
        "resource": object_resource(stored, base),
    }


def _identity(stored: StoredObject, base: str) -> dict[str, str]:
    target, generation = stored.target, stored.version.generation
    return {
        "kind": "storage#object",
        "id": f"{target.bucket}/{target.name}/{generation}",
        "selfLink": f"{base}/storage/v1{_path(target)}",
        "mediaLink": f"{base}/download/storage/v1{_path(target)}?generation={generation}&alt=media",
        "name": target.name,
        "bucket": target.bucket,
        "generation": str(generation),
        "metageneration": str(stored.version.metageneration),
        "etag": etag(stored),
    }


def _contents(stored: StoredObject) -> dict[str, Any]:
    checksums = stored.body.checksums
    contents: dict[str, Any] = {"size": str(stored.body.size), "crc32c": checksums.crc32c}
    if checksums.md5:
        contents["md5Hash"] = checksums.md5
    if stored.components:
        contents["componentCount"] = stored.components
    return contents


def config_resource(config: NotificationConfig, base: str) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "kind": "storage#notification",
        "id": config.id,
        "selfLink": f"{base}/storage/v1/b/{config.bucket}/notificationConfigs/{config.id}",
        "topic": f"//pubsub.googleapis.com/{config.topic}",
        "payload_format": config.payload_format,
        "etag": config.id,
    }
    optional = {
        "event_types": list(config.event_types),
        "object_name_prefix": config.name_prefix,
        "custom_attributes": dict(config.custom_attributes),
    }
    return resource | {key: value for key, value in optional.items() if value}


def listing(
    kind: str, items: list[dict[str, Any]], prefixes: Sequence[str] = (), next_page_token: str = ""
) -> dict[str, Any]:
    """A page of resources; what is empty is left out."""
    parts = {"items": items, "prefixes": list(prefixes), "nextPageToken": next_page_token}
    return {"kind": kind} | {key: value for key, value in parts.items() if value}


def etag(stored: StoredObject) -> str:
    return _etag(stored.version)


def _etag(version: Version) -> str:
    return base64.b64encode(f"{version.generation}/{version.metageneration}".encode()).decode("ascii")


def _path(target: Target) -> str:
    return f"/b/{target.bucket}/o/{quote(target.name, safe='')}"
