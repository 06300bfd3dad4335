"""What a segment may go through at once: trouble at the destination, and what happens to us meanwhile. Tables, and the faults that follow.

What happens to us is done to a request or a write that is held up on its way, so that it hits it in the middle; the trouble comes with
the next request that can bring it, so that one never hides the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.flow import ADD, RUN

Fault = dict[str, Any]

HOLD = 280.0
"""Seconds that a request or write is held up: just below the 300 for which its sender waits for Google Ads."""
ALWAYS = 1000
THIRD = 3
"""Of refused records, the first and every third after it."""
OPERATOR = "paused_by_operator"


@dataclass(frozen=True)
class Trouble:
    """`answer`: the fault's words, {} for none. `of_records`: only an Add that brings people can be answered so; `lasts`: each of them is.
    `jobs`: what the account's jobs do. `pauses`: the reason that the account is paused with; `rests`: seconds until that ends by itself,
    0: somebody must resume it. `ends`: for each run that comes of it, why it fails, "" for one that is completed."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    of_records: bool = False
    lasts: bool = False
    jobs: Mapping[str, Any] = field(default_factory=dict)
    pauses: str = ""
    rests: int = 0
    ends: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Meanwhile:
    """`place`: the call that is held up, `nth` of its kind; {} for none. `undone`: it comes to nothing. `then`: what brings the trouble.
    `dies`: its sender is killed; `released`: the lease is free although he died holding it."""

    place: Mapping[str, Any] = field(default_factory=dict)
    undone: bool = False
    then: str = ADD
    dies: bool = False
    released: bool = False


def _error(code: str, reason: str) -> dict[str, Any]:
    return {"action": "error", "code": code, "reason": reason}


def _write(name: str, nth: int = 1) -> dict[str, Any]:
    return {"service": "storage", "method": "objects.insert", "resource": name, "nth": nth}


SEND = {"service": "google_ads", "method": ADD}
RECEIPT = _write("/receipts/")
JOB = _write("/job\\.json", nth=2)
"""What Create has answered: the first one is the intent."""

NOTHING = "nothing"
TROUBLES: dict[str, Trouble] = {
    NOTHING: Trouble(),
    "an internal error": Trouble(_error("INTERNAL", "TRANSIENT_ERROR")),
    "a lost answer": Trouble({"action": "lose_answer", "code": "UNAVAILABLE"}),
    "a foreign request": Trouble({"action": "overlap"}),
    "a spent quota": Trouble(_error("RESOURCE_EXHAUSTED", "RESOURCE_TEMPORARILY_EXHAUSTED")),
    "a request too large": Trouble(
        _error("INVALID_ARGUMENT", "DatabaseError.REQUEST_TOO_LARGE"), of_records=True
    ),
    "refused records": Trouble({"action": "garble", "every": THIRD}, of_records=True, lasts=True),
    "a refused part": Trouble(
        _error("INVALID_ARGUMENT", "FieldError.INVALID_VALUE"),
        of_records=True,
        lasts=True,
        ends=("all_parts_failed",),
    ),
    "a refused account": Trouble(
        _error("PERMISSION_DENIED", "AuthorizationError.CUSTOMER_NOT_ENABLED"), pauses="customer_not_enabled"
    ),
    "a spent day": Trouble(
        _error("RESOURCE_EXHAUSTED", "QuotaError.RESOURCE_EXHAUSTED"), pauses="quota_day", rests=3600
    ),
    "an expired token": Trouble(_error("UNAUTHENTICATED", "OAUTH_TOKEN_EXPIRED")),
    "a slow job": Trouble(jobs={"jobs_take": 1200}),
    "failed jobs": Trouble(
        jobs={"jobs_fail": "INSUFFICIENT_TRANSACTIONS"}, ends=("job_failed", "job_failed_again")
    ),
    "a vanished job": Trouble(_error("NOT_FOUND", "RequestError.RESOURCE_NOT_FOUND"), ends=("job_lost", "")),
}
MEANWHILE: dict[str, Meanwhile] = {
    NOTHING: Meanwhile(),
    "paused": Meanwhile(SEND, then=RUN),
    "killed before an Add": Meanwhile(SEND, undone=True, dies=True),
    "killed after an Add": Meanwhile(SEND, dies=True),
    "killed before a receipt": Meanwhile(RECEIPT, undone=True, then=RUN, dies=True),
    "killed after a receipt": Meanwhile(RECEIPT, then=RUN, dies=True, released=True),
    "killed before a job.json": Meanwhile(JOB, undone=True, dies=True),
    "killed after a job.json": Meanwhile(JOB, dies=True),
}


def hold(meanwhile: Meanwhile, account: str, work: str, mode: str) -> list[Fault]:
    """The faults that hold up the call at its place, or its answer; the first one does. `work`: the bucket of the ledger."""
    if not meanwhile.place:
        return []
    where = {**meanwhile.place, **_of(meanwhile, account, work)}
    if meanwhile.place is SEND:
        where["nth"] = _first_frame(mode)
    if (
        meanwhile.place is not SEND and not meanwhile.undone
    ):  # whose sender is gone, storage gives up what it has not begun
        return [{**where, "action": "lose_answer", "seconds": HOLD}]
    undone = [{**where, "action": "error"}] if meanwhile.undone else []
    return [{**where, "action": "delay", "seconds": HOLD}, *undone]


def trouble_after(trouble: Trouble, meanwhile: Meanwhile, account: str, mode: str) -> list[Fault]:
    """The fault that brings the trouble, after what was held up. What lasts is wrong from the first frame on."""
    if not trouble.answer:
        return []
    adds = trouble.of_records or meanwhile.then == ADD
    found: Fault = {"method": ADD, "nth": _first_frame(mode)} if adds else {"method": RUN}
    if trouble.lasts:
        found["times"] = ALWAYS
    elif adds and meanwhile.dies and meanwhile.place is SEND:
        found["nth"] += 1
    return [{"service": "google_ads", "account": account, **found, **trouble.answer}]


def _of(meanwhile: Meanwhile, account: str, work: str) -> dict[str, str]:
    if meanwhile.place["service"] == "google_ads":
        return {"account": account}
    return {"account": work, "resource": f"^segments/{account}-.*{meanwhile.place['resource']}"}


def _first_frame(mode: str) -> int:
    """Which Add brings people: a replace first takes everybody out."""
    return 2 if mode == "replace" else 1
