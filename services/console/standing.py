"""Where a run stands, in the word that people are told: from the ledger alone, by one list of its objects and its account's pause.

docs/states.md shows the words and who moves a run from one to the next; it is made from MOVES.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared import names
from shared.model.events import Event
from shared.model.segment import Segment
from shared.ops import runs
from shared.ops.history import History, RunHistory, StageHistory, read_history
from shared.ops.pausing import read_pause
from shared.world import Ports

Word = Literal[
    "landed",
    "received",
    "chunking",
    "waiting",
    "sending",
    "following",
    "stuck",
    "paused",
    "closing",
    "completed",
    "partial",
    "failed",
    "rejected",
    "superseded",
    "cancelled",
]
ENDS: tuple[Word, ...] = ("completed", "partial", "failed", "rejected", "superseded", "cancelled")
STILL = timedelta(hours=24)
"""An open run of which nothing was written for so long is stuck: a part takes minutes, a passage of the chunker ten."""
FOLLOWED = timedelta(hours=72)
"""As long as a job may run: Google Ads says up to 24 hours."""
SEALED = ("sealed", "running")

MOVES: tuple[tuple[Word, Word, str], ...] = (
    ("landed", "received", "ingest: it decides about the object"),
    ("landed", "rejected", "ingest: its name or the configuration does not fit"),
    ("received", "chunking", "ingest: it opens the run"),
    ("chunking", "waiting", "chunker: it stores the manifest"),
    ("chunking", "closing", "chunker: it stores the manifest of a segment that is not sent"),
    ("waiting", "sending", "uploader: it opens the job of a stage"),
    ("waiting", "closing", "chunker, uploader or an operator: it is superseded, overtaken or cancelled"),
    ("sending", "following", "uploader: it runs the job of the last stage that has begun"),
    ("following", "sending", "uploader: it opens the job of the next stage"),
    ("following", "closing", "uploader: the destination says how the last job ended"),
    ("sending", "closing", "uploader or an operator: the stage comes to nothing or is cancelled"),
    *(("closing", end, "whoever gets there: it stores the outcome") for end in ENDS),
    *(
        (open_, "paused", "uploader or an operator: the account rests")
        for open_ in ("waiting", "sending", "following")
    ),
    *(
        ("paused", open_, "an operator or the sweep: the account is resumed")
        for open_ in ("waiting", "sending", "following")
    ),
    *(
        (open_, "stuck", "time: nothing was written for a day, or Google runs the job for three")
        for open_ in ("chunking", "sending", "following", "closing")
    ),
)
"""From, to, and who or what does it. A quick run passes over words that nobody happens to look at."""


@dataclass(frozen=True)
class Standing:
    """`done` of `parts`: cut while it is chunked, sent after that; 0 of 0 where there is nothing to count. `next_run`: that the outcome
    starts one by itself."""

    state: Word
    done: int = 0
    parts: int = 0
    cause: str = ""
    outcome: Event | None = None
    next_run: bool = False

    @property
    def words(self) -> str:
        if self.state == "chunking" and self.done:
            return f"chunking: {self.done:,} parts so far"
        if self.state == "sending":
            return f"sending: {self.done:,} of {self.parts:,} parts"
        return f"{self.state}: {self.cause}" if self.cause else self.state


def standing(ports: Ports, segment: str, run: int) -> Standing:
    """One list, and one read of the outcome or of the account's pause."""
    history = read_history(ports, segment)
    found = next((each for each in history.runs if each.number == run), None)
    if found and found.outcome:
        outcome = runs.read_outcome(ports, segment, run)
        return Standing(_end(found), outcome=outcome.value if outcome else None, next_run=found.again)
    if found is None or found.opened is None:
        return before_run(history, _refusal(ports, segment) if history.known else "")
    pinned = runs.read_run(ports, segment, run).value
    pause = read_pause(ports, pinned.target.account).pause
    return standing_of(found, pause.cause if pause.paused else "", ports.clock.now())


def before_run(history: History, refusal: str) -> Standing:
    """`refusal`: ingest's reason, where it has rejected the segment."""
    if refusal:
        return Standing("rejected", cause=refusal)
    return Standing("received") if history.known else Standing("landed")


def standing_of(run: RunHistory, resting: str, now: datetime) -> Standing:
    """Pure. `resting`: why the account is paused, "" while it works."""
    if run.outcome:
        return Standing(_end(run), next_run=run.again)
    seen = _open(run)
    if resting and seen.state in ("waiting", "sending", "following"):
        return Standing("paused", seen.done, seen.parts, resting)
    if seen.state != "waiting" and (cause := _stuck(run, seen, now)):
        return Standing("stuck", seen.done, seen.parts, cause)
    return seen


def _end(run: RunHistory) -> Word:
    word = run.outcome.removeprefix("segment.")
    return next((end for end in ENDS if end == word), "completed")


def _open(run: RunHistory) -> Standing:
    if not run.verdict:
        return Standing("chunking", done=run.cut)
    if run.verdict != "ok":
        return Standing("closing")
    begun = [stage for stage in run.stages.values() if not stage.result]
    if not run.stages:
        return Standing("waiting", 0, run.parts)
    if not begun:
        return _between(run)
    filling = any(stage.job not in SEALED for stage in begun)
    return Standing("sending" if filling else "following", len(run.receipts), run.parts)


def _between(run: RunHistory) -> Standing:
    """Every stage that began has ended: another one is to begin, unless they were the last."""
    done = len(run.receipts)
    return (
        Standing("closing")
        if done >= run.parts or _given_up(run.stages)
        else Standing("sending", done, run.parts)
    )


def _given_up(stages: dict[int, StageHistory]) -> bool:
    return any(stage.reason_code == "cancelled" for stage in stages.values())


def _stuck(run: RunHistory, seen: Standing, now: datetime) -> str:
    jobs = [stage.job_at for stage in run.stages.values() if stage.job == "running" and not stage.result]
    if any(at and now - at > FOLLOWED for at in jobs):
        return "Google Ads runs its job for more than three days"
    following = seen.state == "following"
    return (
        "nothing has happened for more than a day"
        if not following and run.touched and now - run.touched > STILL
        else ""
    )


def _refusal(ports: Ports, segment: str) -> str:
    known = ports.ledger.fact(Segment, names.segment_json(segment))
    return known.value.reason_code if known and known.value.verdict == "rejected" else ""
