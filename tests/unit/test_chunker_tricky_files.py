"""Files that trip readers up, each with the result written out by hand."""

import gzip

import pytest

from services.chunker.codes import ContentError
from tests.support.cutting import cut, cut_text, digest, emails, pieces


@pytest.mark.parametrize(
    ("text", "records", "rejects"),
    [
        pytest.param("email\na@example.com\n", [(2, "a@example.com")], [], id="one"),
        pytest.param("email\na@example.com", [(2, "a@example.com")], [], id="no newline at the end"),
        pytest.param("email\r\na@example.com\r\n", [(2, "a@example.com")], [], id="CRLF"),
        pytest.param("\ufeffemail\na@example.com\n", [(2, "a@example.com")], [], id="byte order mark"),
        pytest.param('\ufeff"email"\na@example.com\n', [(2, "a@example.com")], [], id="byte order mark and quotes"),
        pytest.param("\n\nE-Mail\n\na@example.com\n\n", [(5, "a@example.com")], [], id="empty lines"),
        pytest.param(
            'note,email\n"one\ntwo\r\nthree",a@example.com\n,b@example.com\n',
            [(2, "a@example.com"), (5, "b@example.com")],
            [],
            id="newlines in quotes are counted",
        ),
        pytest.param(
            "note,email\n\u2028\u0085\x0b\x0c,a@example.com\n\x1c\x1d\x1e,b@example.com\n",
            [(2, "a@example.com"), (3, "b@example.com")],
            [],
            id="other line ends of Unicode end no line",
        ),
        pytest.param(
            "note,email\none\rtwo,a@example.com\n,b@example.com\n",
            [(3, "b@example.com")],
            ["2,,lone_carriage_return,record,1"],
            id="a carriage return outside quotes",
        ),
        pytest.param(
            'note,email\n"one\rtwo",a@example.com\n', [(2, "a@example.com")], [], id="a carriage return in quotes"
        ),
        pytest.param(
            'note,email\n"x"y,a@example.com\nx"y",b@example.com\n',
            [(3, "b@example.com")],
            ["2,,malformed_quotes,record,1"],
            id="stray quotes",
        ),
        pytest.param(
            'note,email\n"x\n"y,a@example.com\n,b@example.com\n',
            [(4, "b@example.com")],
            ["2,,malformed_quotes,record,1"],
            id="a stray quote on the second line of a record",
        ),
        pytest.param(
            "email,note\na@example.com\nb@example.com,,\nc@example.com,\n",
            [(4, "c@example.com")],
            ["2,,row_too_short,record,1", "3,,row_too_long,record,1"],
            id="ragged rows",
        ),
        pytest.param(
            "email,phone\n,\n  ,\u00a0\nb@example.com,\n",
            [(4, "b@example.com")],
            ["2,,no_identifier,record,1", "3,,no_identifier,record,1"],
            id="rows without a value",
        ),
        pytest.param(
            "email,phone\nada,12\nb@example.com,n/a\n",
            [(3, "b@example.com")],
            [
                "2,email,email_invalid,field,1",
                "2,phone,phone_invalid,field,1",
                "2,,no_identifier,record,1",
                "3,phone,phone_invalid,field,1",
            ],
            id="bad fields",
        ),
        pytest.param(
            "email,phone\na\0@example.com,\nb@example.com,\0\n",
            [(3, "b@example.com")],
            ["2,email,nul_byte,field,1", "2,,no_identifier,record,1", "3,phone,nul_byte,field,1"],
            id="NUL",
        ),
        pytest.param(
            "notes,email\n\0,a@example.com\n", [(2, "a@example.com")], [], id="NUL where nobody looks"
        ),
        pytest.param(
            "email,first_name,last_name,country,zip\na@example.com,Ada,,GB,\nb@example.com,,,GB,\nc@example.com,Ada,King,Gb1,1\n",
            [(2, "a@example.com"), (3, "b@example.com"), (4, "c@example.com")],
            ["2,last_name,address_incomplete,field,1", "4,country,country_invalid,field,1"],
            id="an incomplete address is dropped, a country alone is none",
        ),
        pytest.param(
            "email,first_name,last_name\na@example.com,Ada,King\n",
            [(2, "a@example.com")],
            [],
            id="names alone are ignored columns",
        ),
        pytest.param("email\n\xa0İ@example.com\n", [(2, "i̇@example.com")], [], id="dotted I"),
        pytest.param("email\nΣΑΣ@example.com\n", [(2, "σας@example.com")], [], id="final sigma"),
        pytest.param('"email"\n"a\n@exam ple.com"\n', [(2, "a@example.com")], [], id="white space in an address"),
    ],
)  # fmt: skip
def test_a_tricky_file_is_cut_as_written_here(
    text: str, records: list[tuple[int, str]], rejects: list[str]
) -> None:
    result = cut_text(text)
    assert emails(result) == [(line, digest(address)) for line, address in records]
    assert result.rejects() == rejects


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        pytest.param(b"", "empty_file", 0, "", id="nothing"),
        pytest.param(b"\xef\xbb\xbf", "empty_file", 0, "", id="a byte order mark"),
        pytest.param(b"\n\r\n\n", "empty_file", 0, "", id="empty lines"),
        pytest.param(gzip.compress(b""), "empty_file", 0, "", id="nothing, compressed"),
        pytest.param(b"email\n\n", "header_only", 0, "", id="a header"),
        pytest.param(b"name\n\x1f\x8b\n", "no_usable_column", 1, "", id="unknown columns"),
        pytest.param(b"\nuser_id,mobile_id\n1,2\n", "no_usable_column", 2, "", id="columns of other audiences"),
        pytest.param(b"first_name,last_name,country\na,b,c\n", "no_usable_column", 1, "", id="address without zip"),
        pytest.param(b"email^phone\na@example.com^\n", "no_usable_column", 1, "", id="circumflexes"),
        pytest.param(b'\n[{"email":"a@example.com"}]\n', "json_array", 0, "", id="a JSON list"),
        pytest.param(b'{"name":"Ada"}\n{"country":"GB"}\n', "no_usable_column", 0, "", id="objects that name nobody"),
        pytest.param(b'{"email":"\xff"}\n', "not_utf8", 1, "", id="latin-1 in an object"),
        pytest.param(b"email\rphone\r", "malformed_header", 1, "", id="carriage returns only"),
        pytest.param(b'"email"x\na\n', "malformed_header", 1, "", id="stray quote in the header"),
        pytest.param(b"Email,phone,e-mail\n,,\n", "duplicate_columns", 1, "email", id="one column twice"),
        pytest.param(b"zip,post code,email\n,,\n", "duplicate_columns", 1, "postal_code", id="two names of one column"),
        pytest.param("email\ngünther\n".encode("latin-1"), "not_utf8", 2, "", id="latin-1"),
        pytest.param("email\na@example.com\n".encode("utf-16"), "not_utf8", 1, "", id="UTF-16"),
        pytest.param(b"email\n\xed\xa0\x80\n", "not_utf8", 2, "", id="a surrogate"),
        pytest.param(b'email\n"a\n\xff"\n', "not_utf8", 3, "", id="in the second line of a record"),
        pytest.param(b"email\na@example.com\n\xc3", "not_utf8", 3, "", id="cut within a character"),
        pytest.param(b'email\na@example.com\n"b@example.com\nc\n', "unclosed_quote", 3, "", id="unclosed quote"),
        pytest.param(b'email\na@example.com\n"', "unclosed_quote", 3, "", id="a quote at the very end"),
        pytest.param(gzip.compress(b"email\na@example.com\n")[:-9], "gzip_truncated", 0, "", id="gzip cut off"),
        pytest.param(gzip.compress(b"email\na@example.com\n")[:5], "gzip_truncated", 0, "", id="gzip cut in its header"),
        pytest.param(gzip.compress(b"email\na@example.com\n")[:-8] + bytes(8), "gzip_damaged", 0, "", id="wrong checksum"),
        pytest.param(gzip.compress(b"email\na@example.com\n") + b"xyz", "gzip_damaged", 0, "", id="garbage behind gzip"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_content_that_cannot_be_cut_has_its_reason(
    content: bytes, code: str, line: int, column: str, size: int
) -> None:
    with pytest.raises(ContentError) as caught:
        cut([pieces(content, size)])
    assert (caught.value.reason_code, caught.value.line, caught.value.column) == (code, line, column)
