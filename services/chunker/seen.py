"""Who was in a segment before, in bounded memory: fingerprints of 64 bits in a table of open addressing.

Two different people are taken for one with a chance of n²/2^65: among 8 million people one in half a million that it
happens to anybody.
"""

from array import array
from collections.abc import Iterable
from hashlib import blake2b

PEOPLE_MAX = 8_000_000
"""Some 128 MiB. Whoever comes after so many is not remembered, and then sent each time: the audience has him once all the same."""

_FIRST_SLOTS = 1 << 16
_LOAD = 0.5


class Seen:
    def __init__(self, people_max: int = PEOPLE_MAX) -> None:
        self._room = people_max
        self._count = 0
        self._slots = array("Q", bytes(8 * _FIRST_SLOTS))

    def add(self, identifiers: Iterable[bytes]) -> bool:
        """Whether the person with just these identifiers is new."""
        mark = _fingerprint(identifiers)
        slot = _slot(self._slots, mark)
        if self._slots[slot] == mark:
            return False
        if self._count < self._room:
            self._slots[slot] = mark
            self._count += 1
            if self._count > _LOAD * len(self._slots):
                self._grow()
        return True

    def _grow(self) -> None:
        larger = array("Q", bytes(16 * len(self._slots)))
        for mark in self._slots:
            if mark:
                larger[_slot(larger, mark)] = mark
        self._slots = larger


def _slot(slots: "array[int]", mark: int) -> int:
    """Where the mark is, or would be."""
    last = len(slots) - 1
    slot = mark & last
    while slots[slot] not in (0, mark):
        slot = (slot + 1) & last
    return slot


def _fingerprint(identifiers: Iterable[bytes]) -> int:
    """Never 0, which is an empty slot. Identifiers are length-delimited: no two lists of them join to the same bytes."""
    return int.from_bytes(blake2b(b"".join(identifiers), digest_size=8).digest(), "big") or 1
