"""What a header means."""

import pytest

from services.chunker.codes import ContentCode, ContentError
from services.chunker.columns import UploadKeyType, understand

WHOLE = [
    "E-Mail",
    "PHONE",
    "first name",
    "Last-Name",
    "countrycode",
    " zip ",
    "User_ID",
    "mobile id",
    "notes",
    "",
]


@pytest.mark.parametrize(
    ("upload_key_type", "understood"),
    [
        ("CONTACT_INFO", {"email": 0, "phone": 1, "first_name": 2, "last_name": 3, "country": 4, "postal_code": 5}),
        ("CRM_ID", {"user_id": 6}),
        ("MOBILE_ADVERTISING_ID", {"mobile_id": 7}),
    ],
)  # fmt: skip
def test_the_upload_key_type_says_which_columns_count(
    upload_key_type: UploadKeyType, understood: dict[str, int]
) -> None:
    columns = understand(WHOLE, upload_key_type)
    assert columns.places == understood
    assert columns.names == {column: WHOLE[place] for column, place in understood.items()}
    assert columns.ignored == tuple(
        name for i, name in enumerate(WHOLE) if name and i not in understood.values()
    )
    assert columns.width == 10


@pytest.mark.parametrize("name", ["email", "EMAIL", "e-mail", " E Mail ", "e_m-a i l"])
def test_case_and_separators_of_names_do_not_matter(name: str) -> None:
    assert understand([name], "CONTACT_INFO").places == {"email": 0}


@pytest.mark.parametrize(
    ("header", "useful"),
    [
        (["email", "first_name", "last_name", "zip"], {"email"}),
        (["email", "country"], {"email"}),
        (["phone", "country", "zip"], {"phone", "country"}),
        (["first_name", "last_name", "zip", "country"], {"first_name", "last_name", "postal_code", "country"}),
    ],
)  # fmt: skip
def test_columns_that_cannot_lead_to_an_identifier_are_ignored(header: list[str], useful: set[str]) -> None:
    columns = understand(header, "CONTACT_INFO")
    assert set(columns.places) == useful
    assert len(columns.ignored) == len(header) - len(useful)


@pytest.mark.parametrize("header", [["notes"], [""], ["country", "first_name"], ["user_id"]])
def test_a_header_that_can_name_nobody_is_refused(header: list[str]) -> None:
    with pytest.raises(ContentError) as caught:
        understand(header, "CONTACT_INFO", line=3)
    assert (caught.value.reason_code, caught.value.line) == (ContentCode.NO_USABLE_COLUMN, 3)


def test_two_columns_of_one_meaning_are_refused_by_the_name_of_the_meaning() -> None:
    with pytest.raises(ContentError) as caught:
        understand(["phone", "country", "email", "Country Code"], "CONTACT_INFO")
    assert (caught.value.reason_code, caught.value.column) == (ContentCode.DUPLICATE_COLUMNS, "country")


def test_two_ignored_columns_may_have_one_name() -> None:
    assert understand(["email", "notes", "notes", "user_id", "user id"], "CONTACT_INFO").places == {
        "email": 0
    }


def test_a_place_behind_the_row_stands_for_every_absent_column() -> None:
    assert understand(["notes", "email"], "CONTACT_INFO").place("phone") == 2
