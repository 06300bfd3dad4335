"""Plays a schedule: the real handlers over the local cloud's engines, until the faults have stopped and sweeps have passed."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from pathlib import Path
from random import Random

from infra.local.ads.jobs import Consent
from infra.local.ads.timing import Timing
from shared.model.account import Audience, Creation
from shared.model.codec import encode
from shared.model.segment import SegmentRequest
from shared.ops.sweep import Swept
from shared.sweeping import Paused, Rest
from tests.simulation.schedule import HORIZON, Deed, Schedule
from tests.support.effects import Effect, Fault
from tests.support.engines import queue_path
from tests.support.people import csv_of
from tests.support.watch.mirror import RunId, Violated, require
from tests.support.world import (
    ACCOUNT,
    ACCOUNTS,
    AUDIENCE,
    OTHER_ACCOUNT,
    OTHER_AUDIENCE,
    START,
    World,
    small_topology,
    with_audience,
)

_NAMED = Audience("CONTACT_INFO", name="Lapsed customers", create=Creation(540))
_LENIENT = tuple(
    replace(account, max_rejected_ratio="0.5")
    for account in (with_audience(ACCOUNTS[0], OTHER_AUDIENCE, _NAMED), *ACCOUNTS[1:])
)
"""One audience is known by its name, and Google Ads has no list of it yet."""
PLACES = ((ACCOUNT, AUDIENCE), (ACCOUNT, OTHER_AUDIENCE), (OTHER_ACCOUNT, AUDIENCE))
_STEPS = 20_000
"""Turns of processes after which a schedule that has not come to rest never will. A usual one takes less than two thousand."""
_A_SWEEP = 30.0
"""Seconds in which a sweep without faults is done: it writes each object once, and a second write waits for a second."""
_BLEMISHES = (b"",) * 6 + (b"no address\n", b"no address\n" * 40, b'"never closed\n')
_MODES = ("append",) * 5 + ("remove",) * 2 + ("replace",) * 2 + ("upsert",)
_SWEEPS = 9
"""After the faults have stopped: those of the hour before a request is published again, and two more."""


@dataclass(frozen=True)
class Line:
    """Of a trace: when (seconds from the start), who, what."""

    at: float
    who: str
    what: str


@dataclass
class Played:
    """`violated` is "" when every invariant held. `incidents`: the ids of those that came to pass."""

    seed: int
    violated: str = ""
    incidents: list[str] = field(default_factory=list)
    trace: list[Line] = field(default_factory=list)
    effects: int = 0
    requests: int = 0
    overlaps: int = 0
    sweeps: int = 0


def play(schedule: Schedule, only: frozenset[str] | None = None) -> Played:
    """`only`: the ids of the incidents that may come to pass; None: all."""
    with tempfile.TemporaryDirectory(prefix="sluice-", dir=_fast_folder()) as folder:
        return Player(schedule, only, Path(folder)).play()


class Player:
    def __init__(self, schedule: Schedule, only: frozenset[str] | None, folder: Path) -> None:
        self._schedule = schedule
        self._only = only
        self._looks = self._steps = 0
        self._played = Played(schedule.seed)
        self._world = _world(schedule, folder)
        self._world.gate.plan = self._plan
        self._world.gate.looks = self._look

    def play(self) -> Played:
        played, world = self._played, self._world
        try:
            self._carry_out()
        except Violated as violated:
            played.violated = str(violated)
        finally:
            world.close()
        played.effects = len(world.gate.effects)
        played.requests, played.overlaps = world.watch.calls.calls, world.watch.calls.overlaps
        played.trace += [_line(effect) for effect in world.gate.effects]
        played.trace.sort(key=lambda line: line.at)
        return played

    def _carry_out(self) -> None:
        for deed in self._schedule.deeds:
            if self._happens(deed.id):
                self._world.stage.spawn(deed.what, partial(self._do, deed))
        if self._schedule.swept:
            self._world.stage.spawn("schedule", self._sweep_all_the_time)
        self._run(until=START + HORIZON)
        while self._left() and self._played.sweeps < _SWEEPS:
            self._played.sweeps += 1
            self._resume_all()
            self._sweep_to_its_end()
            self._run(until=self._world.stage.now + self._world.topology.sweep.period_seconds)
        self._run(until=inf)
        self._world.watch.rest({place: self._world.members(*place) for place in PLACES}, self._world.held())

    def _resume_all(self) -> None:
        """The operator mends what it was, and lets the accounts go on that do not by themselves."""
        for account in ACCOUNTS:
            pause = self._world.watch.mirror.pause(account.id)
            if pause.paused and not pause.until:
                self._world.resume(account.id)
        self._run(until=self._world.stage.now + _A_SWEEP)

    def _sweep_all_the_time(self) -> None:
        while self._world.stage.now < START + HORIZON:
            self._world.stage.pause(self._world.topology.sweep.period_seconds)
            self._world.sweep()

    def _sweep_to_its_end(self) -> None:
        """Nothing goes wrong any more: it comes to all runs, and leaves nothing to be done by the next one."""
        before = len(self._world.swept)
        self._world.sweep()
        ended = len(self._world.sweeps) + 1
        self._run(until=self._world.stage.now + _A_SWEEP)
        require(len(self._world.sweeps) >= ended, "L1", "a sweep does not come to its end")
        require(all(not swept.failed for swept in self._world.swept[before:]), "L1", "a sweep failed")
        left = self._owed()
        self._run(until=self._world.stage.now + _A_SWEEP)
        still = [swept for swept in self._owed() if swept in left]
        require(not still, "L1", f"a sweep left {still[:1]}")

    def _owed(self) -> list[Swept]:
        """What a process does not do in the very moment."""
        return [swept for swept in self._world.look() if not isinstance(swept.step, Rest | Paused)]

    def _run(self, until: float) -> None:
        """To that moment, or until nothing is left to be done."""

        def over() -> bool:
            self._steps += 1
            require(self._steps < _STEPS, "L1", "the world does not come to rest")
            return self._world.stage.now >= until

        self._world.run(until=over)
        if until < inf:
            self._world.stage.now = max(self._world.stage.now, until)

    def _left(self) -> bool:
        mirror = self._world.watch.mirror
        pauses = [mirror.pause(account.id) for account in ACCOUNTS]
        unsettled = any(pause.paused or not pause.announced for pause in pauses)
        return unsettled or any(name.startswith("open/") for name in mirror.blobs)

    # Incidents

    def _happens(self, incident: str) -> bool:
        return self._only is None or incident in self._only

    def _plan(self, effect: Effect) -> Fault | None:
        fault = self._schedule.fault_of(effect) if self._world.stage.now < START + HORIZON else None
        return self._noted(f"e{effect.number}", fault, f"{effect.kind} {effect.about}")

    def _look(self, kind: str, about: str) -> Fault | None:
        self._looks += 1
        early = self._world.stage.now < START + HORIZON
        fault = self._schedule.fault_of_look(kind, self._looks) if early else None
        return self._noted(f"r{self._looks}", fault, f"{kind} {about}")

    def _noted(self, incident: str, fault: Fault | None, about: str) -> Fault | None:
        if fault is None or not self._happens(incident):
            return None
        self._note(incident, f"{_words(fault)}: {about}")
        return fault

    def _note(self, incident: str, what: str) -> None:
        stage = self._world.stage
        self._played.incidents.append(incident)
        self._played.trace.append(Line(stage.now - START, str(stage.acting), f"[{incident}] {what}"))

    # Deeds

    def _do(self, deed: Deed) -> None:
        self._world.stage.pause(deed.at)
        self._note(deed.id, deed.what.upper())
        deeds: dict[str, Callable[[Deed], None]] = {
            "land": self._land,
            "sweep": lambda _: self._world.sweep(),
            "two_sweeps": lambda _: self._two_sweeps(),
            "run_task": self._run_task,
            "replay": self._replay,
            "replay_part": self._replay,
            "repeat_request": self._repeat_request,
            "lose_tasks": lambda _: self._world.lose_tasks(),
            "lose_messages": lambda _: self._world.lose_messages(),
            "vanish": self._vanish,
            "fail": self._fail,
            "pause": lambda deed: self._world.pause(ACCOUNTS[deed.which % 2].id),
            "resume": lambda deed: self._world.resume(ACCOUNTS[deed.which % 2].id),
        }
        deeds[deed.what](deed)

    def _two_sweeps(self) -> None:
        self._world.sweep()
        self._world.sweep()

    def _land(self, deed: Deed) -> None:
        account, audience = PLACES[deed.place]
        random, scale = Random(f"file {self._schedule.seed} {deed.which}"), self._schedule.scale
        first, size = 4 * deed.which * scale, (3 + random.randrange(6)) * scale
        content = csv_of(range(first, first + size)) + random.choice(_BLEMISHES)
        name = f"{account}/{audience}/{random.choice(_MODES)}/file-{deed.which}.csv"
        self._world.land(name, content)

    def _run_task(self, deed: Deed) -> None:
        for account in ACCOUNTS[deed.which % 2 :]:
            queue = queue_path(f"account-{account.id}")
            if live := self._world.tasks.tasks(queue, 0, 20):
                self._world.tasks.run_task(f"{queue}/tasks/{live[deed.which % len(live)].id}")
                return

    def _replay(self, deed: Deed) -> None:
        """As an operator's command publishes it: the next run, whatever became of the last one."""
        if segment := self._chosen(deed):
            run = max(number for found, number in self._runs() if found == segment) + 1
            parts = (1,) if deed.what == "replay_part" else ()
            self._world.publish("segment-requests", encode(SegmentRequest(segment, run, parts)))

    def _repeat_request(self, deed: Deed) -> None:
        if segment := self._chosen(deed):
            self._world.publish("segment-requests", encode(SegmentRequest(segment)))

    def _chosen(self, deed: Deed) -> str:
        known = sorted({segment for segment, _ in self._runs()})
        return known[deed.which % len(known)] if known else ""

    def _runs(self) -> list[RunId]:
        return self._world.watch.mirror.runs()

    def _vanish(self, deed: Deed) -> None:
        """Google forgets one of its jobs."""
        jobs = self._world.ads.customer(ACCOUNT).jobs
        if open_jobs := [number for number, job in jobs.items() if not job.settled]:
            del jobs[open_jobs[deed.which % len(open_jobs)]]

    def _fail(self, deed: Deed) -> None:
        """One of Google's jobs will fail."""
        jobs = [job for job in self._world.ads.customer(ACCOUNT).jobs.values() if not job.settled]
        if jobs:
            job = jobs[deed.which % len(jobs)]
            job.order = replace(job.order, consent=Consent("DENIED", "DENIED"))


def _world(schedule: Schedule, folder: Path) -> World:
    topology = small_topology(
        part_records=schedule.part_records * schedule.scale,
        stage_operations=schedule.stage_operations * schedule.scale,
    )
    queue = replace(topology.queue, max_concurrent_dispatches=schedule.concurrent)
    deployed = replace(topology, queue=queue)
    world = World(
        folder,
        seed=schedule.seed,
        skew=schedule.skew,
        topology=deployed,
        accounts=_LENIENT,
        in_memory=True,
        picks=schedule.code_of,
    )
    world.ads.timing = Timing(schedule.request_seconds, job_seconds=schedule.job_seconds)
    return world


def _line(effect: Effect) -> Line:
    return Line(effect.at - START, effect.by, f"{effect.kind} {effect.about}")


def _words(fault: Fault) -> str:
    what = fault.action.replace("_", " ").upper()
    if fault.action == "refuse":
        return f"{what} {fault.failure.status} {' '.join(fault.failure.codes)}".rstrip()
    return f"{what} {fault.seconds:.0f} s" if fault.seconds else what


def _fast_folder() -> str | None:
    """Memory, where there is a file system of it: a world writes a thousand small files."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
