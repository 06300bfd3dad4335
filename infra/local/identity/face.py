"""The issuer over HTTP: its public keys at /identity/keys, its token endpoint at /identity/token."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from infra.local.control.control import Control, Injected
from infra.local.identity.grants import GrantRefused, Grants
from infra.local.identity.keys import key_set

Handler = Callable[[web.Request], Awaitable[web.Response]]

# The token endpoint knows no gRPC codes; google-auth tries 500, 503, 504, 408 and 429 again.
HTTP_STATUS = {"RESOURCE_EXHAUSTED": 429, "INTERNAL": 500, "DEADLINE_EXCEEDED": 504}


def routes(grants: Grants, control: Control) -> list[web.AbstractRouteDef]:
    """GET /identity/keys (a JWK set) · POST /identity/token (form: grant_type, assertion)."""

    async def keys(_: web.Request) -> web.Response:
        async with control.call("identity", "keys"):
            return web.json_response(key_set(grants.issuer.key))

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        async with control.call("identity", "token") as note:
            try:
                return web.json_response(
                    grants.exchange(str(form.get("grant_type", "")), str(form.get("assertion", "")))
                )
            except GrantRefused as refusal:
                note.status = "INVALID_ARGUMENT"
                answer = {"error": refusal.error, "error_description": refusal.description}
                return web.json_response(answer, status=400)

    return [web.get("/identity/keys", _answered(keys)), web.post("/identity/token", _answered(token))]


def _answered(handler: Handler) -> Handler:
    """Words an injected failure as the token endpoint does."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Injected as fault:
            error = {"error": "server_error", "error_description": f"injected {fault}"}
            return web.json_response(error, status=HTTP_STATUS.get(fault.code, 503))

    return answer
