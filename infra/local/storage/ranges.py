"""Byte ranges in headers: Range of a download, Content-Range of an upload's chunk. Pure.

RFC 9110, section 14, as Cloud Storage reads it: what is not understood is served whole. Several ranges in one
request are not supported here.
"""

import re
from dataclasses import dataclass

from infra.local.storage.refusal import Reason, Refused

_ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.IGNORECASE)
_CHUNK = re.compile(r"bytes (?:(\d{1,19})-(\d{1,19})|\*)/(\d{1,19}|\*)", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """Bytes `first` up to and without `end`."""

    first: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.first


def requested(header: str | None, size: int) -> Span | None:
    """The part of an object of `size` bytes that a Range header asks for; None: all of it."""
    if header is None:
        return None
    if header.count(",") and header.lower().startswith("bytes="):
        raise Refused(Reason.UNSUPPORTED, "Several ranges in one request are not supported here.")
    match = _ONE_RANGE.fullmatch(header.strip())
    return _span(match[1], match[2], size) if match else None


def _span(first: str, last: str, size: int) -> Span | None:
    if not first and not last:
        return None
    if not first:
        return _inside(Span(max(0, size - int(last)), size), size)
    end = int(last) + 1 if last else size
    if last and end <= int(first):
        return None
    return _inside(Span(int(first), min(end, size)), size)


def _inside(span: Span, size: int) -> Span:
    if span.first >= size:
        raise Refused(Reason.OUT_OF_RANGE, "The requested range cannot be satisfied.")
    return span


@dataclass(frozen=True)
class Chunk:
    """What one PUT to an upload session carries: `length` bytes from `first` on.

    `length` None: up to the end of the body. `total`: the object's size, where the client knows it already;
    a chunk that reaches it is the last. Length 0 without a last chunk asks for the session's status.
    """

    first: int
    length: int | None
    total: int | None

    def is_last(self) -> bool:
        return self.length is None or (self.total is not None and self.first + self.length == self.total)


WHOLE_BODY = Chunk(0, None, None)


def chunk(header: str | None, persisted: int) -> Chunk:
    """A PUT's Content-Range. One without bytes stands at the end of the `persisted` bytes of the session."""
    if header is None:
        return WHOLE_BODY
    match = _CHUNK.fullmatch(header.strip())
    total = None if match is None or match[3] == "*" else int(match[3])
    if match and match[1] is None:
        return Chunk(persisted, 0, total)
    if match and _fits(int(match[1]), int(match[2]), total):
        return Chunk(int(match[1]), int(match[2]) + 1 - int(match[1]), total)
    raise Refused(Reason.INVALID, f"Failed to parse Content-Range header: {header!r}.")


def _fits(first: int, last: int, total: int | None) -> bool:
    return first <= last and (total is None or last < total)
