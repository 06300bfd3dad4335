"""What a row says about consent: it keeps a person out, and adds nothing to what the account says of all."""

import pytest

from services.chunker.codes import RowCode, SkipCode
from services.chunker.columns import understand
from services.chunker.consent import WORDS, Asker, Consent, asker
from services.chunker.settings import CutSettings
from tests.support.cutting import cut_text, digest, emails

DENIED, UNSPECIFIED = SkipCode.CONSENT_DENIED, SkipCode.CONSENT_UNSPECIFIED
UNCLEAR = RowCode.CONSENT_UNCLEAR


def asked(header: list[str], account: Consent = "GRANTED") -> Asker:
    found = asker(understand(["email", *header], "CONTACT_INFO"), account, account)
    assert found
    return found


def test_without_a_column_nobody_is_asked() -> None:
    assert asker(understand(["email"], "CONTACT_INFO"), "GRANTED", "GRANTED") is None


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_known_in_any_case_and_with_spaces_around(word: str) -> None:
    known = {"GRANTED": None, "DENIED": DENIED, "UNSPECIFIED": UNSPECIFIED}
    assert asked(["consent"])(["", f" {word.upper()} "]) == known[WORDS[word]]


def test_an_empty_cell_leaves_the_accounts_word() -> None:
    assert asked(["consent"])(["", " "]) is None


@pytest.mark.parametrize("word", ["perhaps", "2", "-", "\x01", "none"])
def test_what_cannot_be_read_is_not_taken_for_consent(word: str) -> None:
    assert asked(["consent"])(["", word]) == UNCLEAR


@pytest.mark.parametrize(
    ("user_data", "personalization", "answer"),
    [
        ("granted", "granted", None),
        ("granted", "denied", DENIED),
        ("denied", "what?", DENIED),
        ("unknown", "what?", UNCLEAR),
        ("unknown", "granted", UNSPECIFIED),
        ("", "", None),
    ],
)
def test_of_two_consents_the_graver_answer_counts(
    user_data: str, personalization: str, answer: SkipCode | RowCode | None
) -> None:
    assert asked(["ad_user_data", "ad_personalization"])(["", user_data, personalization]) == answer


def test_who_is_unknown_may_go_where_the_account_claims_nothing() -> None:
    assert asked(["consent"], "UNSPECIFIED")(["", "unknown"]) is None


def test_a_column_of_one_consent_goes_before_the_one_of_both() -> None:
    ask = asked(["consent", "ad_user_data"])
    assert ask(["", "granted", "denied"]) == DENIED
    assert ask(["", "denied", "granted"]) == DENIED
    assert ask(["", "granted", "granted"]) is None


FILE = "email,consent\na@example.com,yes\nb@example.com,no\nc@example.com,perhaps\nd@example.com,\n"


def test_rows_are_skipped_and_rejected_by_what_they_say() -> None:
    result = cut_text(FILE, CutSettings("append", "CONTACT_INFO"))

    assert emails(result) == [(2, digest("a@example.com")), (5, digest("d@example.com"))]
    assert result.rejects() == ["3,,consent_denied,skip,1", "4,,consent_unclear,record,1"]
    assert (result.totals.received, result.totals.good, result.totals.rejected, result.totals.skipped) == (
        4,
        2,
        1,
        1,
    )


def test_who_is_to_be_removed_is_not_asked() -> None:
    result = cut_text(FILE, CutSettings("remove", "CONTACT_INFO"))

    assert (result.totals.good, result.totals.ignored) == (4, ("consent",))
