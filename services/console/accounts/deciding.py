"""`sluice accounts pause` and `resume` in words and documents: what they will do about an account, and what they did. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.console import sweep
from services.console.accounts.listing import runs_words
from services.console.accounts.survey import Seen
from shared.ops.sweep import Swept
from shared.pausing import explained
from shared.reasons import words

Verb = Literal["pause", "resume"]
Result = Literal["would", "done", "nothing", "failed"]


@dataclass(frozen=True)
class Done:
    """What became of it. `nothing`: it was so already. `failed` says what kept it from being done. `seen`: as it is after a pause, as it
    was before a resumption. `swept`: what a resumption's sweep did."""

    seen: Seen
    verb: Verb
    result: Result
    swept: tuple[Swept, ...] = ()
    failed: str = ""

    @property
    def went_wrong(self) -> bool:
        return bool(self.failed) or any(each.failed for each in self.swept)


def is_due(seen: Seen, verb: Verb) -> bool:
    return seen.rests != (verb == "pause")


def intention(seen: Seen, verb: Verb) -> str:
    """Before anything is done."""
    return f"{seen.id}  {_intended(seen, verb) if is_due(seen, verb) else _already(seen)}"


def document(done: Done) -> dict[str, object]:
    """`reason`: why the account rests, or rested."""
    return {
        "account": done.seen.id,
        "name": done.seen.name,
        "command": done.verb,
        "result": done.result,
        "reason": _reason(done.seen),
        "swept": [sweep.document(each) for each in done.swept],
        "failed": done.failed,
    }


def lines(done: Done) -> Iterator[str]:
    """Afterwards."""
    yield f"{done.seen.id}  {_outcome(done)}"
    yield from (f"  {sweep.words(each)}" for each in done.swept)
    if done.verb == "resume" and not done.failed and not done.swept:
        yield "  No run is open."


def _intended(seen: Seen, verb: Verb) -> str:
    waiting = f"open runs: {runs_words(seen.open_runs)}" if seen.open_runs else "no run is open"
    if verb == "pause":
        return f"will rest until it is resumed ({waiting}); what is being sent ends first"
    return (
        f"will be resumed and swept ({waiting}). Its cause: {words(seen.pause.cause) if seen.pause else ''}"
    )


def _already(seen: Seen) -> str:
    return f"rests already: {_reason(seen)}" if seen.rests else "does not rest"


def _outcome(done: Done) -> str:
    if done.failed:
        return f"failed: {done.failed}"
    if done.result == "nothing":
        return "was not paused" if done.verb == "resume" else "rested already"
    return (
        "works again" if done.verb == "resume" else f"rests. To go on: sluice accounts resume {done.seen.id}"
    )


def _reason(seen: Seen) -> str:
    return explained(seen.id, seen.pause) if seen.pause else ""
