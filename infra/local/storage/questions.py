"""How requests are read: which object they mean, their JSON body, and whether all of it is understood here.

Parameters and headers that would be silently without effect are refused: code that needs them must fail here,
not first in production.
"""

import json
from typing import Any

from aiohttp import web

from infra.local.storage import preconditions, selector
from infra.local.storage.parameters import whole_number
from infra.local.storage.records import Document, Target, Wanted
from infra.local.storage.refusal import Reason, Refused

# They choose a form of the answer that is the only one here, or tell who pays.
WITHOUT_EFFECT = {"alt", "prettyPrint", "projection", "versions", "userProject", "quotaUser", "key"}
CONDITIONS = {
    f"if{source}{number}{match}"
    for source in ("", "Source")
    for number in ("Generation", "Metageneration", "MetaGeneration")
    for match in ("Match", "NotMatch")
}
UNDERSTOOD = (
    {"project", "name", "generation", "sourceGeneration", "fields"}
    | {"uploadType", "upload_id", "contentEncoding"}
    | {"prefix", "delimiter", "startOffset", "endOffset", "pageToken", "maxResults"}
    | CONDITIONS
    | WITHOUT_EFFECT
)
REFUSED_HEADERS = (
    *("If-Match", "If-None-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since"),
    *("Content-Encoding", "X-Goog-Encryption-Algorithm"),
)


def require_supported(request: web.Request) -> None:
    for name in request.query:
        if name not in UNDERSTOOD:
            raise Refused(Reason.UNSUPPORTED, f"The parameter {name} is not supported here.")
    for header in REFUSED_HEADERS:
        if header in request.headers:
            raise Refused(Reason.UNSUPPORTED, f"The request header {header} is not supported here.")
    selector.parse(request.query.get("fields", "*"))  # after the effect it would be too late to refuse it


def wanted(request: web.Request) -> Wanted:
    """The object of the path, with the generation and the conditions of the query."""
    target = Target(request.match_info["bucket"], request.match_info["object"])
    return Wanted(target, whole_number(request.query, "generation"), preconditions.parse(request.query))


def base(request: web.Request) -> str:
    """The address under which the client reached this server."""
    return str(request.url.origin())


async def json_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; an empty one if it has no body."""
    return json_object((await request.read()).decode(errors="replace") or "{}")


def json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Refused(Reason.INVALID, f"Parse Error: {error}") from error
    if not isinstance(value, dict):
        raise Refused(Reason.INVALID, "Parse Error: the body must be a JSON object.")
    return value


def part_of(resource: Document, name: str) -> dict[str, Any]:
    """An object inside a resource; empty where it is left out."""
    value = resource.get(name) or {}
    if not isinstance(value, dict):
        raise Refused(Reason.INVALID, f"Invalid value for {name}: {value!r}")
    return value
