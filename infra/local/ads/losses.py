"""Whose identifiers were lost on the way, by order of a fault, and stayed lost. Pure.

A request is known by what it asks for: who was lost in it and gets through when it is made again was not lost.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any

from infra.local.ads.operations import CREATE, REMOVE
from infra.local.ads.person import IDENTIFIERS, digest
from infra.local.ads.problems import BadOperation

_ANY_IDENTIFIER = frozenset(chain.from_iterable(IDENTIFIERS.values()))


@dataclass(frozen=True)
class Loss:
    """One Add as it was sent, by its SHA-256, and the digests of whom it has lost since (person.py), each as often as he was."""

    request: bytes
    digests: "array[int]"


def garble(request: Any, every: int) -> Loss:
    """Takes the identifiers out of the first and every `every`th operation after it, so that `check` finds them missing; 0: of none."""
    sent = sha256(request.SerializeToString(deterministic=True)).digest()
    return Loss(sent, array("Q", _taken_out(request.operations[::every] if every else ())))


def _taken_out(operations: Iterable[Any]) -> Iterable[int]:
    for operation in operations:
        if (word := operation.WhichOneof("operation")) in (CREATE, REMOVE):
            person = getattr(operation, word)
            try:
                yield digest(person, _ANY_IDENTIFIER)
            except BadOperation:
                pass  # nobody who could have been taken
            person.ClearField("user_identifiers")


@dataclass(slots=True)
class Losses:
    """Those of one job, by its requests. One without a loss is remembered too: it may come again and lose somebody who is in."""

    _by_request: dict[bytes, "array[int]"] = field(default_factory=dict)

    def note(self, loss: Loss) -> None:
        """The request has had its effect."""
        again = self._by_request.get(loss.request)
        lost = loss.digests if again is None else array("Q", filter(set(again).__contains__, loss.digests))
        self._by_request[loss.request] = lost

    def digests(self) -> Iterable[int]:
        return chain.from_iterable(self._by_request.values())
