"""Control questions about Google Ads: which accounts exist, who is in an audience, whom faults kept out of it, how many in flight."""

import sys
from array import array
from collections.abc import Callable
from math import inf
from typing import Any

from aiohttp import web

from infra.local.ads.engine import AdsEngine
from infra.local.ads.failure import JOB_FAILURES
from infra.local.ads.jobs import Standing, UserList
from infra.local.ads.traffic import Traffic
from infra.local.control.face import Handler, order, question


def routes(engine: AdsEngine, traffic: Traffic) -> list[web.AbstractRouteDef]:
    """GET and POST /control/ads/accounts · GET /control/ads/audiences/{customer}/{list}/members and /garbled · POST …/members.

    Accounts are told {"customer_id", "user_lists", "standing", "jobs_fail", "jobs_take"}, all but the first optional. A list is
    {"id", "name", "upload_key_type"}, and "type", "membership_status", "read_only" where it is not an own open one of Customer Match;
    without "id" it gets one. "standing" is a word of Standing, "jobs_fail" one of OfflineUserDataJobFailureReason or "",
    "jobs_take" a number of seconds. Members, of a list by number or by name, are sorted 8-byte big-endian digests, one after the
    other; those that are told, of a list by number and in any order, are members from now on beside the others. So are the garbled,
    whose operations were refused for a `garble` fault in the list's successful jobs, once for each operation, however often a
    request was made.
    """
    members = "/control/ads/audiences/{customer}/{list}/members"
    return [
        web.get("/control/ads/accounts", question(lambda _: traffic.report())),
        web.post("/control/ads/accounts", order(lambda body: _declare(engine, traffic, body))),
        web.get(members, _digests(engine, engine.members)),
        web.post(members, _enlist(engine)),
        web.get("/control/ads/audiences/{customer}/{list}/garbled", _digests(engine, engine.lost)),
    ]


def _digests(engine: AdsEngine, found: Callable[[str, int], "array[int]"]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        customer_id, word = request.match_info["customer"], request.match_info["list"]
        try:
            number = int(word) if word.isdecimal() else engine.list_named(customer_id, word)
            digests = found(customer_id, number)
        except KeyError:
            return web.json_response({"error": "no such audience"}, status=404)
        if sys.byteorder == "little":
            digests.byteswap()
        return web.Response(body=digests.tobytes(), content_type="application/octet-stream")

    return handle


def _enlist(engine: AdsEngine) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        customer_id, number = request.match_info["customer"], request.match_info["list"]
        try:
            digests = array("Q", await request.read())
            if sys.byteorder == "little":
                digests.byteswap()
            engine.enlist(customer_id, int(number), digests)
        except (KeyError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({})

    return handle


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
