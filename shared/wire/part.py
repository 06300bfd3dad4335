"""The part file, version 1: ready-made request frames, and where in the source each operation came from.

    frames' bytes, one after the other
    line of each operation, uint32
    trailer, JSON
    length of the trailer, uint32, and a magic

Integers are little-endian. A reader finds everything from the end, and a frame is a slice of what was read.
The trailer:

    {"schema_version": 1, "frames": [{"offset", "size", "records", "identifiers"}, ...], "lines_offset": n,
     "sources": [{"source", "first_record"}, ...]}

`sources` says in which file of the segment, counted from 1, the lines are from that record on. The same part
gives the same bytes. It does not guard against flipped bits: Cloud Storage's CRC32C does.
"""

import json
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

SCHEMA_VERSION = 1
LINE_MAX = 2**32 - 1

_MAGIC = b"SLPART\r\n"
_FOOTER = struct.Struct("<I8s")
_LINE_SIZE = 4
_TRAILER_KEYS = {"schema_version", "frames", "lines_offset", "sources"}
_FRAME_KEYS = {"offset", "size", "records", "identifiers"}
_SOURCE_KEYS = {"source", "first_record"}


class PartUnreadable(ValueError):
    """These bytes are no part file, or not all of one, or of another version. The text holds no data."""


@dataclass(frozen=True)
class Frame:
    """The operations of one request. `first_record` counts the records of the part from 0."""

    body: bytes | bytearray | memoryview
    records: int
    identifiers: int
    first_record: int


@dataclass(frozen=True)
class Source:
    """From `first_record` of the part on, lines belong to this file of the segment, counted from 1."""

    source: int
    first_record: int


@dataclass(frozen=True)
class Part:
    """`lines[i]` is the line, 1-based, at which the i-th record starts in its source."""

    frames: tuple[Frame, ...]
    lines: tuple[int, ...]
    sources: tuple[Source, ...]

    def source_of(self, record: int) -> int:
        """The number of the file that holds the record, counted from 1."""
        return self.sources[bisect_right(self._starts, record) - 1].source

    @cached_property
    def _starts(self) -> list[int]:
        return [source.first_record for source in self.sources]


def encode(part: Part) -> bytes:
    """The part file's bytes. Raises ValueError for a line beyond LINE_MAX."""
    if max(part.lines, default=0) > LINE_MAX:
        raise ValueError(f"a part file holds lines up to {LINE_MAX}")
    lines = struct.pack(f"<{len(part.lines)}I", *part.lines)
    trailer = json.dumps(_trailer(part), separators=(",", ":")).encode()
    bodies = [frame.body for frame in part.frames]
    return b"".join([*bodies, lines, trailer, _FOOTER.pack(len(trailer), _MAGIC)])


def _trailer(part: Part) -> dict[str, Any]:
    sizes = [len(frame.body) for frame in part.frames]
    *offsets, end = accumulate(sizes, initial=0)
    return {
        "schema_version": SCHEMA_VERSION,
        "frames": [
            {"offset": offset, "size": size, "records": frame.records, "identifiers": frame.identifiers}
            for frame, offset, size in zip(part.frames, offsets, sizes, strict=True)
        ],
        "lines_offset": end,
        "sources": [{"source": each.source, "first_record": each.first_record} for each in part.sources],
    }


def decode(data: bytes) -> Part:
    """The part; the frames' bodies are views into `data`, nothing is copied. Raises PartUnreadable."""
    trailer, lines_end = _read_trailer(data)
    try:
        frames = tuple(_frames(trailer["frames"], memoryview(data)))
        sources = tuple(Source(**_exactly(_SOURCE_KEYS, entry)) for entry in trailer["sources"])
        lines_offset = int(trailer["lines_offset"])
    except (KeyError, TypeError, ValueError) as error:
        raise PartUnreadable("the trailer of the part file is malformed") from error
    part = Part(frames, _lines(data, lines_offset, lines_end), sources)
    _check(part, lines_offset)
    return part


def _read_trailer(data: bytes) -> tuple[dict[str, Any], int]:
    if len(data) < _FOOTER.size:
        raise PartUnreadable("the part file is cut off: shorter than its footer")
    size, magic = _FOOTER.unpack_from(data, len(data) - _FOOTER.size)
    if magic != _MAGIC:
        raise PartUnreadable("the part file does not end with its magic: cut off, or not a part file")
    end = len(data) - _FOOTER.size
    if size > end:
        raise PartUnreadable("the part file is shorter than its trailer")
    return _parse_trailer(data[end - size : end]), end - size


def _parse_trailer(encoded: bytes) -> dict[str, Any]:
    try:
        trailer = json.loads(encoded)
    except ValueError as error:
        raise PartUnreadable("the trailer of the part file is not JSON") from error
    version = trailer.get("schema_version") if isinstance(trailer, dict) else None
    if version != SCHEMA_VERSION:
        raise PartUnreadable(f"part file version {version!r}; this code reads version {SCHEMA_VERSION}")
    return _exactly(_TRAILER_KEYS, trailer)


def _exactly(keys: set[str], entry: dict[str, Any]) -> dict[str, Any]:
    if set(entry) != keys:
        raise PartUnreadable("the trailer of the part file lacks keys or has unknown ones")
    return entry


def _frames(entries: Sequence[dict[str, Any]], data: memoryview) -> Iterator[Frame]:
    first_record = end = 0
    for entry in entries:
        _exactly(_FRAME_KEYS, entry)
        size, records = int(entry["size"]), int(entry["records"])
        if entry["offset"] != end or size < 0 or records < 0:
            raise PartUnreadable("the frames of the part file do not follow each other")
        yield Frame(data[end : end + size], records, int(entry["identifiers"]), first_record)
        end += size
        first_record += records


def _lines(data: bytes, start: int, end: int) -> tuple[int, ...]:
    if not 0 <= start <= end or (end - start) % _LINE_SIZE:
        raise PartUnreadable("the lines of the part file are not where its trailer says")
    return struct.unpack_from(f"<{(end - start) // _LINE_SIZE}I", data, start)


def _check(part: Part, lines_offset: int) -> None:
    if sum(len(frame.body) for frame in part.frames) != lines_offset:
        raise PartUnreadable("the frames of the part file do not end where its lines begin")
    if sum(frame.records for frame in part.frames) != len(part.lines):
        raise PartUnreadable("the part file does not hold one line for each record")
    starts = [source.first_record for source in part.sources]
    if part.lines and (starts[:1] != [0] or any(after <= before for before, after in pairwise(starts))):
        raise PartUnreadable("the part file does not say which source its records are from")
