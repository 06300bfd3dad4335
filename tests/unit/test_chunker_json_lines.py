"""JSON Lines: one object a line, read as a row with names of its own."""

import gzip
import tracemalloc

import pytest

from services.chunker.codes import ContentCode, ContentError
from services.chunker.json_lines import KEY_LENGTH_MAX, KEYS_MAX, VALUES_MAX
from tests.support.cutting import CONTACTS, cut, cut_text, digest, emails, pieces


@pytest.mark.parametrize(
    ("text", "records", "rejects"),
    [
        pytest.param('{"email":"a@example.com"}\n', [(1, "a@example.com")], [], id="one"),
        pytest.param('\n\r\n {"E-Mail" : "a@example.com"} \n\n', [(3, "a@example.com")], [], id="spaces and empty lines"),
        pytest.param('\ufeff{"email":"a@example.com"}', [(1, "a@example.com")], [], id="byte order mark, no newline"),
        pytest.param(
            '{"email":"a@example.com","notes":{"email":"b@example.com"}}\n', [(1, "a@example.com")], [], id="an object inside"
        ),
        pytest.param(
            '{"email":{"a":1}}\n{"email":"b@example.com"}\n',
            [(2, "b@example.com")],
            ["1,email,email_invalid,field,1", "1,,no_identifier,record,1"],
            id="an object for a value",
        ),
        pytest.param(
            '{"email":"a@example.com"\n{"email":"b@example.com"}\n',
            [(2, "b@example.com")],
            ["1,,malformed_json,record,1"],
            id="cut off",
        ),
        pytest.param(
            '{"email":"a@example.com"}\n["b@example.com"]\n"c"\n17\nnull\n',
            [(1, "a@example.com")],
            [f"{line},,malformed_json,record,1" for line in (2, 3, 4, 5)],
            id="no objects",
        ),
        pytest.param(
            '{"email":"a@example.com","email":"b@example.com"}\n{"email":"c@example.com"}\n',
            [(2, "c@example.com")],
            ["1,,malformed_json,record,1"],
            id="a key twice",
        ),
        pytest.param(
            '{"email":NaN}\n{"email":"b@example.com","x":1e999}\n',
            [(2, "b@example.com")],
            ["1,,malformed_json,record,1"],
            id="NaN is no JSON, a large number is one",
        ),
        pytest.param(
            '{"email":"\\ud800@example.com"}\n{"email":"b@example.com","n":"\\ud800"}\n{"\\udc00":1}\n',
            [(2, "b@example.com")],
            ["1,email,email_invalid,field,1", "1,,no_identifier,record,1", "3,,malformed_json,record,1"],
            id="half surrogate pairs",
        ),
        pytest.param(
            '{"email":"a@example.com","consent":true}\n{"email":"b@example.com","consent":false}\n{"email":true}\n',
            [(1, "a@example.com")],
            ["2,,consent_denied,skip,1", "3,email,email_invalid,field,1", "3,,no_identifier,record,1"],
            id="true and false are words of consent alone",
        ),
        pytest.param(
            '{"email":null}\n{"email":""}\n{}\n{"email":"b@example.com"}\n',
            [(4, "b@example.com")],
            [f"{line},,no_identifier,record,1" for line in (1, 2, 3)],
            id="nothing",
        ),
        pytest.param(
            '{"name":"Ada"}\n{"email":"b@example.com","name":"Grace"}\n',
            [(2, "b@example.com")],
            ["1,,no_identifier,record,1"],
            id="objects of different keys",
        ),
        pytest.param(
            '{"email":"a@example.com","first_name":["Ada"],"last_name":"King","country":"GB","zip":"1"}\n',
            [(1, "a@example.com")],
            ["1,first_name,name_invalid,field,1"],
            id="a list where one value is meant",
        ),
    ],
)  # fmt: skip
def test_a_file_of_objects_is_cut_as_written_here(
    text: str, records: list[tuple[int, str]], rejects: list[str]
) -> None:
    for size in (1, 3, 1000):
        result = cut([pieces(text.encode(), size)])
        assert emails(result) == [(line, digest(address)) for line, address in records]
        assert result.rejects() == rejects


def test_a_list_and_a_number_are_several_identifiers_as_they_are_written() -> None:
    text = '{"email":["a@example.com","b@example.com",null,"A@example.com"],"phone":447911123456}\n'
    (part,) = cut_text(text).parts
    assert (part.records, part.identifiers, part.fields_dropped) == (1, 3, 0)


def test_what_a_file_is_is_told_by_its_bytes_packed_or_not() -> None:
    packed = gzip.compress(b'{"email":"a@example.com"}\n')
    assert emails(cut([[packed], [b"email\nb@example.com\n"]])) == [
        (1, digest("a@example.com")),
        (2, digest("b@example.com")),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        '{"email":[' + "1," * VALUES_MAX + "1]}",
        "{" + ",".join(f'"k{number}":1' for number in range(KEYS_MAX + 1)) + "}",
        f'{{"{"k" * (KEY_LENGTH_MAX + 1)}":1}}',
    ],
    ids=["deep lists", "deep objects", "a long list", "many keys", "a long key"],
)
def test_what_would_cost_too_much_costs_its_row(line: str) -> None:
    result = cut_text(f'{{"email":"a@example.com"}}\n{line}\n')
    assert result.rejects() == ["2,,malformed_json,record,1"]


def test_objects_of_ever_new_keys_cost_no_memory() -> None:
    lines = (f'{{"email":"a@example.com","k{number}{"x" * 150}":1}}\n'.encode() for number in range(20_000))

    tracemalloc.start()
    result = cut([lines])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert result.totals.good == 20_000
    assert len(result.totals.ignored) == 1_000
    assert peak < 16 * 1024**2


def test_a_line_that_is_too_long_ends_the_segment_with_its_number() -> None:
    long = '{"email":"' + "x" * 2_000_000 + '"}\n'
    with pytest.raises(ContentError) as caught:
        cut_text(f'{{"email":"a@example.com"}}\n{long}', CONTACTS)
    assert (caught.value.reason_code, caught.value.line) == (ContentCode.RECORD_TOO_LONG, 2)
