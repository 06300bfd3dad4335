"""Control questions about Google Ads: which accounts exist, who is in an audience, how many in flight."""

import sys
from typing import Any

from aiohttp import web

from infra.local.ads.engine import AdsEngine
from infra.local.ads.jobs import UserList
from infra.local.ads.traffic import Traffic
from infra.local.control.face import order, question


def routes(engine: AdsEngine, traffic: Traffic) -> list[web.AbstractRouteDef]:
    """GET and POST /control/ads/accounts · GET /control/ads/audiences/{customer}/{list}/members.

    POST takes {"customer_id", "user_lists": [{"id", "name", "upload_key_type"}]}. Members are sorted 8-byte
    big-endian digests, one after the other.
    """

    async def members(request: web.Request) -> web.Response:
        try:
            found = engine.members(request.match_info["customer"], int(request.match_info["list"]))
        except (KeyError, ValueError):
            return web.json_response({"error": "no such audience"}, status=404)
        if sys.byteorder == "little":
            found.byteswap()
        return web.Response(body=found.tobytes(), content_type="application/octet-stream")

    return [
        web.get("/control/ads/accounts", question(lambda _: traffic.report())),
        web.post("/control/ads/accounts", order(lambda body: _declare(engine, traffic, body))),
        web.get("/control/ads/audiences/{customer}/{list}/members", members),
    ]


def _declare(engine: AdsEngine, traffic: Traffic, body: Any) -> None:
    lists = [UserList(int(each["id"]), each["name"], each["upload_key_type"]) for each in body["user_lists"]]
    engine.declare(body["customer_id"], lists)
    traffic.account(body["customer_id"])
