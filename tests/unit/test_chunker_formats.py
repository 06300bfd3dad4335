"""What a file is, by its first line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chunker.formats import Csv, JsonLines, format_of, opening
from services.chunker.records import Start
from tests.support.cutting import CONTACTS, cut_text, digest, emails


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("email", ","),
        ("email,phone", ","),
        ("email;phone", ";"),
        ("email\tphone", "\t"),
        ("email|phone", "|"),
        ("email;phone;notes, and more", ";"),
        ('"email;;;;",phone', ","),
        ("a,b;c", ","),
        ('"a|b', ","),
    ],
)
def test_the_header_says_what_separates_cells(header: str, delimiter: str) -> None:
    assert format_of(header.encode()) == Csv(delimiter)


def test_somebodys_word_counts_more_than_the_header() -> None:
    assert format_of(b"a,b,c;d", ";") == Csv(";")


@pytest.mark.parametrize("first", [b"{}", b"  {", b"\xef\xbb\xbf{"])
def test_an_object_makes_json_lines_whatever_separates_cells(first: bytes) -> None:
    assert format_of(first, ";") == JsonLines()


@given(st.lists(st.sampled_from([b"\n", b"\r\n"])), st.sampled_from([b"email\n", b" \n", b"\r\r\n"]))
def test_a_file_begins_at_its_first_line_that_is_not_empty(empty: list[bytes], first: bytes) -> None:
    found = opening([*empty, first, b"more\n"])
    assert found
    assert (found.first, found.start) == (first, Start(len(empty) + 1, sum(map(len, empty))))
    assert list(found.lines) == [first, b"more\n"]


def test_a_file_of_empty_lines_has_no_beginning() -> None:
    assert opening([b"\xef\xbb\xbf\n", b"\r\n"]) is None


@pytest.mark.parametrize(
    ("text", "records", "rejects"),
    [
        (
            'email;notes\na@example.com;x,y\nb@example.com;"x;y"\n',
            [(2, "a@example.com"), (3, "b@example.com")],
            [],
        ),
        ("notes\temail\n\t a@example.com \n", [(2, "a@example.com")], []),
        (
            "notes|email\n|a@example.com\nb@example.com\n",
            [(2, "a@example.com")],
            ["3,,row_too_short,record,1"],
        ),
        ("\ufeffsep|email\n|a@example.com\n", [(2, "a@example.com")], []),
    ],
    ids=["semicolons", "tabs", "pipes", "byte order mark"],
)
def test_files_with_other_delimiters_are_cut_as_written_here(
    text: str, records: list[tuple[int, str]], rejects: list[str]
) -> None:
    result = cut_text(text)
    assert emails(result) == [(line, digest(address)) for line, address in records]
    assert result.rejects() == rejects


def test_a_delimiter_of_the_accounts_own_is_used() -> None:
    result = cut_text("email;a,b,c\na@example.com;1\n", replace(CONTACTS, delimiter=";"))
    assert (emails(result), result.totals.ignored) == ([(2, digest("a@example.com"))], ("a,b,c",))
