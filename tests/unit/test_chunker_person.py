"""A row to a person: what is kept, what is dropped, and under which column and code."""

from hashlib import sha256

import pytest

from services.chunker.codes import FieldCode
from services.chunker.columns import understand
from services.chunker.person import Fault, Person, reader
from shared.wire import google_ads

HEADER = ["email", "phone", "first_name", "last_name", "country", "postal_code"]


def digest(plain: str) -> str:
    return sha256(plain.encode()).hexdigest()


def read(*cells: str, region: str = "GB") -> Person:
    """But for the forms of the values, which have tests of their own."""
    return reader(understand(HEADER, "CONTACT_INFO"), "CONTACT_INFO", region)([*cells])._replace(forms=0)


def several(header: list[str], *cells: str) -> Person:
    return reader(understand(header, "CONTACT_INFO"), "CONTACT_INFO", "GB")([*cells])._replace(forms=0)


def address(number: int) -> bytes:
    return google_ads.hashed_email(digest(f"ada{number}@example.com"))


EMAIL = google_ads.hashed_email(digest("ada@example.com"))
PHONE = google_ads.hashed_phone_number(digest("+442079460018"))
ADDRESS = google_ads.address(digest("ada"), digest("king"), "GB", "SW1A 1AA")


def test_one_person_has_all_identifiers_of_the_row_in_one_order() -> None:
    person = read("ada@example.com", "+442079460018", "Ada", "King", "gb", " SW1A 1AA ")
    assert person == Person([EMAIL, PHONE, ADDRESS], [])


def test_a_row_without_values_is_nobody() -> None:
    assert read("", " ", "\t", "", "GB", "\u00a0") == Person([], [])


@pytest.mark.parametrize(
    ("cells", "kept", "faults"),
    [
        (("ada", "020 7946 0018", "", "", "", ""), [PHONE], [Fault("email", FieldCode.EMAIL_INVALID)]),
        (("ada@example.com", "12", "", "", "", ""), [EMAIL], [Fault("phone", FieldCode.PHONE_INVALID)]),
        (("ada@example.com", "\0", "", "", "", ""), [EMAIL], [Fault("phone", FieldCode.NUL_BYTE)]),
        (("ada@example.com", "", "", "", "Norway", ""), [EMAIL], [Fault("country", FieldCode.COUNTRY_INVALID)]),
        (("", "", "Ada", "King", "Norway", "0150"), [], [Fault("country", FieldCode.COUNTRY_INVALID)]),
        (("", "", "...", "King", "GB", "1"), [], [Fault("first_name", FieldCode.NAME_INVALID)]),
        (("", "", "Ada", "!", "", "1"), [], [Fault("last_name", FieldCode.NAME_INVALID)]),
        (("", "", "Ada", "King", "US", "1"), [], [Fault("postal_code", FieldCode.POSTAL_CODE_INVALID)]),
        (("", "", "Ada", "King", "", "1"), [], [Fault("country", FieldCode.ADDRESS_INCOMPLETE)]),
        (("", "", "Ada", "", "GB", ""), [], [Fault("last_name", FieldCode.ADDRESS_INCOMPLETE)]),
        (("", "", "", "", "", "0150"), [], [Fault("first_name", FieldCode.ADDRESS_INCOMPLETE)]),
    ],
)  # fmt: skip
def test_a_bad_field_is_dropped_and_named_and_the_rest_goes_on(
    cells: tuple[str, ...], kept: list[bytes], faults: list[Fault]
) -> None:
    assert read(*cells) == Person(kept, faults)


def test_the_rows_country_says_how_its_phone_number_is_read() -> None:
    norwegian = google_ads.hashed_phone_number(digest("+4722123456"))
    assert read("", "22 12 34 56", "", "", "no", "").identifiers == [norwegian]
    assert read("", "22 12 34 56", "", "", "", "", region="NO").identifiers == [norwegian]
    assert read("", "22 12 34 56", "", "", "AQ", "", region="NO").identifiers == [norwegian]


def test_hashed_values_pass_in_lower_case() -> None:
    hashed = digest("ada@example.com").upper()
    assert read(hashed, digest("+442079460018"), digest("ada"), digest("king"), "GB", "SW1A 1AA") == Person(
        [EMAIL, PHONE, ADDRESS], []
    )


def test_ids_are_sent_as_they_are() -> None:
    by_crm = reader(understand(["user_id"], "CRM_ID"), "CRM_ID", "")
    assert by_crm([" Crm-17 "]) == Person([google_ads.third_party_user_id("Crm-17")], [])
    assert by_crm(["17\x00"]) == Person([], [Fault("user_id", FieldCode.NUL_BYTE)])
    by_device = reader(understand(["mobile_id"], "MOBILE_ADVERTISING_ID"), "MOBILE_ADVERTISING_ID", "")
    device = "38400000-8CF0-11BD-B23E-10B96E40000D"
    assert by_device([device]) == Person([google_ads.mobile_id(device)], [])
    assert by_device(["17"]) == Person([], [Fault("mobile_id", FieldCode.MOBILE_ID_INVALID)])
    assert by_device([" "]) == Person([], [])


def test_numbered_columns_and_columns_of_two_names_are_several_identifiers_of_one_person() -> None:
    person = several(
        ["email_2", "phone", "email", "mobile"], "ada2@example.com", "", "ada1@example.com", "020 7946 0018"
    )
    assert person == Person([address(2), address(1), PHONE], [])


def test_what_is_there_twice_is_sent_once() -> None:
    person = several(
        ["email", "email_2", "email_3"], "ada1@example.com", "ADA1@example.com ", "ada2@example.com"
    )
    assert person == Person([address(1), address(2)], [])


def test_of_more_identifiers_than_google_takes_the_first_are_sent_and_the_others_are_named() -> None:
    header = [f"email_{number}" for number in range(22)] + ["first_name", "last_name", "country", "zip"]
    person = several(
        header, *(f"ada{number}@example.com" for number in range(22)), "Ada", "King", "GB", "SW1A 1AA"
    )
    assert person.identifiers == [address(number) for number in range(20)]
    beyond = FieldCode.TOO_MANY_IDENTIFIERS
    assert person.faults == [Fault("email", beyond), Fault("email", beyond), Fault("first_name", beyond)]


def test_ids_may_be_several_too() -> None:
    by_device = reader(understand(["IDFA", "gaid"], "MOBILE_ADVERTISING_ID"), "MOBILE_ADVERTISING_ID", "")
    devices = ["38400000-8CF0-11BD-B23E-10B96E40000D", "38400000-8cf0-11bd-b23e-10b96e40000e"]
    assert by_device([*devices]).identifiers == [google_ads.mobile_id(device) for device in devices]
