"""One HTTP request to an endpoint, within a limit of simulated time, and what came of it.

Used for pushes and for tasks. A limit only closes the connection: the server may go on working, as it may in
Google's cloud. Redirects are not followed. A connection serves one request, so that none fails because an
idle one was closed.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from infra.local.clock import SimClock

Sign = Callable[[str, str], str]  # audience, service account's email -> OIDC token


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`limit`: seconds of simulated time for the whole exchange."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    limit: float


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` None: no answer, and `failure` is the canonical code name of what happened instead."""

    status: int | None
    retry_after: str = ""
    failure: str = ""

    @property
    def words(self) -> str:
        return self.failure if self.status is None else f"HTTP {self.status}"


@dataclass(frozen=True)
class Courier:
    """Carries requests; `copies` live in `group`, so that they end with it and not with the first answer."""

    session: aiohttp.ClientSession
    group: asyncio.TaskGroup
    clock: SimClock

    async def send(self, outgoing: Outgoing) -> Answer:
        try:
            async with asyncio.timeout(self.clock.real(outgoing.limit)):
                return await self._exchange(outgoing)
        except TimeoutError:
            return Answer(None, failure="DEADLINE_EXCEEDED")
        except (aiohttp.ClientError, OSError):
            return Answer(None, failure="UNAVAILABLE")

    async def deliver(self, copies: int, once: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The first answer with a status decides. The other copies go on: they are real deliveries."""
        tasks = [self.group.create_task(once()) for _ in range(copies)]
        pending = set(tasks)
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            answers = [task.result() for task in tasks if task in done]
            definite = [answer for answer in answers if answer.status is not None]
            if definite or not pending:
                return (definite or answers)[0]
        raise ValueError("a delivery is made at least once")

    async def _exchange(self, outgoing: Outgoing) -> Answer:
        async with self.session.request(
            outgoing.method,
            outgoing.url,
            headers=outgoing.headers,
            data=outgoing.body,
            allow_redirects=False,
        ) as response:
            await response.read()
            return Answer(response.status, response.headers.get("Retry-After", ""))


def session() -> aiohttp.ClientSession:
    """Without limits and headers of its own: those are the queue's and the subscription's business."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Content-Type", "User-Agent"),
        auto_decompress=False,
    )
