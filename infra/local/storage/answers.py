"""How this server answers over HTTP: the gate around every call, errors in JSON, partial responses.

Google APIs, JSON error format; Cloud Storage JSON API, "HTTP status and error codes".
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from infra.local.control.control import Control, Injected
from infra.local.storage import selector
from infra.local.storage.engine import StorageEngine
from infra.local.storage.questions import require_supported
from infra.local.storage.refusal import Reason, Refused

CLIENT_CLOSED_REQUEST = 499

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Spoken:
    """A refusal over HTTP: status, reason in the error body, canonical code for the recorder."""

    status: int
    reason: str
    code: str


REFUSALS = {
    Reason.INVALID: Spoken(400, "invalid", "INVALID_ARGUMENT"),
    Reason.NOT_FOUND: Spoken(404, "notFound", "NOT_FOUND"),
    Reason.CONFLICT: Spoken(409, "conflict", "ALREADY_EXISTS"),
    Reason.CONDITION_FAILED: Spoken(412, "conditionNotMet", "FAILED_PRECONDITION"),
    Reason.NOT_MODIFIED: Spoken(304, "notModified", "FAILED_PRECONDITION"),
    Reason.OUT_OF_RANGE: Spoken(416, "requestedRangeNotSatisfiable", "OUT_OF_RANGE"),
    Reason.TOO_OFTEN: Spoken(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED"),
    Reason.UNAVAILABLE: Spoken(503, "backendError", "UNAVAILABLE"),
    Reason.UNSUPPORTED: Spoken(501, "notImplemented", "UNIMPLEMENTED"),
}

INJECTIONS = {
    "INVALID_ARGUMENT": (400, "invalid"),
    "UNAUTHENTICATED": (401, "authError"),
    "PERMISSION_DENIED": (403, "forbidden"),
    "NOT_FOUND": (404, "notFound"),
    "ABORTED": (409, "conflict"),
    "ALREADY_EXISTS": (409, "conflict"),
    "FAILED_PRECONDITION": (412, "conditionNotMet"),
    "RESOURCE_EXHAUSTED": (429, "rateLimitExceeded"),
    "INTERNAL": (500, "backendError"),
    "UNAVAILABLE": (503, "backendError"),
    "DEADLINE_EXCEEDED": (504, "gatewayTimeout"),
}


@dataclass(frozen=True)
class Desk:
    """What every handler works with."""

    store: StorageEngine
    control: Control

    @asynccontextmanager
    async def call(self, method: str, bucket: str = "", resource: str = "") -> AsyncIterator[None]:
        """The gate around the work of one call; `method` in the words of the JSON API."""
        async with self.control.call("storage", method, account=bucket, resource=resource) as note:
            try:
                yield
            except Refused as refused:
                note.status = REFUSALS[refused.reason].code
                raise
            except ConnectionResetError:
                note.status = "CANCELLED"
                raise


def answering(handler: Handler) -> Handler:
    """Says refusals and injected failures in HTTP."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            require_supported(request)
            return await handler(request)
        except Refused as refused:
            return refusal(refused)
        except Injected as injected:
            return injection(injected)
        except ConnectionResetError:  # killed in the middle, as faults do to clients: nobody reads this
            return web.Response(status=CLIENT_CLOSED_REQUEST)

    return handle


def refusal(refused: Refused) -> web.Response:
    spoken = REFUSALS[refused.reason]
    if refused.reason is Reason.NOT_MODIFIED:
        return web.Response(status=spoken.status)
    return error(spoken.status, spoken.reason, refused.message)


def injection(injected: Injected) -> web.Response:
    status, reason = INJECTIONS.get(injected.code, (500, "backendError"))
    return error(status, injected.reason or reason, f"Injected: {injected}")


def error(status: int, reason: str, message: str) -> web.Response:
    detail = {"message": message, "domain": "global", "reason": reason}
    body = {"error": {"code": status, "message": message, "errors": [detail]}}
    return web.json_response(body, status=status)


def document(request: web.Request, resource: dict[str, Any]) -> web.Response:
    """A JSON answer, cut down to the fields that were asked for."""
    if "fields" in request.query:
        resource = selector.select(selector.parse(request.query["fields"]), resource)
    return web.json_response(resource)


def without_content() -> web.Response:
    return web.Response(status=204)
