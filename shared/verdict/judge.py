"""Which row decides: the failure's own codes before its gRPC status, and of several codes the gravest verdict."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.verdict.credentials import CREDENTIALS
from shared.verdict.defaults import GROUPS, REFUSED, STATUSES
from shared.verdict.rows import ROWS
from shared.verdict.values import (
    FailPart,
    FailRecord,
    Failure,
    JobExists,
    JobGone,
    JobStarted,
    NameTaken,
    PauseAccount,
    Retry,
    Row,
    Snooze,
    Split,
    Verdict,
)

LONGEST_WAIT = 29 * 86400.0
"""Cloud Tasks takes tasks that are scheduled up to 30 days ahead; a day is kept for clocks and the way there."""
_SHORTEST_WAIT = 1.0


def _by_name(rows: Sequence[Row]) -> dict[str, Verdict]:
    return {row.name: row.verdict for row in rows}


_BY_CODE, _BY_GROUP, _BY_STATUS = _by_name((*ROWS, *CREDENTIALS)), _by_name(GROUPS), _by_name(STATUSES)


def judge(failure: Failure) -> Verdict:
    codes = (_of_code(code, failure.status) for code in failure.codes)
    verdict = _gravest(each for each in codes if each) or _BY_STATUS.get(failure.status) or REFUSED
    return _in_its_time(verdict, failure.retry_delay)


def _of_code(code: str, status: str) -> Verdict | None:
    """Its row or its group's default. A code that says nothing leaves the word to the status; a value newer than the installed package,
    which has no name yet, says at least its group where the status says nothing either."""
    known = _BY_CODE.get(code) or _BY_GROUP.get(code.partition(".")[0])
    return known if known and _is_named(code) else _BY_STATUS.get(status) or known


def _is_named(code: str) -> bool:
    value = code.partition(".")[2]
    return not value.isdecimal() and value not in ("", "UNSPECIFIED", "UNKNOWN")


def _gravest(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Of equals, the one that the destination named first."""
    return max(verdicts, key=_gravity, default=None)


def _gravity(verdict: Verdict) -> tuple[int, float]:
    """First what holds up everything, then what passes by itself, then what is known of the job or list, last what is lost for good:
    as long as a repeat may still show more, nothing is given up. The longer of two waits covers both."""
    match verdict:
        case Snooze(_, seconds):
            return 8, seconds
        case PauseAccount(_, seconds) if seconds:
            return 8, seconds
        case Retry():
            return (9 if verdict.quiet else 7), 0
        case _:
            return _RANKS[type(verdict)], 0


_RANKS: dict[type, int] = {
    PauseAccount: 10,
    JobExists: 6,
    JobStarted: 5,
    JobGone: 4,
    NameTaken: 3,
    Split: 2,
    FailPart: 1,
    FailRecord: 0,
}


def _in_its_time(verdict: Verdict, delay: float) -> Verdict:
    """The destination's own delay counts for what ends by itself, within what a task can wait.
    A delay that is not a positive number is none."""
    if isinstance(verdict, Snooze | PauseAccount) and verdict.seconds > 0 and delay > 0:
        return replace(verdict, seconds=min(max(delay, _SHORTEST_WAIT), LONGEST_WAIT))
    return verdict
