"""What the lease costs, and what happens beyond its bounds: `python -m benchmarks.lease [--rounds N] [--seed S]`.

Against the local cloud and three instances of the uploader, in simulated time 60 times as fast as real time. Hand-overs are read off the
record of calls. A round kills one instance in the middle of its requests on 16 accounts, freezes another at a random moment of sending
to 16 accounts, and lets Google work on 16 requests for longer than their sender waits. Who succeeds a frozen holder is still sending
when it wakes, so that whatever it sends then is seen as a second request in flight.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event

from tests.support.crowd import Row, members, short
from tests.support.flow import SPEED, Flow, running
from tests.support.instances import Instance, Instances, instances, resume, run_by_hand
from tests.support.promises import Sent
from tests.support.scenes import Scene, adds, call_limit, landed, leases, reserved, served, slow_adds

ACCOUNTS = 16
"""As many as an instance has threads: all of them send when it stands still."""
PARTS, PART, FRAMES = 6, 50_000, 30_000
SLOW = 200.0
QUIET = {"SLUICE_LOG_LEVEL": "WARNING"}


@dataclass
class Measured:
    """Seconds of simulated time, and counts."""

    turns: list[float] = field(default_factory=list)
    writes: float = 0.0
    asked: list[float] = field(default_factory=list)
    killed: list[float] = field(default_factory=list)
    died: list[int] = field(default_factory=list)
    frozen: list[int] = field(default_factory=list)
    within: list[int] = field(default_factory=list)
    beyond: list[int] = field(default_factory=list)
    spoilt: int = 0
    inexact: int = 0


@dataclass(frozen=True)
class Bench:
    flow: Flow
    crew: Instances
    instances: Sequence[Instance]
    random: Random
    found: Measured

    def many(self, *by: Instance, rows: list[Row] | None = None) -> list[Scene]:
        return [landed(self.crew, *by, rows=rows) for _ in range(ACCOUNTS)]

    def exact(self, scene: Scene) -> bool:
        self.flow.outcome(scene.sent.landed)
        self.flow.settled(scene.sent.account)
        return self.flow.members(scene.sent.account, "buyers") == members(scene.sent.rows)

    def judge(self, scenes: Iterable[Scene]) -> list[int]:
        """How many requests were in flight at most on each account; inexact audiences and spoilt requests are counted."""
        for scene in scenes:
            self.found.inexact += not self.exact(scene)
            statuses = [call["status"] for call in self.flow.calls("google_ads", account=scene.id)]
            self.found.spoilt += statuses.count("INVALID_ARGUMENT")
        return [self.flow.most_in_flight(scene.sent.account) for scene in scenes]


def parts_in_turn(bench: Bench, *, wide: bool) -> list[float]:
    """From the end of a part's last request to the next part's first. `wide`: all parts' tasks come at once."""
    flow, content = bench.flow, b"email\n" + b"".join(b"p%d@example.com\n" % n for n in range(PARTS * PART))
    account, front = bench.crew.account("buyers", wide=wide)
    served(front, *bench.instances)
    sent = Sent(account, "buyers", flow.land(f"{account.id}/buyers/append/people.csv", content), [])
    resume(flow, account)
    flow.outcome(sent.landed)
    scene = Scene(sent, front)
    if not wide:
        bench.found.writes = writes_per_part(flow, scene)
    return gaps(flow, scene)


def writes_per_part(flow: Flow, scene: Scene) -> float:
    """Of the lease, until the last receipt is written: what follows is the run's, however many parts it has."""
    last = receipts(flow, scene)[-1]
    return sum(1 for write in leases(flow, scene) if write["started"] < last) / PARTS


def receipts(flow: Flow, scene: Scene) -> list[float]:
    writes = flow.calls("storage", "objects.insert", flow.deployment.site.work, f"segments/{scene.id}-")
    return [call["started"] for call in writes if "/receipts/" in call["resource"]]


def gaps(flow: Flow, scene: Scene) -> list[float]:
    requests, moments = adds(flow, scene), receipts(flow, scene)[:-1]
    before = [max(each["ended"] for each in requests if each["ended"] < moment) for moment in moments]
    after = [min(each["started"] for each in requests if each["started"] > end) for end in before]
    return [start - end for start, end in zip(after, before, strict=True)]


def killed(bench: Bench, doomed: Instance) -> None:
    """From the last write of a dead holder's lease to its successor's first request."""
    flow, scenes = bench.flow, bench.many(doomed)
    for scene in scenes:
        slow_adds(flow, scene, SLOW)
    run_together(bench, scenes)
    flow.until(lambda: all(adds(flow, scene) for scene in scenes), "Adds of all")
    doomed.kill()
    let_others(bench, scenes)
    bench.found.died += bench.judge(scenes)
    calls = [(adds(flow, scene), leases(flow, scene)) for scene in scenes]
    repeated = [(sent[1], held[0]) for sent, held in calls if len(sent) > 1]
    bench.found.killed += [again["started"] - lease["ended"] for again, lease in repeated]


def frozen(bench: Bench, sleeper: Instance, rows: list[Row]) -> None:
    """The most that was in flight at once on each account of an instance that froze while it sent, and woke while others did."""
    flow, scenes = bench.flow, bench.many(sleeper, rows=rows)
    run_together(bench, scenes)
    flow.until(lambda: any(adds(flow, scene) for scene in scenes), "an Add")
    Event().wait(bench.random.uniform(0.0, 4.0))  # real seconds, about as long as they are busy
    sleeper.freeze()
    before = {scene.id: len(adds(flow, scene)) for scene in scenes}
    for scene in scenes:
        slow_adds(flow, scene, SLOW)
    let_others(bench, scenes)
    flow.until(lambda: all(succeeded(flow, scene, before[scene.id]) for scene in scenes), "successors")
    sleeper.thaw()
    bench.found.frozen += bench.judge(scenes)


def succeeded(flow: Flow, scene: Scene, before: int) -> bool:
    """Somebody else sends, or there was nothing left to send."""
    return len(adds(flow, scene)) > before or heard(flow, scene, "part.completed")


def run_together(bench: Bench, scenes: list[Scene]) -> None:
    chunked = "segment.chunked"
    for scene in scenes:
        bench.flow.until(lambda scene=scene: heard(bench.flow, scene, chunked), chunked)  # type: ignore[misc]
    for scene in scenes:
        run_by_hand(bench.flow, scene.sent.account)


def heard(flow: Flow, scene: Scene, kind: str) -> bool:
    return any(event.type == kind for event in flow.events(scene.sent.landed))


def let_others(bench: Bench, scenes: list[Scene]) -> None:
    for scene in scenes:
        served(scene.front, *bench.instances)
        resume(bench.flow, scene.sent.account)


def outlived(bench: Bench, least: float, most: float) -> list[int]:
    """Requests that Google works on for so many seconds after their sender has given them up."""
    flow, scenes = bench.flow, bench.many(*bench.instances)
    for scene in scenes:
        slow_adds(flow, scene, call_limit(flow) + bench.random.uniform(least, most))
        resume(flow, scene.sent.account)
    return bench.judge(scenes)


def measure(flow: Flow, rounds: int, random: Random) -> Measured:
    found = Measured()
    rows = short(flow.people.take(FRAMES))
    with instances(flow, QUIET) as crew:
        bench = Bench(flow, crew, crew.start(north=0, south=0), random, found)
        found.asked = parts_in_turn(bench, wide=True)
        found.turns = parts_in_turn(bench, wide=False)  # by then both have loaded all that they need
        for number in range(rounds):
            doomed, sleeper = crew.start(**{f"doomed-{number}": 0, f"sleeper-{number}": 0})
            killed(bench, doomed)
            frozen(bench, sleeper, rows)
            sleeper.kill()
            settle = flow.deployment.topology.lease.settle_seconds
            found.within += outlived(bench, 0, settle * 0.9)
            found.beyond += outlived(bench, settle * 1.5, settle * 5)
    return found


def report(flow: Flow, found: Measured) -> str:
    lines = ["| hand-over | trials | median | longest |", "|---|---|---|---|"]
    milliseconds = [1000 * each / SPEED for each in found.turns]
    lines.append(
        timed("a part's last answer → the next part's first request, one task at a time", milliseconds, "ms")
    )
    lines.append(timed(f"the same, when the tasks of {PARTS} parts come at once", found.asked, "s"))
    lines.append(
        timed(
            f"a killed holder's lease → the next request (never before {reserved(flow)} s)", found.killed, "s"
        )
    )
    lines += ["", f"Lease writes per part: {found.writes:.2f}", ""]
    lines += ["| two requests in flight | trials | how often |", "|---|---|---|"]
    lines.append(counted("the holder was killed", found.died))
    lines.append(counted("the holder froze while it sent, longer than its lease", found.frozen))
    lines.append(counted("Google worked on for less than the silence after we gave up", found.within))
    lines.append(counted("Google worked on for longer than that", found.beyond))
    lines += ["", f"Requests that Google refused: {found.spoilt}; inexact audiences: {found.inexact}"]
    return "\n".join(lines)


def timed(name: str, seconds: list[float], unit: str) -> str:
    return f"| {name} | {len(seconds)} | {median(seconds):.0f} {unit} | {max(seconds):.0f} {unit} |"


def counted(name: str, in_flight: list[int]) -> str:
    return f"| {name} | {len(in_flight)} | {sum(each > 1 for each in in_flight)} |"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    with TemporaryDirectory() as place, running(Path(place)) as flow:
        print(report(flow, measure(flow, options.rounds, Random(options.seed))))


if __name__ == "__main__":
    main()
