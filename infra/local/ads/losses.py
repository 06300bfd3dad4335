"""Whose identifiers are lost on the way, by order of a fault. Pure but for its memory.

What Google refuses it refuses again: an Add that is made again, to the last bit as before, loses those whom it lost when it first came.
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
    """One Add by the SHA-256 of what was sent, and the digests (person.py) of whom it lost, each as often as he was in it."""

    request: bytes
    digests: "array[int]"


@dataclass(slots=True)
class Garbling:
    """Remembers every Add of this process's life, those too that lost nobody: whoever was taken once is not refused later."""

    _first: dict[bytes, int] = field(default_factory=dict)

    def garble(self, request: Any, every: int) -> Loss:
        """Takes the identifiers out of the first and every `every`th operation after it, so that `check` finds them missing; 0: of none."""
        sent = sha256(request.SerializeToString(deterministic=True)).digest()
        step = self._first.setdefault(sent, every)
        return Loss(sent, array("Q", _taken_out(request.operations[::step] if step else ())))


def _taken_out(operations: Iterable[Any]) -> Iterable[int]:
    for operation in operations:
        if (word := operation.WhichOneof("operation")) in (CREATE, REMOVE):
            person = getattr(operation, word)
            try:
                yield digest(person, _ANY_IDENTIFIER)
            except BadOperation:
                pass  # nobody who could have been taken
            person.ClearField("user_identifiers")
