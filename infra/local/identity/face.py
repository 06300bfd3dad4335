"""The issuer over HTTP: its public keys at /identity/keys, its token endpoint at /identity/token, and orders about people's grants."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from infra.local.control.control import Control, Injected
from infra.local.control.face import order
from infra.local.identity.grants import Grants, TokenState
from infra.local.identity.keys import key_set
from infra.local.identity.refusal import GrantRefused

Handler = Callable[[web.Request], Awaitable[web.Response]]

# The token endpoint knows no gRPC codes; google-auth tries 500, 503, 504, 408 and 429 again.
HTTP_STATUS = {"RESOURCE_EXHAUSTED": 429, "INTERNAL": 500, "DEADLINE_EXCEEDED": 504}


def routes(grants: Grants, control: Control) -> list[web.AbstractRouteDef]:
    """GET /identity/keys (a JWK set) · POST /identity/token (form: grant_type, and assertion or refresh_token, client_id, client_secret) ·
    POST /control/grants {"refresh_token", "client_id", "client_secret"} makes a person's grant known ·
    POST /control/grants/end {"refresh_token", "state": "expired" or "revoked"} ends its access tokens, or all of it."""

    async def keys(_: web.Request) -> web.Response:
        async with control.call("identity", "keys"):
            return web.json_response(key_set(grants.issuer.key))

    async def token(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        async with control.call("identity", "token", account=form.get("client_id", "")) as note:
            try:
                return web.json_response(_granted(grants, form))
            except GrantRefused as refusal:
                note.status = "INVALID_ARGUMENT"
                answer = {"error": refusal.error, "error_description": refusal.description}
                return web.json_response(answer, status=refusal.status)

    return [
        web.get("/identity/keys", _answered(keys)),
        web.post("/identity/token", _answered(token)),
        web.post("/control/grants", order(lambda body: _declare(grants, body))),
        web.post("/control/grants/end", order(lambda body: _end(grants, body))),
    ]


def _granted(grants: Grants, form: Mapping[str, str]) -> dict[str, Any]:
    if form.get("grant_type") == "refresh_token":
        return grants.refresh(
            *(form.get(word, "") for word in ("refresh_token", "client_id", "client_secret"))
        )
    return grants.exchange(form.get("grant_type", ""), form.get("assertion", ""))


def _declare(grants: Grants, body: Any) -> None:
    grants.users.declare(*(str(body[word]) for word in ("refresh_token", "client_id", "client_secret")))


def _end(grants: Grants, body: Any) -> None:
    states = {"expired": TokenState.EXPIRED, "revoked": TokenState.REVOKED}
    grants.end(body["refresh_token"], states[body["state"]])


def _answered(handler: Handler) -> Handler:
    """Words an injected failure as the token endpoint does."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Injected as fault:
            error = {"error": "server_error", "error_description": f"injected {fault}"}
            return web.json_response(error, status=HTTP_STATUS.get(fault.code, 503))

    return answer
