"""What goes wrong in the demo, at moments that the seed decides. Pure.

Each fault has the form that the local cloud takes (POST /control/faults): the nth call that fits goes wrong, so
that a seed means the same troubles at any speed. All moments come early enough for the smallest demo.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from services.console.site import LANDING, PARTS, WORK
from shared.names import queue_id

Fault = dict[str, Any]
"""Its `id` says for people what it does."""

_ADD = {"service": "google_ads", "method": "AddOfflineUserDataJobOperations"}
_CREATE = {"service": "google_ads", "method": "CreateOfflineUserDataJob"}
_RUN = {"service": "google_ads", "method": "RunOfflineUserDataJob"}
_STORE = {"service": "storage", "method": "objects.insert"}
_PUSH = {"service": "pubsub", "method": "push"}
_DISPATCH = {"service": "cloudtasks", "method": "dispatch"}

_UNAVAILABLE = {"action": "error", "code": "UNAVAILABLE"}
_INTERNAL = {"action": "error", "code": "INTERNAL"}
_QUOTA = {
    "action": "error",
    "code": "RESOURCE_EXHAUSTED",
    "reason": "QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",
}
_LOST = {"action": "lose_answer", "code": "UNAVAILABLE"}
_LATE = {"action": "lose_answer", "code": "DEADLINE_EXCEEDED"}
_TWICE = {"action": "duplicate"}
_OVERLAP = {"action": "overlap"}
_TERMS = {"action": "judge", "standing": "terms_not_accepted"}

Dice = Callable[[int, int], int]


def faults(seed: int, first: str, second: str) -> list[Fault]:
    """`first` and `second` are the two accounts."""
    random = Random(f"faults:{seed}")
    kill = {"action": random.choice(("kill_before", "kill_after"))}
    dice = random.randint
    return [*_on_the_way(dice, kill, first), *_at_the_destination(dice, kill, first, second)]


def _on_the_way(dice: Dice, kill: Fault, account: str) -> list[Fault]:
    landing, parts, ledger = {"account": LANDING}, {"account": PARTS}, {"account": WORK}
    queue = {"account": queue_id(account)}
    return [
        {
            "id": "landing bucket unavailable",
            **_STORE,
            **landing,
            **_UNAVAILABLE,
            "nth": dice(2, 4),
            "times": 2,
        },
        {"id": "parts bucket unavailable", **_STORE, **parts, **_UNAVAILABLE, "nth": dice(1, 2)},
        {
            "id": "chunker killed storing a part",
            **_STORE,
            **parts,
            **kill,
            "process": "chunker",
            "nth": dice(3, 4),
        },
        {"id": "ledger write's answer lost", **_STORE, **ledger, **_LOST, "nth": dice(20, 40)},
        {"id": "notification pushed twice", **_PUSH, "account": "ingest", **_TWICE, "nth": dice(1, 8)},
        {"id": "request pushed twice", **_PUSH, "account": "chunker", **_TWICE, "nth": dice(1, 5)},
        {"id": "task dispatched twice", **_DISPATCH, **queue, **_TWICE, "nth": dice(1, 5)},
    ]


def _at_the_destination(dice: Dice, kill: Fault, first: str, second: str) -> list[Fault]:
    """People are refused before the uploader is killed, by a request that is not sent again yet: one that was taken whole is never
    garbled. The killed one's successor is told the same."""
    one, other = {"account": first}, {"account": second}
    killed, short = dice(2, 3), dice(4, 5)
    fallen = 4 if short == 5 else 5
    return [
        {"id": "job's creation answered, answer lost", **_CREATE, **other, **_LOST, "nth": dice(1, 2)},
        {"id": "overlap by somebody else", **_ADD, **other, **_OVERLAP, "nth": dice(1, 2)},
        {
            "id": "uploader killed in a request",
            **_ADD,
            **one,
            **kill,
            "process": "uploader",
            "nth": killed,
        },
        {"id": "taken, answer too late", **_ADD, **one, **_LATE, "nth": dice(4, 5)},
        {
            "id": "people refused one by one",
            **_ADD,
            **one,
            "action": "garble",
            "every": dice(20, 50),
            "nth": dice(1, killed - 1),
        },
        {"id": "internal error", **_ADD, **other, **_INTERNAL, "nth": 3},
        {"id": "short of quota", **_ADD, **other, **_QUOTA, "nth": short},
        {"id": "terms no longer accepted", **_ADD, **other, **_TERMS, "nth": fallen},
        {"id": "job started, answer lost", **_RUN, **one, **_LATE, "nth": dice(1, 2)},
    ]
