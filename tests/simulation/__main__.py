"""Simulates schedules, many or one.

    python -m tests.simulation --seeds 50000          many, in as many processes as there are cores
    python -m tests.simulation --seed 17              one, with its trace
    python -m tests.simulation --seed 17 --only d0,e4 one, with some of its incidents only
    python -m tests.simulation --scenarios            each scenario, with each fault at each effect

Ends with 1 when an invariant is violated: the seed, the shortest trace that still violates it, and the command that plays it again.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.disturb import DEATHS, OTHERS, at_each_effect
from tests.simulation.play import Line, Played, play
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.schedule import schedule
from tests.simulation.shrink import shrink

_BATCH = 25


@dataclass
class Total:
    schedules: int = 0
    effects: int = 0
    requests: int = 0
    overlaps: int = 0
    incidents: int = 0

    def add(self, played: Played) -> None:
        self.schedules += 1
        self.effects += played.effects
        self.requests += played.requests
        self.overlaps += played.overlaps
        self.incidents += len(played.incidents)


def main() -> int:
    options = _options().parse_args()
    if options.scenarios:
        return _scenarios()
    if options.seed is not None:
        only = frozenset(options.only.split(",")) if options.only else None
        return _one(options.seed, only)
    seeds = range(options.start, options.start + options.seeds)
    return _many(seeds, options.jobs, shorten=not options.as_it_is)


def _scenarios() -> int:
    """An AssertionError says which effect mattered."""
    runs, started = 0, time.monotonic()
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            effects = [at_each_effect(scenario, fault, Path(folder)) for fault in (*DEATHS, *OTHERS)]
        runs += sum(effects)
        print(f"{scenario.name}: {effects[0]} effects, {len(effects)} faults at each", flush=True)
    print(f"{runs} runs in {time.monotonic() - started:.0f} s: each ended as without its fault")
    return 0


def _one(seed: int, only: frozenset[str] | None) -> int:
    played = play(schedule(seed), only)
    _tell(played, only)
    return 1 if played.violated else 0


def _many(seeds: range, jobs: int, shorten: bool) -> int:
    started, total = time.monotonic(), Total()
    for played in _played(seeds, jobs):
        total.add(played)
        if played.violated:
            _report(total, time.monotonic() - started)
            _tell_shortest(played) if shorten else print(f"seed {played.seed}: {played.violated}")
            return 1
        if total.schedules % 1000 == 0:
            print(
                f"{total.schedules} schedules, {total.schedules / (time.monotonic() - started):.1f} a second",
                flush=True,
            )
    _report(total, time.monotonic() - started)
    return 0


def _played(seeds: range, jobs: int) -> Iterator[Played]:
    if jobs == 1:
        yield from _play_all(seeds)
        return
    batches = [seeds[start : start + _BATCH] for start in range(0, len(seeds), _BATCH)]
    with ProcessPoolExecutor(jobs) as pool:
        try:
            for batch in pool.map(_play_batch, batches):
                yield from batch
        finally:
            pool.shutdown(cancel_futures=True)


def _play_all(seeds: Iterable[int]) -> Iterator[Played]:
    for seed in seeds:
        yield play(schedule(seed))


def _play_batch(seeds: range) -> list[Played]:
    """Up to the first violation. The traces stay behind: they are made again for the one that matters."""
    batch: list[Played] = []
    for played in _play_all(seeds):
        played.trace = []
        batch.append(played)
        if played.violated:
            break
    return batch


def _report(total: Total, seconds: float) -> None:
    print(
        f"{total.schedules} schedules in {seconds:.1f} s ({total.schedules / seconds:.1f} a second): {total.effects} effects, "
        f"{total.incidents} incidents, {total.requests} requests to the destination, {total.overlaps} overlaps beyond what is promised"
    )


def _tell_shortest(played: Played) -> None:
    whole = schedule(played.seed)
    invariant = played.violated.partition(":")[0]

    def breaks(only: frozenset[str]) -> bool:
        return play(whole, only).violated.partition(":")[0] == invariant

    kept = shrink(played.incidents, breaks)
    _tell(play(whole, kept), kept)


def _tell(played: Played, only: frozenset[str] | None) -> None:
    for line in played.trace:
        print(_words(line))
    print(f"\nseed {played.seed}: {played.violated or 'every invariant holds'}")
    if played.violated:
        few = f" ONLY={','.join(sorted(only))}" if only is not None else ""
        print(f"Again: make simulate SEED={played.seed}{few}")


def _words(line: Line) -> str:
    hours, rest = divmod(line.at, 3600)
    return f"{int(hours):3}:{int(rest // 60):02}:{rest % 60:06.3f}  {line.who[-44:]:44}  {line.what}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many schedules")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--as-it-is", action="store_true", help="do not look for the shortest trace of a violation"
    )
    parser.add_argument("--scenarios", action="store_true", help="each scenario, disturbed at each effect")
    parser.add_argument("--seed", type=int, help="this one only, with its trace")
    parser.add_argument("--only", default="", help="with --seed: the incidents that may come to pass")
    return parser


if __name__ == "__main__":
    sys.exit(main())
