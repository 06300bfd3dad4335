"""CRC32C and MD5 of an object's bytes, counted while they pass, in the base64 form of the JSON API."""

import base64
import hashlib
from dataclasses import dataclass

import google_crc32c

from infra.local.storage.refusal import Reason, Refused


@dataclass(frozen=True)
class Checksums:
    """Base64 of the big-endian digests; "" is not known (a composed object has no MD5)."""

    crc32c: str = ""
    md5: str = ""


UNKNOWN = Checksums()


class Digest:
    """Checksums of the bytes seen so far."""

    def __init__(self) -> None:
        self._crc32c = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def update(self, block: bytes) -> None:
        self._crc32c = google_crc32c.extend(self._crc32c, block)
        self._md5.update(block)

    def checksums(self) -> Checksums:
        return Checksums(_base64(self._crc32c.to_bytes(4, "big")), _base64(self._md5.digest()))


def require(expected: Checksums, actual: Checksums) -> None:
    """Refuses bytes that are not those which the client meant to send."""
    _same("CRC32C", expected.crc32c, actual.crc32c)
    _same("MD5 hash", expected.md5, actual.md5)


def _same(kind: str, expected: str, actual: str) -> None:
    if expected and expected != actual:
        said = f'Provided {kind} "{expected}" doesn\'t match calculated {kind} "{actual}".'
        raise Refused(Reason.INVALID, said)


def from_header(header: str) -> Checksums:
    """From x-goog-hash, as in "crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==."""
    pairs = dict(part.strip().partition("=")[::2] for part in header.split(","))
    return Checksums(pairs.get("crc32c", ""), pairs.get("md5", ""))


def to_header(checksums: Checksums) -> str:
    md5 = f",md5={checksums.md5}" if checksums.md5 else ""
    return f"crc32c={checksums.crc32c}{md5}"


def merge(first: Checksums, second: Checksums) -> Checksums:
    """What is expected in two places; the second counts where both say something."""
    return Checksums(second.crc32c or first.crc32c, second.md5 or first.md5)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
