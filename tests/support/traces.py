"""The search for people: does a text, or what is packed inside it, tell of anybody who was invented for a file?

Hashes are looked for as hexadecimal digits of either case, as base64 of either alphabet and as the 32 bytes themselves; what is base64
is unpacked and searched too. One pass over the content for each of these, however many people there are.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.support.crowd import FIRST, LAST, Person

PLAIN = re.compile(
    rf"{FIRST}\w*|{LAST}\w*|(?<![0-9a-z])(?:\+?47)?406 ?\d\d ?\d{{3}}(?![0-9a-z])"
    r"|Storgata 7|Fjellveien 3|The \W*Old\W* Pier".encode(),
    re.IGNORECASE,
)
"""What people's names, addresses and numbers look like, whoever they are."""

_HEX = re.compile(rb"[0-9a-fA-F]{64,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{42,}={0,2}")
_DIGITS = 64
_LETTERS = 42
"""Of the 43 that spell 32 bytes, the last one is shared with what follows."""
_BYTES = 32
_LAYERS = 4
"""A dead letter's payload holds an envelope, which holds the data, which may hold something packed."""


@dataclass(frozen=True)
class Needles:
    """The hashes of known people, in the spellings that are looked for."""

    digests: frozenset[bytes]
    digits: frozenset[bytes]
    letters: frozenset[bytes]

    @classmethod
    def of(cls, people: Iterable[Person]) -> "Needles":
        digests = frozenset(bytes.fromhex(digest) for person in people for digest in person.hashes)
        spelled = frozenset(base64.b64encode(digest)[:_LETTERS] for digest in digests)
        return cls(digests, frozenset(digest.hex().encode() for digest in digests), spelled)

    def traces(self, content: bytes) -> set[bytes]:
        """Whatever tells of somebody: as it is written, or a hash as its digits."""
        return {found for layer in _layers(content, _LAYERS) for found in self._in(layer)}

    def _in(self, content: bytes) -> Iterator[bytes]:
        yield from PLAIN.findall(content)
        for run in _HEX.findall(content):
            yield from _among(run.lower(), _DIGITS, self.digits)
        for run in _BASE64.findall(content):
            for letters in _among(_usual(run), _LETTERS, self.letters):
                yield base64.b64decode(letters + b"A=")[:31].hex().encode()
        if not content.isascii():  # as good as every hash has a byte that no text has
            yield from (digest.hex().encode() for digest in _among(content, _BYTES, self.digests))


def _among(content: bytes, size: int, wanted: frozenset[bytes]) -> set[bytes]:
    """Whichever of the wanted, all of one size, stand anywhere in the content."""
    places = range(len(content) - size + 1)
    return {piece for start in places if (piece := content[start : start + size]) in wanted}


def _layers(content: bytes, depth: int) -> Iterator[bytes]:
    """The content, and what is packed in it."""
    yield content
    for run in _BASE64.findall(content) if depth else ():
        for unpacked in _unpacked(_usual(run)):
            yield from _layers(unpacked, depth - 1)


def _unpacked(letters: bytes) -> Iterator[bytes]:
    bare = letters.rstrip(b"=")
    try:
        yield base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return  # letters in a row, and no base64


def _usual(letters: bytes) -> bytes:
    """Of either alphabet, the usual one."""
    return letters.translate(bytes.maketrans(b"-_", b"+/"))
