"""Phone numbers: the library's answer, whichever way it was found."""

import random

import phonenumbers
import pytest

from services.chunker.phones import e164

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CALLING_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def by_library(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written_somehow(chance: random.Random) -> str:
    """Digits with and without plus, calling code and trunk prefix, some with separators strewn in."""
    start = chance.choice(["", "", "+", "+", "0", "00", "1", "8", "(0)"])
    code = str(chance.choice(CALLING_CODES)) if "+" in start or chance.random() < 0.2 else ""
    trunk = chance.choice(["", "", "", "0", "(0)", "1"])
    digits = "".join(chance.choices("0123456789", k=chance.randint(3, 13)))
    number = start + code + trunk + digits
    if chance.random() < 0.4:
        number = "".join(
            sign + chance.choice(["", "", "", " ", "-", ".", "(", ")", "/", "x"]) for sign in number
        )
    return number


def test_random_numbers_of_all_regions_are_read_as_the_library_reads_them() -> None:
    chance = random.Random(20261123)
    for _ in range(20_000):
        value, region = written_somehow(chance), chance.choice(REGIONS)
        assert e164(value, region) == by_library(value, region), (value, region)


@pytest.mark.parametrize("region", REGIONS)
def test_example_numbers_are_read_from_every_notation(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    for notation in (
        phonenumbers.PhoneNumberFormat.E164,
        phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        phonenumbers.PhoneNumberFormat.NATIONAL,
    ):
        written = phonenumbers.format_number(number, notation)
        assert e164(written, region) == by_library(written, region)


@pytest.mark.parametrize(
    ("value", "region", "expected"),
    [
        ("+447911123456", "", "+447911123456"),
        ("+44 (0)20 7946 0018", "", "+442079460018"),
        ("+330612345678", "", "+33612345678"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("020 7946 0018", "", ""),
        ("020 7946 0018", "XX", ""),
        ("(212) 555-0123", "US", "+12125550123"),
        ("555-0123", "US", ""),
        ("1 212 555 0123", "US", "+12125550123"),
        ("0044 20 7946 0018", "NO", "+442079460018"),
        ("06 6982", "IT", "+39066982"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("376 719205", "AD", "+376719205"),
        ("+39 06 6982", "", "+39066982"),
        ("+8001234 5678", "", "+80012345678"),
        ("tel: +47 22 12 34 56 ext. 7", "", "+4722123456"),
        ("+４７２２１２３４５６", "", "+4722123456"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+999123456789", "", ""),
        ("+0447911123456", "GB", ""),
        ("n/a", "US", ""),
        ("12", "US", ""),
        ("+", "US", ""),
        ("2125550123" + " " * 300, "US", ""),
    ],
)
def test_a_number_written_like_this(value: str, region: str, expected: str) -> None:
    assert e164(value, region) == expected
