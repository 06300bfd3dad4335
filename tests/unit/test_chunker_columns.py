"""What a header means."""

import pytest

from services.chunker.codes import ContentCode, ContentError
from services.chunker.columns import ALIASES, UploadKeyType, understand

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
    assert columns.places == {column: (place,) for column, place in understood.items()}
    assert columns.names == {column: WHOLE[place] for column, place in understood.items()}
    assert columns.ignored == tuple(
        name for i, name in enumerate(WHOLE) if name and i not in understood.values()
    )
    assert columns.width == 10


@pytest.mark.parametrize("name", ["email", "EMAIL", "e-mail", " E Mail ", "e_m-a i l"])
def test_case_and_separators_of_names_do_not_matter(name: str) -> None:
    assert understand([name], "CONTACT_INFO").places == {"email": (0,)}


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


@pytest.mark.parametrize("header", [["notes"], [""], ["country", "first_name"], ["user_id"], ["consent"]])
def test_a_header_that_can_name_nobody_is_of_no_use(header: list[str]) -> None:
    assert not understand(header, "CONTACT_INFO").usable


def test_two_columns_of_one_meaning_are_refused_by_the_name_of_the_meaning() -> None:
    with pytest.raises(ContentError) as caught:
        understand(["phone", "country", "email", "Country ", "surname"], "CONTACT_INFO")
    assert (caught.value.reason_code, caught.value.column) == (ContentCode.DUPLICATE_COLUMNS, "country")


def test_two_ignored_columns_may_have_one_name() -> None:
    columns = understand(["email", "notes", "notes", "user_id", "user id"], "CONTACT_INFO")
    assert columns.places == {"email": (0,)}


def test_a_place_behind_the_row_stands_for_every_absent_column() -> None:
    assert understand(["notes", "email"], "CONTACT_INFO").place("phone") == 2


@pytest.mark.parametrize(
    ("header", "places"),
    [
        (["region", "phone", "country", "country_code"], {"phone": (1,), "country": (3,)}),
        (["region", "phone", "country"], {"phone": (1,), "country": (2,)}),
        (["region", "phone"], {"phone": (1,), "country": (0,)}),
        (["phone", "mobile", "email2", "E-Mail_1"], {"phone": (0, 1), "email": (2, 3)}),
        (["email", "zip_2", "first name 1"], {"email": (0,)}),
    ],
)
def test_the_best_name_of_a_column_counts_and_what_may_be_several_is(
    header: list[str], places: dict[str, tuple[int, ...]]
) -> None:
    columns = understand(header, "CONTACT_INFO")
    assert columns.places == places
    taken = {place for each in places.values() for place in each}
    assert columns.ignored == tuple(name for place, name in enumerate(header) if place not in taken)


@pytest.mark.parametrize(
    "header", [["email", "E-Mail"], ["email_1", "email 1"], ["email", "surname", "family_name"]]
)
def test_the_same_name_twice_is_no_second_identifier(header: list[str]) -> None:
    with pytest.raises(ContentError) as caught:
        understand(header, "CONTACT_INFO")
    assert caught.value.reason_code is ContentCode.DUPLICATE_COLUMNS


def test_an_object_may_hold_several_under_one_name() -> None:
    assert understand(["email", "email"], "CONTACT_INFO", repeats=True).places == {"email": (0, 1)}


def test_who_is_not_asked_for_consent_has_no_column_of_it() -> None:
    columns = understand(["email", "consent"], "CONTACT_INFO", asks_consent=False)
    assert (dict(columns.places), columns.ignored) == ({"email": (0,)}, ("consent",))


@pytest.mark.parametrize("column", ALIASES)
def test_every_alias_means_its_column(column: str) -> None:
    for alias in (name for rank in ALIASES[column] for name in rank):
        types: list[UploadKeyType] = ["CONTACT_INFO", "CRM_ID", "MOBILE_ADVERTISING_ID"]
        whole = ["phone", "first_name", "last_name", "country", "postal_code", "user_id", "mobile_id"]
        header = [name for name in whole if name != column] + [alias]
        assert any(understand(header, each).places.get(column) == (len(header) - 1,) for each in types)
