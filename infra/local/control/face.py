"""The control questions and orders over HTTP: processes, faults, calls, counts, clock.

For drivers and tests, never for services.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from infra.local.clock import SimClock
from infra.local.control.control import Control
from infra.local.control.faults import FaultError, parse

Handler = Callable[[web.Request], Awaitable[web.Response]]


def routes(control: Control, clock: SimClock) -> list[web.AbstractRouteDef]:
    """POST /control/processes {"name", "pid"} · POST and GET /control/faults · GET /control/counts ·
    GET /control/calls?service=&method=&account= · GET /control/clock · GET /healthz.
    A wrong order answers 400 {"error"}."""
    return [
        web.post("/control/processes", order(lambda body: control.register(body["name"], int(body["pid"])))),
        web.post("/control/faults", order(lambda body: _add_faults(control, body))),
        web.get("/control/faults", question(lambda _: control.faults.listing())),
        web.get("/control/calls", question(lambda query: _calls(control, query))),
        web.get("/control/counts", question(lambda _: control.recorder.counts())),
        web.get("/control/clock", question(lambda _: {"clock": clock.describe(), "now": clock.now()})),
        web.get("/healthz", question(lambda _: {"ok": True})),
    ]


def question(answer: Callable[[Mapping[str, str]], Any]) -> Handler:
    """A GET whose JSON answer is computed from the query's words."""

    async def handle(request: web.Request) -> web.Response:
        return web.json_response(answer(request.query))

    return handle


def order(carry_out: Callable[[Any], None]) -> Handler:
    """A POST whose JSON body is carried out; a body that makes no sense answers 400 with the reason."""

    async def handle(request: web.Request) -> web.Response:
        try:
            carry_out(await request.json())
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({})

    return handle


def _add_faults(control: Control, body: Any) -> None:
    if not isinstance(body, list):
        raise FaultError("faults are sent as a list")
    control.faults.add([parse(each) for each in body])


def _calls(control: Control, query: Mapping[str, str]) -> list[dict[str, Any]]:
    words = {word: query.get(word, "") for word in ("service", "method", "account")}
    return [asdict(call) for call in control.recorder.calls(**words)]
