"""The part file: what is written is read back, and what is not whole is refused."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wire import part
from shared.wire.part import Frame, Part, PartUnreadable, Source

GOLDEN = Path(__file__).parent / "golden" / "part.1.frames"
EXAMPLE = Part(
    frames=(Frame(b"first frame", 2, 5, 0), Frame(b"second", 1, 1, 2)),
    lines=(2, 7, 2**32 - 1),
    sources=(Source(1, 0), Source(3, 2)),
)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    counts = draw(st.lists(st.integers(1, 5), max_size=4))
    starts = [sum(counts[:place]) for place in range(len(counts))]
    frames = tuple(
        Frame(draw(st.binary(max_size=9)), count, draw(st.integers(1, 9)), start)
        for count, start in zip(counts, starts, strict=True)
    )
    records = sum(counts)
    lines = draw(st.lists(st.integers(1, part.LINE_MAX), min_size=records, max_size=records))
    firsts = sorted(draw(st.sets(st.integers(0, records - 1))) | {0}) if records else []
    return Part(
        tuple(frames), tuple(lines), tuple(Source(place + 1, first) for place, first in enumerate(firsts))
    )


@given(parts())
def test_what_is_encoded_is_decoded(whole: Part) -> None:
    assert part.decode(part.encode(whole)) == whole


def test_version_1_has_these_bytes() -> None:
    assert part.encode(EXAMPLE) == GOLDEN.read_bytes()
    assert part.decode(GOLDEN.read_bytes()) == EXAMPLE


def test_frames_are_views_not_copies() -> None:
    frame = part.decode(GOLDEN.read_bytes()).frames[1]
    assert isinstance(frame.body, memoryview)
    assert bytes(frame.body) == b"second"


def test_each_record_knows_its_file() -> None:
    assert [EXAMPLE.source_of(record) for record in range(3)] == [1, 1, 3]


@given(parts(), st.data())
def test_a_file_that_was_cut_off_is_refused(whole: Part, data: st.DataObject) -> None:
    encoded = part.encode(whole)
    with pytest.raises(PartUnreadable):
        part.decode(encoded[: data.draw(st.integers(0, len(encoded) - 1))])


def with_trailer(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The golden file, its trailer changed."""
    data = GOLDEN.read_bytes()
    size = struct.unpack_from("<I", data, len(data) - 12)[0]
    trailer = json.loads(data[-12 - size : -12])
    change(trailer)
    encoded = json.dumps(trailer).encode()
    return data[: -12 - size] + encoded + struct.pack("<I", len(encoded)) + data[-8:]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda trailer: trailer.update(schema_version=2), id="a later version"),
        pytest.param(lambda trailer: trailer.pop("schema_version"), id="no version"),
        pytest.param(lambda trailer: trailer.update(more=1), id="an unknown key"),
        pytest.param(lambda trailer: trailer["frames"][0].update(more=1), id="an unknown key of a frame"),
        pytest.param(lambda trailer: trailer["frames"][0].pop("records"), id="a missing key of a frame"),
        pytest.param(lambda trailer: trailer["frames"][0].update(records=3), id="too many records"),
        pytest.param(lambda trailer: trailer["frames"][0].update(records="two"), id="a text for a number"),
        pytest.param(lambda trailer: trailer["frames"][1].update(offset=12), id="a gap between frames"),
        pytest.param(lambda trailer: trailer["frames"][1].update(size=-1), id="a negative size"),
        pytest.param(lambda trailer: trailer.update(frames=7), id="no list of frames"),
        pytest.param(lambda trailer: trailer.update(frames=[7]), id="a frame that is no object"),
        pytest.param(lambda trailer: trailer.update(lines_offset=13), id="lines at another place"),
        pytest.param(lambda trailer: trailer.update(lines_offset=10**9), id="lines behind the end"),
        pytest.param(lambda trailer: trailer.update(sources=[]), id="no sources"),
        pytest.param(lambda trailer: trailer["sources"].reverse(), id="sources in disorder"),
    ],
)
def test_a_trailer_that_does_not_fit_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(PartUnreadable):
        part.decode(with_trailer(change))


@pytest.mark.parametrize(
    "data", [b"", bytes(40), GOLDEN.read_bytes() + b"\n", b"[]\x02\0\0\0SLPART\r\n", b"{\x01\0\0\0SLPART\r\n"]
)
def test_what_is_no_part_file_is_refused(data: bytes) -> None:
    with pytest.raises(PartUnreadable):
        part.decode(data)


def test_a_line_that_four_bytes_do_not_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="4294967295"):
        part.encode(Part((Frame(b"", 1, 1, 0),), (2**32,), (Source(1, 0),)))
