"""Normalising: examples written by hand, and that doing it twice is doing it once."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chunker import normalise

Rule = Callable[[str], str]
ANY = st.text(max_size=20).map(str.strip)
ADDRESSES = st.from_regex(r"[a-zA-Z.+ İΣ]{1,9}@(gmail|Googlemail|example)\.com", fullmatch=True).map(
    str.strip
)


@pytest.mark.parametrize(
    ("given_as", "sent_as"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada.Lovelace+x@Example.COM", "ada.lovelace+x@example.com"),
        ("a d\ta\u00a0@exam\nple.com", "ada@example.com"),
        ("Ada.Lovelace+x@GMail.com", "adalovelace@gmail.com"),
        ("a.d.a@googlemail.com", "ada@googlemail.com"),
        ("ada+x@mail.gmail.com", "ada+x@mail.gmail.com"),
        ("jörg@müller.example.com", "jörg@müller.example.com"),
        ("İ@example.com", "i̇@example.com"),
        ("+x@gmail.com", ""),
        ("...@gmail.com", ""),
        ("ada", ""),
        ("ada@", ""),
        ("@example.com", ""),
        ("ada@example", ""),
        ("ada@example..com", ""),
        ("ada@.com", ""),
        ("ada@example.com.", ""),
        ("ada@b@example.com", ""),
        ("ada\x00@example.com", ""),
        ("ada@exa\x7fmple.com", ""),
    ],
)
def test_an_email_address(given_as: str, sent_as: str) -> None:
    assert normalise.email(given_as) == sent_as


@pytest.mark.parametrize(
    ("rule", "given_as", "sent_as"),
    [
        (normalise.first_name, "ADA", "ada"),
        (normalise.first_name, "Mrs. Ada", "ada"),
        (normalise.first_name, "Prof. Dr. Ada", "ada"),
        (normalise.first_name, "Dr.", "dr"),
        (normalise.first_name, "Anne-Marie", "annemarie"),
        (normalise.first_name, "Anna  Maria", "anna maria"),
        (normalise.first_name, "Zoë", "zoë"),
        (normalise.first_name, "ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        (normalise.first_name, "İpek", "i̇pek"),
        (normalise.first_name, "Ada\nKing", "ada king"),
        (normalise.first_name, "Ada Jr.", "ada jr"),
        (normalise.first_name, "...", ""),
        (normalise.first_name, "A\x00da", ""),
        (normalise.last_name, "O'Brien", "obrien"),
        (normalise.last_name, "d’Arc", "darc"),
        (normalise.last_name, "O`Brien", "obrien"),
        (normalise.last_name, "King, Jr.", "king"),
        (normalise.last_name, "King III", "king"),
        (normalise.last_name, "Mr. King", "mr king"),
        (normalise.last_name, "Md", "md"),
        (normalise.last_name, "Groß", "groß"),
        (normalise.last_name, "李", "李"),
        (normalise.country, "gb", "GB"),
        (normalise.country, "ß", ""),
        (normalise.country, "ıt", ""),
        (normalise.country, "GBR", ""),
        (normalise.country, "4B", ""),
        (normalise.postal_code, "SW1A 1aa", "SW1A 1aa"),
        (normalise.postal_code, "12\t34", ""),
        (normalise.zip_code, "12345", "12345"),
        (normalise.zip_code, "12345-6789", "12345-6789"),
        (normalise.zip_code, "123456789", "123456789"),
        (normalise.zip_code, "1234", ""),
        (normalise.zip_code, "12345-", ""),
        (normalise.zip_code, "１２３４５", ""),
        (normalise.user_id, "crm 17/a", "crm 17/a"),
        (normalise.user_id, "17\n18", ""),
        (normalise.mobile_id, "38400000-8CF0-11bd-b23e-10b96e40000d", "38400000-8CF0-11bd-b23e-10b96e40000d"),
        (normalise.mobile_id, "384000008cf011bdb23e10b96e40000d", ""),
    ],
)
def test_a_value_of_each_kind(rule: Rule, given_as: str, sent_as: str) -> None:
    assert rule(given_as) == sent_as


RULES = [
    normalise.email,
    normalise.first_name,
    normalise.last_name,
    normalise.country,
    normalise.postal_code,
    normalise.zip_code,
    normalise.user_id,
    normalise.mobile_id,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
@given(value=ANY | ADDRESSES)
def test_normalising_twice_is_normalising_once(rule: Rule, value: str) -> None:
    once = rule(value)
    assert rule(once) == once


@given(ANY | ADDRESSES)
def test_hashing_twice_is_hashing_once(value: str) -> None:
    hashed = normalise.hashing(normalise.email)
    assert hashed(hashed(value)) == hashed(value)


def test_a_hash_is_of_what_the_rule_gives_and_a_digest_passes_in_lower_case() -> None:
    hashed = normalise.hashing(normalise.email)
    digest = sha256(b"ada@example.com").hexdigest()
    assert hashed(" Ada@Example.com") == digest
    assert hashed(digest.upper()) == digest
    assert hashed("no address") == ""
    assert hashed(digest[1:]) == ""
    assert hashed("g" + digest[1:]) == ""
