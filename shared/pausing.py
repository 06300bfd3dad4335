"""An account's pause: what it becomes, and what it says. Pure; shared/ops/pausing.py carries it out.

The document is the truth. Whoever finds it unannounced, after a crash, repeats from the queue's state on.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared import names
from shared.model.events import Event
from shared.model.state import Decider, Pause
from shared.reasons import words

NOT_PAUSED = Pause(False, "sluice", datetime.min.replace(tzinfo=UTC), 0, announced=True)
"""An account that never was: there is no document."""


def paused(
    before: Pause, by: Decider, now: datetime, cause: str, *, destination: str = "", seconds: float = 0
) -> Pause:
    """`seconds`: it ends by itself after them; 0: somebody must resume it."""
    until = now + timedelta(seconds=seconds) if seconds else None
    return Pause(True, by, now, before.episode + 1, cause, destination, until)


def resumed(before: Pause, by: Decider, now: datetime) -> Pause:
    return replace(before, paused=False, by=by, at=now, cause="", until=None, announced=False)


def is_over(pause: Pause, now: datetime) -> bool:
    return pause.paused and pause.until is not None and now >= pause.until


def event(account: str, pause: Pause) -> Event:
    """A function of the document alone, so that every repeat has the same bytes."""
    return Event(
        event_id=names.account_event_id(account, pause.episode, "paused" if pause.paused else "resumed"),
        type="account.paused" if pause.paused else "account.resumed",
        occurred_at=pause.at,
        segment="",
        run=0,
        account=account,
        destination=pause.destination,
        reason_code=pause.cause,
        reason=explained(account, pause),
    )


def explained(account: str, pause: Pause) -> str:
    """What happened and what to do; "" for an account that is not paused."""
    if not pause.paused:
        return ""
    by_itself = f"It resumes by itself, soon after {pause.until:%Y-%m-%dT%H:%M:%SZ}." if pause.until else ""
    return f"{words(pause.cause)} {by_itself or f'Then: sluice accounts resume {account}'}"
