"""The cutter on random files: equal to a plain oracle, whatever the pieces, and true to its limits."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chunker.codes import ContentError
from services.chunker.parts import CutPart
from services.chunker.settings import CutSettings
from tests.support import oracle
from tests.support.cutting import cut, digest, pieces

SUITED = {
    "Email": [
        "ada@example.com",
        " Ada.L@EXAMPLE.com ",
        "a.d.a+news@gmail.com",
        "ada@",
        "+@gmail.com",
        "a\0@example.com",
    ],
    "PHONE": [
        "+447911123456",
        "020 7946 0018",
        "+44 (0)20 7946 0018",
        "(212) 555-0123",
        "12",
        "1-800-FLOWERS",
        "06 12 34 56 78",
    ],
    "first name": ["Ada", "Dr. Ada", "İpek", "Anna  Maria", "...", "\x07"],
    "last-name": ["King", "O'Brien", "King Jr.", "Groß", "ΟΔΥΣΣΕΥΣ", "d’Arc"],
    "Country_Code": ["GB", "us", "FR", "ß", "USA", "İT", "AQ"],
    "zip": ["SW1A 1AA", "12345", "12345-6789", "1234", "\x00"],
    "user id": ["crm 17", "17\t18"],
    "mobile_id": ["38400000-8cf0-11bd-b23e-10b96e40000d", "38400000"],
}
ODD = [
    "",
    " ",
    "\u00a0",
    digest("ada@example.com"),
    digest("ada@example.com").upper(),
    'a "quoted",\nlong',
    "\u2028",
    "\r",
]
SUITED |= {
    "e-mail 2": SUITED["Email"],
    "mobile": SUITED["PHONE"],
    "surname": SUITED["last-name"],
    "region": SUITED["Country_Code"],
    "zip_2": ["1"],
    "crm_id": ["17"],
    "IDFA": SUITED["mobile_id"],
    "consent": ["granted", "Yes", "DENIED", "0", "unknown", "perhaps"],
    "ad_user_data": ["granted", "no"],
    "ad personalization consent": ["true", "unspecified"],
}
HEADERS = st.lists(st.sampled_from([*SUITED, "notes", "email "]), min_size=1, max_size=8, unique=True)
CONTACT_HEADERS = st.permutations(["Email", "PHONE", "first name", "last-name", "Country_Code", "zip"])
MORE_HEADERS = st.permutations(["Email", "e-mail 2", "PHONE", "mobile", "consent", "ad_user_data"])
QUOTINGS: list[Literal[0, 1]] = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL]
RAW_LINES = st.text(st.sampled_from('a@.1",\r\n\u2028\0 '), max_size=12)


def cells(column: str) -> st.SearchStrategy[str]:
    suited = st.sampled_from(SUITED.get(column, ODD))
    return st.one_of(suited, suited, suited, st.sampled_from(ODD), st.text(max_size=8))


@st.composite
def csv_texts(draw: st.DrawFn) -> str:
    """Mostly well-formed rows, some of them several times, now and then a line of nonsense."""
    header = draw(HEADERS | CONTACT_HEADERS | MORE_HEADERS)
    text = io.StringIO()
    end = draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from(QUOTINGS))
    delimiter = draw(st.sampled_from(",,;\t|"))
    writer = csv.writer(text, lineterminator=end, quoting=quoting, delimiter=delimiter)
    writer.writerow(header)
    for _ in range(draw(st.integers(0, 9))):
        if draw(st.integers(0, 9)):
            row = [draw(cells(column)) for column in header] + draw(st.sampled_from([[]] * 9 + [["more"]]))
            writer.writerows([row] * draw(st.sampled_from([1, 1, 1, 9])))
        else:
            text.write(draw(RAW_LINES) + end)
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return mark + text.getvalue().removesuffix(draw(st.sampled_from(["", end])))


def json_values(key: str) -> st.SearchStrategy[Any]:
    plain: st.SearchStrategy[Any] = cells(key) | st.sampled_from(
        [None, True, False, 17, 1.5, {"email": "a"}, [[]], "\ud800"]
    )
    return plain | st.lists(plain, max_size=3)


RAW_JSON = st.sampled_from(
    [
        "",
        " ",
        "{",
        "{}",
        "[]",
        "17",
        '{"email":NaN}',
        '{"email":1,"email":2}',
        '{"\\ud800":1}',
        '{"E-Mail":"a@b.c"} x',
    ]
)


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """Objects of few sets of keys, now and then a line that is none."""
    shapes = [draw(HEADERS | MORE_HEADERS) for _ in range(2)]
    lines = ["{}"]
    for _ in range(draw(st.integers(0, 9))):
        if draw(st.integers(0, 9)):
            lines.append(json.dumps({key: draw(json_values(key)) for key in draw(st.sampled_from(shapes))}))
        else:
            lines.append(draw(RAW_JSON))
    return draw(st.sampled_from(["", "\ufeff"])) + "\n".join(lines)


@st.composite
def segments(draw: st.DrawFn) -> list[bytes]:
    texts = csv_texts() | csv_texts() | json_texts()
    files = [text.encode() for text in draw(st.lists(texts, min_size=1, max_size=2))]
    return [gzip.compress(file, mtime=0) if draw(st.booleans()) else file for file in files]


SETTINGS = st.builds(
    CutSettings,
    mode=st.sampled_from(["append", "remove"]),
    upload_key_type=st.sampled_from(
        ["CONTACT_INFO", "CONTACT_INFO", "CONTACT_INFO", "CRM_ID", "MOBILE_ADVERTISING_ID"]
    ),
    default_region=st.sampled_from(["", "GB", "US", "IT"]),
    part_records=st.sampled_from([1, 2, 3, 50]),
    frame_identifiers=st.just(20),
    delimiter=st.sampled_from(["", "", "", ";"]),
    ad_user_data=st.sampled_from(["GRANTED", "UNSPECIFIED"]),
    ad_personalization=st.sampled_from(["GRANTED", "UNSPECIFIED"]),
    deduplicate=st.booleans(),
)


def rows_of(part: CutPart) -> int:
    return part.records + part.rejected + part.skipped


def outcome(files: Sequence[Iterable[bytes]], how: CutSettings) -> Any:
    try:
        return cut(files, how)
    except ContentError as error:
        return error.reason_code, error.line, error.column


def expected_by_oracle(files: Sequence[bytes], how: CutSettings) -> Any:
    """A list of parts, or the reason code and line with which the oracle refuses."""
    try:
        return oracle.expected_parts(
            files,
            oracle.How(
                mode=how.mode,
                upload_key_type=how.upload_key_type,
                default_region=how.default_region,
                part_records=how.part_records,
                delimiter=how.delimiter,
                ad_user_data=how.ad_user_data,
                ad_personalization=how.ad_personalization,
                deduplicate=how.deduplicate,
            ),
        )
    except oracle.Refused as refused:
        return refused.args


@given(segments(), SETTINGS, st.integers(1, 70))
@settings(deadline=None)
def test_the_size_of_the_pieces_changes_nothing(files: list[bytes], how: CutSettings, size: int) -> None:
    assert outcome([pieces(file, size) for file in files], how) == outcome([[file] for file in files], how)


@given(segments(), SETTINGS)
@settings(deadline=None, max_examples=150)
def test_parts_and_rejects_equal_the_oracles(files: list[bytes], how: CutSettings) -> None:
    expected = expected_by_oracle(files, how)
    if not isinstance(expected, list):
        assert outcome([[file] for file in files], how)[:2] == expected
        return
    result = cut([[file] for file in files], how)
    decoded = result.decoded()
    assert [[bytes(frame.body) for frame in part.frames] for part in decoded] == [
        part.frames(20) for part in expected
    ]
    assert [list(part.lines) for part in decoded] == [part.lines for part in expected]
    assert [[part.source_of(i) for i in range(len(part.lines))] for part in decoded] == [
        part.sources for part in expected
    ]
    assert [part.rejects_csv for part in result.parts] == [part.report_text() for part in expected]
    assert result.totals.reasons == oracle.reasons_of(expected)


@given(segments(), SETTINGS)
@settings(deadline=None)
def test_counts_add_up_and_limits_hold(files: list[bytes], how: CutSettings) -> None:
    try:
        result = cut([[file] for file in files], how)
    except ContentError:
        return
    totals, parts = result.totals, result.parts
    assert totals.received == totals.good + totals.rejected + totals.skipped
    assert (totals.good, totals.rejected) == (sum(p.records for p in parts), sum(p.rejected for p in parts))
    assert totals.skipped == sum(part.skipped for part in parts)
    assert totals.fields_dropped == sum(part.fields_dropped for part in parts)
    assert sum(totals.reasons.values()) == totals.rejected + totals.skipped + totals.fields_dropped
    assert [part.number for part in parts] == list(range(1, totals.parts + 1))
    full = [part.records == how.part_records or rows_of(part) == how.part_rows for part in parts[:-1]]
    assert all(full)
    assert parts[-1].records <= how.part_records
    for part, decoded in zip(parts, result.decoded(), strict=True):
        assert [frame.records for frame in decoded.frames] == [f.records for f in decoded.frames if f.records]
        assert all(frame.identifiers <= how.frame_identifiers for frame in decoded.frames)
        places = [(decoded.source_of(record), line) for record, line in enumerate(decoded.lines)]
        assert places == sorted(places)
        assert part.first <= part.last
        assert all(part.first <= place <= part.last for place in places)
