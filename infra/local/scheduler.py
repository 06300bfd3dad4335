"""The local Cloud Scheduler: a signed POST to an address every so often, as a job with an HTTP target and an OIDC token makes it.

Jobs are set by POST /control/schedules, not by Cloud Scheduler's own API. As there, a call is made whether the one before
has ended or not, and what it answers changes nothing.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from aiohttp import web

from infra.local.alarm import Alarm
from infra.local.clock import SimClock
from infra.local.control.control import Control, Injected
from infra.local.control.face import order
from infra.local.delivery import Courier, Outgoing, Sign, session

LONGEST_SECONDS = 1800.0
"""Cloud Scheduler: the attempt deadline of an HTTP target is at most 30 minutes."""


@dataclass(frozen=True)
class Job:
    """`period` in seconds of simulated time; `audience` and `email` are those of the token."""

    name: str
    url: str
    audience: str
    email: str
    period: float


@dataclass
class Schedule:
    """The jobs by name, and when each is due (epoch seconds). Pure: it is told the time."""

    jobs: dict[str, Job] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)

    def set(self, job: Job, now: float) -> None:
        """A known name gets a new job; the first call comes after one period."""
        self.jobs[job.name], self._due[job.name] = job, now + job.period

    def take(self, now: float) -> Iterator[Job]:
        """What is due, once: a clock that was away makes up for nothing."""
        for name, due in self._due.items():
            if due <= now:
                self._due[name] = now + self.jobs[name].period
                yield self.jobs[name]

    def next_due(self) -> float:
        return min(self._due.values(), default=inf)


class Scheduler:
    def __init__(self, control: Control, clock: SimClock, sign: Sign) -> None:
        self._control, self._clock, self._sign = control, clock, sign
        self._schedule, self._alarm = Schedule(), Alarm(clock)

    def routes(self) -> list[web.AbstractRouteDef]:
        """POST /control/schedules {"name", "url", "audience", "email", "period"}."""
        return [web.post("/control/schedules", order(self._set))]

    def _set(self, body: dict[str, Any]) -> None:
        name, url, audience, email = (str(body[key]) for key in ("name", "url", "audience", "email"))
        self._schedule.set(Job(name, url, audience, email, float(body["period"])), self._clock.now())
        self._alarm.ring()

    async def run(self) -> None:
        """Until cancelled, and then takes its running calls with it."""
        async with session() as http, asyncio.TaskGroup() as group:
            courier = Courier(http, group, self._clock)
            while True:
                for job in self._schedule.take(self._clock.now()):
                    group.create_task(self._call(courier, job))
                await self._alarm.wait(self._schedule.next_due())

    async def _call(self, courier: Courier, job: Job) -> None:
        headers = {"Authorization": f"Bearer {self._sign(job.audience, job.email)}"}
        try:
            async with self._control.call("scheduler", "call", account=job.name, resource=job.url) as note:
                answer = await courier.send(Outgoing("POST", job.url, headers, b"", LONGEST_SECONDS))
                note.status = "OK" if answer.status and answer.status < 300 else answer.words
        except Injected:
            return
