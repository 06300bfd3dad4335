"""The cutter: its bounds, where rows belong, what a segment of several files is, and the bytes of version 1."""

import gzip
import traceback
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest

from services.chunker.codes import ContentCode, ContentError
from services.chunker.cut import Cutter, Totals
from services.chunker.parts import Place
from shared.wire import part as part_file
from tests.support.cutting import CONTACTS, cut, cut_text, digest, emails, pieces
from tests.support.oracle import operations_of

GOLDEN = Path(__file__).parent / "golden"


def test_gzip_of_several_members_padded_with_zeros_is_one_file() -> None:
    content = gzip.compress(b"email\na@exam") + gzip.compress(b"ple.com\n") + bytes(700)
    assert emails(cut([pieces(content, 7)])) == [(2, digest("a@example.com"))]


def test_a_line_without_end_stops_the_cutter_at_the_bound() -> None:
    given_out = 0

    def endless() -> Iterable[bytes]:
        nonlocal given_out
        yield b"email\n"
        for chunk in repeat(b"x" * 65536):
            given_out += 1
            yield chunk

    with pytest.raises(ContentError) as caught:
        cut([endless()])
    assert (caught.value.reason_code, caught.value.line) == (ContentCode.RECORD_TOO_LONG, 2)
    assert given_out == 17  # a mebibyte, and the one that was too much


@pytest.mark.parametrize("rest", [b"fields,\nand lines\n", b'","\n'], ids=["one field", "many fields"])
def test_a_quote_that_is_never_closed_stops_the_cutter_at_the_bound(rest: bytes) -> None:
    with pytest.raises(ContentError) as caught:
        cut([chain([b'email,note\na@example.com,\nb@example.com,"'], repeat(rest))])
    assert (caught.value.reason_code, caught.value.line) == (ContentCode.RECORD_TOO_LONG, 3)


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_the_bound_of_a_record_is_exact(size: int) -> None:
    how = replace(CONTACTS, max_record_bytes=20)
    fits = b'note,email\n"\xc3\xa9\n",a@example.com\n'
    assert emails(cut([pieces(fits, size)], how)) == [(2, digest("a@example.com"))]
    with pytest.raises(ContentError) as caught:
        cut([pieces(fits.replace(b"a@", b"aa@"), size)], how)
    assert (caught.value.reason_code, caught.value.line) == (ContentCode.RECORD_TOO_LONG, 2)


def test_a_decompression_bomb_is_stopped_by_the_bound() -> None:
    bomb = gzip.compress(b"email\n" + b"x" * 50_000_000)
    with pytest.raises(ContentError) as caught:
        cut([[bomb]])
    assert (caught.value.reason_code, caught.value.line) == (ContentCode.RECORD_TOO_LONG, 2)


def test_an_error_holds_nothing_of_the_file() -> None:
    person = "ada"
    content = f"email\n{person}@example.com".encode() + b"\xff\n"
    with pytest.raises(ContentError) as caught:
        cut([[content]])
    assert f"{person}@" not in "".join(traceback.format_exception(caught.value))
    assert str(caught.value) == "not_utf8 (line 2, column '')"


def test_rejected_rows_belong_to_the_part_of_the_good_row_before_them() -> None:
    rows = ["x", "a@example.com", "b@example.com", "y", "z", "c@example.com", "w"]
    result = cut_text("email\n" + "\n".join(rows) + "\n", replace(CONTACTS, part_records=2))
    assert [(part.records, part.rejected) for part in result.parts] == [(2, 3), (1, 1)]
    assert [(part.first, part.last) for part in result.parts] == [
        (Place(1, 2), Place(1, 6)),
        (Place(1, 7), Place(1, 8)),
    ]


def test_a_segment_without_a_good_row_is_one_part_without_records() -> None:
    result = cut_text("email\nx\ny\n")
    (part,) = result.parts
    assert (part.number, part.records, part.frames, part.rejected) == (1, 0, 0, 2)
    assert part_file.decode(part.body) == part_file.Part((), (), ())
    assert (result.totals.received, result.totals.good, result.totals.rejected) == (2, 0, 2)


def test_a_frame_is_filled_to_its_limit_and_no_further() -> None:
    rows = "".join(f"ada.{number}@example.com\n" for number in range(41))
    (part,) = cut_text(f"email\n{rows}", replace(CONTACTS, frame_identifiers=20)).decoded()
    assert [(frame.identifiers, frame.first_record) for frame in part.frames] == [(20, 0), (20, 20), (1, 40)]


def test_parts_go_on_from_file_to_file_and_lines_start_anew() -> None:
    files = [b"email\na@example.com\n", b"", b"email\n", b"notes,Email\n,b@example.com\n,x\n,c@example.com\n"]
    result = cut([[file] for file in files], replace(CONTACTS, part_records=2))
    first, second = result.decoded()
    assert [(first.source_of(record), line) for record, line in enumerate(first.lines)] == [(1, 2), (4, 2)]
    assert [(second.source_of(record), line) for record, line in enumerate(second.lines)] == [(4, 4)]
    assert result.rejects() == ["3,email,email_invalid,field,4", "3,,no_identifier,record,4"]
    assert result.totals == Totals(
        sources=4,
        parts=2,
        received=4,
        good=3,
        rejected=1,
        fields_dropped=1,
        reasons={"email_invalid": 1, "no_identifier": 1},
        columns={"email": "email"},
        ignored=("notes",),
        forms=1,
    )


def test_totals_count_the_rows_before_content_that_cannot_be_cut() -> None:
    cutter = Cutter(CONTACTS)
    with pytest.raises(ContentError):
        list(cutter.feed([b"email\na@example.com\nx\n\xff\n"]))
    assert (cutter.totals.received, cutter.totals.good, cutter.totals.rejected) == (2, 1, 1)
    assert (cutter.totals.parts, cutter.totals.fields_dropped) == (0, 1)


def test_nothing_but_headers_in_all_files_is_a_header_only() -> None:
    with pytest.raises(ContentError) as caught:
        cut([[b"email\n"], [b""], [b"email\n"]])
    assert caught.value.reason_code == ContentCode.HEADER_ONLY


def test_to_append_is_to_create_and_to_remove_is_to_remove() -> None:
    text = "email\na@example.com\n"
    (added,) = cut_text(text).decoded()
    (removed,) = cut_text(text, replace(CONTACTS, mode="remove")).decoded()
    (creation,) = operations_of(bytes(added.frames[0].body))
    (removal,) = operations_of(bytes(removed.frames[0].body))
    assert removal.remove == creation.create
    assert (creation.HasField("remove"), removal.HasField("create")) == (False, False)


def test_memory_is_a_part_and_buffers_whatever_the_size() -> None:
    def peak(rows: int) -> int:
        cutter = Cutter(replace(CONTACTS, part_records=1000))
        lines = (f"ada.{number}@example.com,rejected too\n".encode() for number in range(rows))
        tracemalloc.start()
        for part in cutter.feed(chain([b"email,note\n"], lines)):
            assert part.records == 1000
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(12_000) < 1.2 * peak(3_000)


@pytest.mark.parametrize(
    "change", [{"part_records": 0}, {"frame_identifiers": 19}, {"frame_identifiers": 100_001}]
)
def test_settings_beyond_what_the_destination_takes_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        replace(CONTACTS, **change)  # type: ignore[arg-type]


def test_the_bytes_of_version_1_are_the_golden_ones() -> None:
    how = replace(CONTACTS, part_records=3, frame_identifiers=20)
    result = cut([[(GOLDEN / "segment.csv").read_bytes()]], how)
    for part in result.parts:
        assert part.body == (GOLDEN / f"segment.{part.number}.frames").read_bytes()
        assert part.rejects_csv == (GOLDEN / f"segment.{part.number}.rejects.csv").read_bytes()
    assert len(result.parts) == 2
