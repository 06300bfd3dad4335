"""One passage of the demo: everything is started, landed, followed, compared and stopped again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from services.console.accounts.deciding import Done
from services.console.accounts.orders import resume_one
from services.console.accounts.survey import index, look
from services.console.demo.cargo import Cargo
from services.console.demo.comparison import Comparison
from services.console.demo.display import Display
from services.console.demo.faults import Fault, faults
from services.console.demo.landing import landing
from services.console.demo.operator import Operator
from services.console.demo.report import Findings
from services.console.demo.watch import Watch
from services.console.deployment import Deployment, bring_up
from services.console.feed import listening
from services.console.ports import ConsolePorts
from services.console.processes import Supervisor
from services.console.programs import Options
from shared.log import configure
from shared.settings import from_environment

_SERVER_OF = {"storage": "storage", "pubsub": "pubsub", "cloudtasks": "tasks", "google_ads": "ads"}


@dataclass(frozen=True)
class Delivery:
    """`faulty`: whether the seed's faults are injected."""

    console: Console
    options: Options
    cargo: Cargo
    faulty: bool

    def carry_out(self) -> tuple[Findings, dict[str, int]]:
        """What was found out, and the largest resident size of each process in bytes."""
        with Supervisor() as supervisor:
            with self.console.status("Starting the local cloud and the services"):
                deployment = bring_up(self.options, supervisor)
            if self.faulty:
                deployment.control.inject(self._faults())
            with self._ports(deployment) as ports:
                watch = self._follow(deployment, supervisor, ports)
                comparison = Comparison(self.cargo, self.options.folder, watch, deployment, ports)
                with self.console.status("Comparing the audiences with the truth"):
                    return comparison.findings(), watch.peaks

    @contextmanager
    def _ports(self, deployment: Deployment) -> Iterator[ConsolePorts]:
        """The operator's. What is logged on the way goes into a file, not across the board."""
        with self.options.log("operator").open("w") as log:
            configure("json", "operator", log)
            yield ConsolePorts(from_environment(deployment.variables))

    def _faults(self) -> list[Fault]:
        """Servers that others run take no faults."""
        planned = faults(self.options.seed, *self.cargo.accounts)
        return [fault for fault in planned if _SERVER_OF[fault["service"]] not in self.options.foreign]

    def _follow(self, deployment: Deployment, supervisor: Supervisor, ports: ConsolePorts) -> Watch:
        started = time.monotonic()

        def elapsed() -> float:
            return time.monotonic() - started

        segments, speed = self.cargo.segments, self.options.speed
        with (
            listening(deployment) as feed,
            landing(deployment.admin, deployment.site, segments, self.cargo.contents) as uploads,
            Display(self.console, elapsed) as display,
        ):
            operator = _operator(deployment, ports, display)
            watch = Watch(deployment, supervisor, feed, uploads, segments, speed, display, elapsed, operator)
            watch.run()
        return watch


def _operator(deployment: Deployment, ports: ConsolePorts, display: Display) -> Operator:
    def accept_terms(account: str) -> None:
        deployment.control.judge(account, "good")

    def resume(account: str) -> Done:
        return resume_one(ports, look(ports, index(ports), account))

    def say(account: str, words: str) -> None:
        display.note("operator", "bold cyan", f"{account:<13}  {words}")

    return Operator(accept_terms, resume, say)
