"""The demo's people and their messy rows, read back by somebody who knows nothing of how they were written."""

import csv
import io
from dataclasses import replace
from hashlib import sha256

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.demo.generate import rows
from services.console.demo.mess import COLUMNS, digest
from services.console.demo.people import person
from services.console.demo.segments import Dialect, File

FILE = File(
    "1234567890/high-value/append/crm.csv", "1234567890", "high-value", "NO", Dialect(), 0, 2_000, 2_000
)
REGIONS = st.sampled_from(("NO", "US"))
NUMBERS = st.integers(0, 10_000_000)


@given(seed=st.integers(0, 1000), number=NUMBERS, region=REGIONS)
def test_a_person_has_a_valid_phone_and_an_address_that_belongs_to_nobody(
    seed: int, number: int, region: str
) -> None:
    each = person(seed, number, region)
    phone = phonenumbers.parse(each.phone)

    assert phonenumbers.is_valid_number(phone)
    assert phonenumbers.region_code_for_number(phone) == region
    assert phonenumbers.format_number(phone, phonenumbers.PhoneNumberFormat.E164) == each.phone
    local, _, domain = each.email.partition("@")
    assert domain.startswith("example.") or "_" in local


@given(seed=st.integers(0, 1000), number=NUMBERS, region=REGIONS)
def test_a_person_is_the_same_whoever_writes_it(seed: int, number: int, region: str) -> None:
    assert person(seed, number, region) == person(seed, number, region)


def test_no_two_people_share_an_address() -> None:
    emails = {person(7, number, "US").email for number in range(5_000)}

    assert len(emails) == 5_000


@pytest.mark.parametrize("region", ["NO", "US"])
def test_the_identifiers_of_a_row_are_those_that_a_naive_reader_finds_in_it(region: str) -> None:
    for row in rows(replace(FILE, region=region), seed=7):
        cells = dict(zip(COLUMNS, read_back(row.fields), strict=True))

        assert digest(row.identifiers) == digest(tuple(naive_identifiers(cells, region)))
        assert bool(row.identifiers) == bool(naive_identifiers(cells, region))


def test_a_file_holds_as_many_bad_rows_as_it_may_and_no_more() -> None:
    bad = [row for row in rows(replace(FILE, bad=5), seed=7) if not row.identifiers]

    assert len(bad) == 5


def test_the_mess_is_there() -> None:
    text = io.StringIO()
    csv.writer(text).writerows(row.fields for row in rows(FILE, seed=7))
    written = text.getvalue()

    assert "@EXAMPLE.COM" in written
    assert "+offers@GMail.com" in written
    assert ",0047 406" in written
    assert '2. etg.\nring twice"' in written
    assert sum(len(cell) == 64 for row in rows(FILE, seed=7) for cell in row.fields) > 100


def read_back(fields: tuple[str, ...]) -> list[str]:
    text = io.StringIO()
    csv.writer(text).writerow(fields)
    return next(csv.reader(io.StringIO(text.getvalue(), newline="")))


def naive_identifiers(cells: dict[str, str], region: str) -> list[str]:
    found = []
    if email := naive_email(cells["email"].strip().lower()):
        found.append(f"email:{email}")
    if phone := naive_phone(cells["phone"].strip(), region):
        found.append(f"phone:{phone}")
    address = [cells[column].strip() for column in ("first_name", "last_name", "country", "postal_code")]
    if all(address):
        first, last, country, postal = address
        found.append(f"address:{sha(first.lower())}:{sha(last.lower())}:{country.upper()}:{postal}")
    return found


def naive_email(email: str) -> str:
    if len(email) == 64:
        return email
    local, at, domain = email.partition("@")
    if domain == "gmail.com":
        local = local.partition("+")[0].replace(".", "")
    return sha(f"{local}@{domain}") if at else ""


def naive_phone(phone: str, region: str) -> str:
    if len(phone) == 64:
        return phone
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return ""
    valid = phonenumbers.is_valid_number(number)
    return sha(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if valid else ""


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()
