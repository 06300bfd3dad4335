"""The catalogue of reason codes: for people, and total."""

from hypothesis import given
from hypothesis import strategies as st

from shared.reasons import CATALOGUE, words


def test_every_reason_says_what_happened_and_what_to_do_in_sentences() -> None:
    for reason in CATALOGUE.values():
        for sentence in (reason.words, reason.cure):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_words_hold_the_cure() -> None:
    assert words("empty_file").startswith("The file is empty. ")


@given(st.text())
def test_a_code_without_words_speaks_for_itself(code: str) -> None:
    assert words(code) == code or code in CATALOGUE
