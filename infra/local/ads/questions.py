"""Control questions about Google Ads: which accounts exist, who is in an audience, how many in flight."""

import sys
from array import array
from math import inf
from typing import Any

from aiohttp import web

from infra.local.ads.engine import AdsEngine
from infra.local.ads.failure import JOB_FAILURES
from infra.local.ads.jobs import Standing, UserList
from infra.local.ads.traffic import Traffic
from infra.local.control.face import order, question


def routes(engine: AdsEngine, traffic: Traffic) -> list[web.AbstractRouteDef]:
    """GET and POST /control/ads/accounts and /control/ads/audiences/{customer}/{list}/members.

    Accounts are told {"customer_id", "user_lists", "standing", "jobs_fail", "jobs_take"}, all but the first optional. A list is
    {"id", "name", "upload_key_type"}, and "type", "membership_status", "read_only" where it is not an own open one of Customer Match;
    without "id" it gets one. "standing" is a word of Standing, "jobs_fail" one of OfflineUserDataJobFailureReason or "",
    "jobs_take" a number of seconds. Members, of a list by number or by name, are sorted 8-byte big-endian digests, one after the other;
    those that are told, of a list by number and in any order, are members from now on beside the others.
    """

    async def members(request: web.Request) -> web.Response:
        try:
            found = _members(engine, request.match_info["customer"], request.match_info["list"])
        except KeyError:
            return web.json_response({"error": "no such audience"}, status=404)
        if sys.byteorder == "little":
            found.byteswap()
        return web.Response(body=found.tobytes(), content_type="application/octet-stream")

    async def enlist(request: web.Request) -> web.Response:
        try:
            digests = _digests(await request.read())
            engine.enlist(request.match_info["customer"], int(request.match_info["list"]), digests)
        except (KeyError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({})

    return [
        web.get("/control/ads/accounts", question(lambda _: traffic.report())),
        web.post("/control/ads/accounts", order(lambda body: _declare(engine, traffic, body))),
        web.get("/control/ads/audiences/{customer}/{list}/members", members),
        web.post("/control/ads/audiences/{customer}/{list}/members", enlist),
    ]


def _members(engine: AdsEngine, customer_id: str, user_list: str) -> "array[int]":
    if user_list.isdecimal():
        return engine.members(customer_id, int(user_list))
    return engine.members_of(customer_id, user_list)


def _digests(content: bytes) -> "array[int]":
    digests = array("Q", content)
    if sys.byteorder == "little":
        digests.byteswap()
    return digests


def _declare(engine: AdsEngine, traffic: Traffic, body: Any) -> None:
    customer_id, lists = body["customer_id"], [_user_list(each) for each in body.get("user_lists", ())]
    standing, failure = Standing(body.get("standing", Standing.GOOD)), body.get("jobs_fail", "")
    if failure not in JOB_FAILURES:
        raise ValueError(f"jobs_fail is one of {', '.join(JOB_FAILURES)}")
    seconds = float(body.get("jobs_take", 0))
    if not 0 <= seconds < inf:
        raise ValueError("jobs_take is a number of seconds")
    engine.declare(customer_id, lists)
    if "standing" in body:
        engine.judge(customer_id, standing)
    if "jobs_fail" in body:
        engine.let_jobs_fail(customer_id, failure)
    if "jobs_take" in body:
        engine.let_jobs_take(customer_id, seconds)
    traffic.account(customer_id)


def _user_list(body: Any) -> UserList:
    given = {key: body[key] for key in ("type", "membership_status", "read_only") if key in body}
    return UserList(int(body.get("id", 0)), body["name"], body["upload_key_type"], **given)
