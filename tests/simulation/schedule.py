"""A schedule: all that a seed decides about one simulated world. Pure.

What goes wrong in it are incidents, each with an id: deeds of an operator, of uploaders of files and of Google (`d0`, `d1`, ...), and
faults of single effects, reads and deliveries (`e17`: the 17th effect; `r230`: the 230th read or delivery). A schedule may be played
with some of its incidents only, which is how a failure is made short.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from shared.verdict import Failure
from tests.support.effects import REQUESTS, Effect, Fault

HOUR = 3600.0
HORIZON = 8 * HOUR
"""Seconds after which nothing goes wrong any more."""

_LEASE_ENDS = (640.0, 940.0)
"""Seconds around the moment at which a lease that nobody gave back can be taken: twice 310, and 60, and a bit."""

What = Literal[
    "land",
    "sweep",
    "two_sweeps",
    "run_task",
    "replay",
    "replay_part",
    "repeat_request",
    "lose_tasks",
    "lose_messages",
    "vanish",
    "fail",
    "pause",
    "resume",
]
_OPERATIONS: tuple[What, ...] = (
    "sweep", "sweep", "two_sweeps", "run_task", "run_task", "replay", "replay_part", "repeat_request", "lose_tasks", "lose_messages",
    "vanish", "fail", "pause", "pause", "resume",
)  # fmt: skip

_TROUBLE = Failure("INTERNAL", ("InternalError.TRANSIENT_ERROR",))
_CONCURRENT = Failure("INVALID_ARGUMENT", ("DatabaseError.CONCURRENT_MODIFICATION",))
_QUOTA = Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",), 30)
_REFUSED = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))
_CLOSED = Failure("PERMISSION_DENIED", ("AuthorizationError.CUSTOMER_NOT_ENABLED",))
_DAY_SPENT = Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_EXHAUSTED",), 900)
_EXPIRED = Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_EXPIRED",))
_NO_SUCH_JOB = Failure("INVALID_ARGUMENT", ("RequestError.RESOURCE_NOT_FOUND",))

_CODES = ("OfflineUserDataJobError.INVALID_SHA256_FORMAT", "OfflineUserDataJobError.INVALID_COUNTRY_CODE")


@dataclass(frozen=True)
class Deed:
    """`at` in seconds from the start; `which` chooses among what is there, `place` is the audience that a file is for."""

    id: str
    at: float
    what: What
    which: int
    place: int


@dataclass(frozen=True)
class Schedule:
    """`scale`: how many times as large parts, stages and files are, so that a part has several frames. `concurrent`: dispatches at
    a time, more than one where the queue's own limit is not to be relied on. `request_seconds`: how
    long a request takes; the longer, the more falls into it. `skew`: how wrong clocks may be, seconds. Shares of one: `heat` of
    the effects that go wrong, `sleepiness` of the reads before which a process stands still, `doubling` of the deliveries that
    come twice, `late` of the requests whose sender stands still about as long as its lease lasts, `refusing` of the frames that
    Google refuses for good, `picky` of the people whom it refuses, whatever request they are in. `swept`: the schedule sweeps all
    the time, as it does where it is deployed."""

    seed: int
    part_records: int
    stage_operations: int
    scale: int
    concurrent: int
    request_seconds: float
    job_seconds: float
    skew: float
    heat: float
    sleepiness: float
    doubling: float
    late: float
    refusing: float
    picky: float
    swept: bool
    deeds: tuple[Deed, ...]

    def fault_of(self, effect: Effect) -> Fault | None:
        chance = _chance(self.seed, effect.number)
        random = Random(self.seed * 1_000_003 + effect.number)
        if effect.kind in REQUESTS and chance < self.late:
            return Fault("freeze_after", seconds=random.uniform(*_LEASE_ENDS))
        if effect.kind == "add" and 1 - chance < self.refusing:
            return Fault("refuse", _REFUSED)
        if chance >= self.heat:
            return None
        return _fault_of_request(random, effect.kind) if effect.kind in REQUESTS else _fault_of_cloud(random)

    def code_of(self, person: int) -> str:
        """What Google refuses a person with, by digest; "" where it takes him."""
        chance = _chance(self.seed, person)
        return _CODES[person % len(_CODES)] if chance < self.picky else ""

    def fault_of_look(self, kind: str, number: int) -> Fault | None:
        chance = _chance(self.seed, -number)
        if kind == "deliver":
            return Fault("twice") if chance < self.doubling else None
        if chance >= self.sleepiness:
            return None
        return Fault("freeze_before", seconds=_nap(Random(self.seed * 1_000_033 - number)))


def schedule(seed: int) -> Schedule:
    random = Random(f"schedule {seed}")
    usual = Schedule(
        seed=seed,
        part_records=random.choice((2, 4)),
        stage_operations=random.choice((4, 8, 1000)),
        scale=random.choice((1, 1, 1, 15)),
        concurrent=random.choice((1, 1, 3)),
        request_seconds=random.choice((2.0, 2.0, 150.0)),
        job_seconds=random.choice((600.0,) * 5 + (2 * HOUR, 2 * HOUR, 20 * HOUR)),
        skew=random.choice((0.0, 60.0, 900.0)),
        heat=random.choice((0.0, 0.005, 0.02, 0.05)),
        sleepiness=random.choice((0.0, 0.0, 0.002, 0.01)),
        doubling=random.choice((0.0, 0.05, 0.2)),
        late=0.0,
        refusing=random.choice((0.0, 0.0, 0.15)),
        # by dice of its own, so that what a seed decided before this was thought of is what it decides now
        picky=Random(f"picky {seed}").choice((0.0, 0.0, 0.0, 0.1, 0.6)),
        swept=random.random() < 0.25,
        deeds=tuple(_deeds(random)),
    )
    return random.choice((_as_it_is, _as_it_is, _as_it_is, _with_zombies, _with_twins))(usual)


def _as_it_is(usual: Schedule) -> Schedule:
    return usual


def _with_zombies(usual: Schedule) -> Schedule:
    """Senders that wake up while a successor is at work."""
    return replace(usual, concurrent=3, request_seconds=150.0, heat=0.005, doubling=0.4, late=0.15)


def _with_twins(usual: Schedule) -> Schedule:
    """Two of everything, one of them slow."""
    return replace(usual, concurrent=3, heat=0.0, doubling=0.5, sleepiness=0.04)


def _deeds(random: Random) -> Iterator[Deed]:
    """Up to three files, and a few operations in the hours after them."""
    files = random.choice((1, 1, 2, 3))
    for number in range(files):
        at = 0.0 if number == 0 else random.choice((0.0, 60.0, 1800.0)) * random.random()
        yield Deed(f"d{number}", at, "land", number, random.choice((0, 0, 0, 1, 2)))
    for number in range(files, files + random.choice((0, 1, 2, 4))):
        at = random.choice((2.0, 300.0, HOUR, 6 * HOUR)) * random.random()
        yield Deed(f"d{number}", at, random.choice(_OPERATIONS), random.randrange(1000), 0)


def _fault_of_cloud(random: Random) -> Fault:
    return random.choice(
        (
            Fault("die_before"),
            Fault("die_after"),
            Fault("refuse"),
            Fault("lose"),
            Fault("repeat"),
            Fault("freeze_before", seconds=_nap(random)),
            Fault("freeze_after", seconds=_nap(random)),
        )
    )


def _fault_of_request(random: Random, kind: str) -> Fault:
    answers = [Failure("UNAVAILABLE"), _TROUBLE, _CONCURRENT, _QUOTA, _CLOSED, _DAY_SPENT, _EXPIRED]
    answers += {"add": [_REFUSED, _NO_SUCH_JOB], "search": [_NO_SUCH_JOB]}.get(kind, [])
    return random.choice(
        (
            Fault("refuse", random.choice(answers)),
            Fault("refuse", random.choice(answers)),
            Fault("slow", seconds=random.choice((5, 100, 350, 1000)) * random.random()),
            Fault("slow", seconds=310 + 50 * random.random()),
            Fault("die_before"),
            Fault("die_during", seconds=300 * random.random()),
            Fault("die_after"),
            Fault("lose"),
            Fault("freeze_before", seconds=_nap(random)),
            Fault("freeze_after", seconds=_nap(random)),
        )
    )


def _chance(seed: int, number: int) -> float:
    """Evenly spread, the same everywhere: Python hashes numbers alike in every process."""
    return (hash((seed, number)) & 0xFFFFFFFF) / 2**32


def _nap(random: Random) -> float:
    return random.choice((30.0, 200.0, 700.0, 1000.0, 3000.0, 12000.0)) * random.random()
