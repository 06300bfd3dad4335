"""More instances of the uploader beside the deployment's own, and accounts whose tasks go to those that a test names.

Cloud Run starts as many as it likes, stops giving CPU to some, and kills others: what one of them is and does here is
told by signals, its wall clock by the origin in SLUICE_CLOCK. All know each other by the ledger alone.
"""

import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from google.cloud.tasks_v2 import OidcToken

from infra.provision import queue
from services.console import environment, programs
from services.console.processes import Supervisor, answers_http
from services.console.programs import Options
from shared.model.account import Account
from shared.names import parse_task
from tests.support.flow import LOUD, SPEED, Flow
from tests.support.front import Front, opened

AUDIENCE = "https://uploader.example.com/"
"""The address that all instances share, as far as tokens are concerned: none of them is called by one of its own."""
WIDE = 16
"""Dispatches at once of a queue that is no guard: the lease alone stands between two requests."""


@dataclass(frozen=True)
class Instance:
    """A process of the uploader that leads a group of its own; a signal to the group reaches gunicorn's worker too."""

    name: str
    pid: int
    port: int

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)


@dataclass(frozen=True)
class Instances:
    """They end together. What dies is not started again. `told` is added to the environment of each."""

    flow: Flow
    supervisor: Supervisor
    stack: ExitStack
    told: Mapping[str, str]

    def start(self, **ahead: float) -> tuple[Instance, ...]:
        """One for each name, whose wall clock is so many seconds ahead. Returns when all answer."""
        started = tuple(self._start(name, seconds) for name, seconds in ahead.items())
        for each in started:
            self.supervisor.await_ready(each.name, partial(answers_http, each.port))
        return started

    def account(self, *audiences: str, wide: bool = True) -> tuple[Account, Front]:
        """A new account whose tasks go through a front of its own. Its queue is paused: a task of it goes when it is run by hand."""
        account, front = self.flow.account(*audiences), self.front()
        self.route(account, front, wide=wide)
        return account, front

    def front(self) -> Front:
        """One more, with nobody in service. It closes with the instances."""
        return self.stack.enter_context(opened())

    def route(self, account: Account, front: Front, *, wide: bool) -> None:
        """Lets an account's tasks go through the front. Its queue is paused; `wide`: it is no guard."""
        site, settings = self.flow.deployment.site, self.flow.deployment.topology.queue
        if wide:
            settings = replace(settings, max_concurrent_dispatches=WIDE)
        wanted = queue(replace(site, endpoints={"uploader": front.url}), settings, account.id)
        wanted.http_target.oidc_token = OidcToken(service_account_email=site.task_invoker, audience=AUDIENCE)
        client = self.flow.deployment.admin.tasks
        client.update_queue(queue=wanted)
        client.pause_queue(name=wanted.name)

    def _start(self, name: str, ahead: float) -> Instance:
        flow, port = self.flow, _free_port()
        options = Options(
            flow.folder, flow.folder / "state", SPEED, 0, {**environment.inherited(), **self.told}, {}
        )
        own = programs.service(
            options, "uploader", port, _variables(flow.deployment.variables, ahead), _nobody
        )
        told = {**own.environment, "SLUICE_TOKEN_AUDIENCE": AUDIENCE}
        self.supervisor.start(replace(own, name=name, environment=told, log=options.log(name), lasting=False))
        return Instance(name, self.supervisor.pids()[name], port)


@contextmanager
def instances(flow: Flow, told: Mapping[str, str] = LOUD) -> Iterator[Instances]:
    with Supervisor() as supervisor, ExitStack() as stack:
        yield Instances(flow, supervisor, stack, told)


def run_by_hand(flow: Flow, account: Account, kind: str = "upload") -> None:
    """Dispatches the account's task of this kind now, whatever queue and running dispatches say: RunTask. On a busy machine a sweep
    may have made a second one: either will do."""
    task, *_ = flow.until(lambda: _of_kind(flow, account, kind), f"the {kind} task of {account.id}")
    flow.deployment.admin.tasks.run_task(name=task)


def resume(flow: Flow, account: Account) -> None:
    flow.deployment.admin.tasks.resume_queue(name=flow.deployment.site.queue(account.id))


def waiting(flow: Flow, account: Account) -> float:
    """Seconds between making the successor of the account's upload task and its turn, once there is one."""
    name = flow.until(lambda: _successor(flow, account), f"a successor in {account.id}'s queue")
    task: Any = flow.deployment.admin.tasks.get_task(name=name)
    wait: timedelta = task.schedule_time - task.create_time
    return wait.total_seconds()


def _successor(flow: Flow, account: Account) -> str | None:
    return next((task for task in _of_kind(flow, account, "upload") if task.endswith("-n1")), None)


def _of_kind(flow: Flow, account: Account, kind: str) -> list[str]:
    parsed = ((task, parse_task(task.rpartition("/")[2])) for task in flow.tasks(account))
    return [task for task, parts in parsed if parts and parts[2] == kind]


def _variables(variables: Mapping[str, str], ahead: float) -> dict[str, str]:
    """An origin that is later makes a wall clock that is ahead; CLOCK_MONOTONIC stays what it is."""
    speed, origin, started = variables["SLUICE_CLOCK"].split(",")
    return {**variables, "SLUICE_CLOCK": f"{speed},{float(origin) + ahead!r},{started}"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _nobody(_: int) -> None:
    """No fault of the local cloud means these processes."""
