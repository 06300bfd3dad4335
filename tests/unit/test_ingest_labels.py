"""Which of an object's metadata travel."""

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.labels import Labels, labels_of

TEXTS = st.text(max_size=70)


def test_what_is_allowed_travels_and_nothing_else() -> None:
    metadata = {"campaign": "spring-26", "owner": "ada", "validate-only": "true", "team": ""}
    assert labels_of(metadata, ("campaign", "team")) == Labels({"campaign": "spring-26"}, ())


def test_a_value_that_may_be_anything_is_left_out_by_the_name_of_its_key() -> None:
    metadata = {"campaign": "ada@example.com", "team": "Growth", "ticket": "x" * 64, "wave": "3"}
    labels = labels_of(metadata, ("campaign", "team", "ticket", "wave"))
    assert labels == Labels({"wave": "3"}, ("campaign", "team", "ticket"))


@given(st.dictionaries(TEXTS, TEXTS), st.lists(TEXTS))
def test_only_short_words_of_letters_and_digits_come_through(
    metadata: dict[str, str], allowed: list[str]
) -> None:
    labels = labels_of(metadata, allowed)
    assert labels.kept.keys() <= {*allowed}
    assert all(
        value.isascii() and value == value.lower() and len(value) < 64 for value in labels.kept.values()
    )
