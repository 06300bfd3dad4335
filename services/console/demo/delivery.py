"""One passage of the demo: everything is started, landed, followed, compared and stopped again."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.console.demo.display import Display
from services.console.demo.faults import Fault, faults
from services.console.demo.generate import Generated
from services.console.demo.landing import landing
from services.console.demo.report import Delivered, Findings
from services.console.demo.segments import Segment
from services.console.demo.truth import Counted, Difference, compare
from services.console.demo.watch import Watch
from services.console.deployment import Deployment, bring_up
from services.console.feed import listening
from services.console.processes import Supervisor
from services.console.programs import Options

_SERVER_OF = {"storage": "storage", "pubsub": "pubsub", "cloudtasks": "tasks", "google_ads": "ads"}


@dataclass(frozen=True)
class Cargo:
    """The segments, and by object name what was generated for them."""

    segments: Sequence[Segment]
    generated: Mapping[str, Generated]

    @property
    def contents(self) -> dict[str, Path]:
        return {name: each.content for name, each in self.generated.items()}

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(segment.account for segment in self.segments))

    def truth(self, segment: Segment) -> Counted:
        return sum((self.generated[file.name].counted for file in segment.files), Counted(0, 0))

    def digests(self) -> dict[tuple[str, str], list[Path]]:
        """Who must be in each audience, by account and audience."""
        found: dict[tuple[str, str], list[Path]] = defaultdict(list)
        for each in self.generated.values():
            found[each.file.account, each.file.audience].append(each.digests)
        return found


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
            watch = self._follow(deployment, supervisor)
            with self.console.status("Comparing the audiences with the truth"):
                return self._findings(watch, deployment), watch.peaks

    def _faults(self) -> list[Fault]:
        """Servers that others run take no faults."""
        planned = faults(self.options.seed, *self.cargo.accounts)
        return [fault for fault in planned if _SERVER_OF[fault["service"]] not in self.options.foreign]

    def _follow(self, deployment: Deployment, supervisor: Supervisor) -> Watch:
        started = time.monotonic()

        def elapsed() -> float:
            return time.monotonic() - started

        segments, speed = self.cargo.segments, self.options.speed
        with (
            listening(deployment) as feed,
            landing(deployment.admin, deployment.site, segments, self.cargo.contents) as uploads,
            Display(self.console, elapsed) as display,
        ):
            watch = Watch(deployment, supervisor, feed, uploads, segments, speed, display, elapsed)
            watch.run()
        return watch

    def _findings(self, watch: Watch, deployment: Deployment) -> Findings:
        accounts = self.cargo.accounts
        return Findings(
            delivered=tuple(
                Delivered(segment, watch.journal.of(watch.source(segment)), self.cargo.truth(segment))
                for segment in self.cargo.segments
            ),
            traffic=[each for each in deployment.control.traffic() if each["account"] in accounts],
            faults=deployment.control.faults(),
            audiences=dict(self._compared(deployment)),
            contradicted=frozenset(watch.journal.contradicted),
        )

    def _compared(self, deployment: Deployment) -> Iterable[tuple[tuple[str, str], Difference]]:
        known = {account.id: account for account in deployment.accounts}
        members = self.options.folder / "members"
        for (account, audience), expected in self.cargo.digests().items():
            deployment.control.save_members(account, known[account].audiences[audience], members)
            yield (account, audience), compare(expected, members)
