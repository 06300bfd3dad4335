"""Columns whose values come hashed, plain, or now one and now the other."""

from dataclasses import replace

import pytest

from services.chunker.forms import PLAIN, form, warnings
from tests.support.cutting import CONTACTS, cut, cut_text, digest

HASHED = digest("ada@example.com")


def told(text: str, *, hashed: bool = False) -> list[tuple[str, str]]:
    return [(column, str(code)) for column, code in warnings(cut_text(text).totals.forms, hashed=hashed)]


@pytest.mark.parametrize(
    "values", [["a@example.com"], [HASHED], [HASHED.upper(), HASHED], ["nobody", HASHED]]
)
def test_a_column_of_one_form_is_nothing_to_tell(values: list[str]) -> None:
    assert told("email\n" + "".join(f"{value}\n" for value in values)) == []


def test_a_column_that_mixes_both_is_told() -> None:
    assert told(f"email,phone\na@example.com,+447911123456\n{HASHED},\n") == [("email", "hashed_and_plain")]


def test_plain_values_are_told_where_all_should_be_hashed() -> None:
    assert told(f"email,phone\n{HASHED},+447911123456\n", hashed=True) == [("phone", "plain_where_hashed")]


def test_names_count_only_where_the_address_is_sent() -> None:
    header = "email,first_name,last_name,country,zip\n"
    mixed = f"a@example.com,Ada,{digest('king')},GB,1\nb@example.com,{digest('ada')},King,GB,\n"
    assert told(header + mixed) == []
    assert told(header + mixed.replace("GB,\n", "GB,2\n")) == [
        ("first_name", "hashed_and_plain"),
        ("last_name", "hashed_and_plain"),
    ]


def test_64_characters_alone_make_no_hash() -> None:
    name = "x" * 52 + "@example.com"
    assert form(PLAIN["email"], name, digest(name)) == PLAIN["email"]


def test_parts_and_files_are_looked_at_together() -> None:
    files = [[b"email\na@example.com\n"], [f"email\n{HASHED}\n".encode()]]
    totals = cut(files, replace(CONTACTS, part_records=1)).totals
    assert [str(code) for _, code in warnings(totals.forms, hashed=False)] == ["hashed_and_plain"]
