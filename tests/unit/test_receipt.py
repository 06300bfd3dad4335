"""A part's receipt: what is published is what is stored, and what was refused is there to the line, however much it is."""

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.uploader.errand import Sent
from services.uploader.receipt import Intake, intake
from shared.model.codec import DocumentError, decode, encode
from shared.model.receipt import Receipt, Refusals, joined, refused_records
from shared.model.state import Progress
from shared.ops.run_events import part_ended
from shared.part_ranges import to_text
from tests.support.documents import MANIFEST, NOON, RUN

HASH, COUNTRY = (
    "OfflineUserDataJobError.INVALID_SHA256_FORMAT",
    "OfflineUserDataJobError.INVALID_COUNTRY_CODE",
)
EVENT = encode(
    part_ended(
        RUN,
        1,
        MANIFEST.part(1),
        1,
        NOON,
        accepted=9,
        refused=1,
        reason_code="",
        attempt=1,
        job="",
        seconds=7,
    )
).decode()


def receipt(*refused: Refusals) -> Receipt:
    return Receipt(EVENT, refused)


def test_what_is_told_is_what_is_stored() -> None:
    stored = decode(Receipt, encode(receipt(Refusals(HASH, 1, "3"))))

    assert stored.content == EVENT.encode()
    assert encode(stored.as_event()) == stored.content


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_event_of_any_letters_is_told_byte_for_byte(source: str) -> None:
    event = encode(replace(receipt().as_event(), source=source))

    assert decode(Receipt, encode(Receipt(event.decode()))).content == event


@pytest.mark.parametrize("event", ["", "{}", "null", "not JSON", EVENT[:-1], EVENT + "{}"])
def test_a_receipt_without_an_event_is_none(event: str) -> None:
    document = json.dumps({**json.loads(encode(receipt())), "event": event}).encode()

    with pytest.raises(DocumentError):
        decode(Receipt, document)


@pytest.mark.parametrize("lines", ["", "0", "7-3", "3,2", "a", "1-2,3"])
def test_lines_that_are_none_are_refused(lines: str) -> None:
    document = encode(receipt(Refusals(HASH, 1, "4"))).replace(b'"lines":"4"', f'"lines":"{lines}"'.encode())

    with pytest.raises(DocumentError, match=r"refused\[0\]: expected fields that fit together in a Refusals"):
        decode(Receipt, document)


# Together


PLACES = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(1, 30)), st.sampled_from([HASH, COUNTRY]), max_size=40
)


def refusals(places: dict[tuple[int, int], str]) -> tuple[Refusals, ...]:
    """The plain way."""
    pairs = sorted({(code, source) for (source, _), code in places.items()})
    return tuple(
        Refusals(
            code,
            source,
            to_text(line for (file, line), why in places.items() if (why, file) == (code, source)),
        )
        for code, source in pairs
    )


@given(PLACES, st.randoms())
def test_refusals_come_together_in_any_order_and_once(
    places: dict[tuple[int, int], str], random: Random
) -> None:
    whole = list(places.items())
    random.shuffle(whole)
    half = len(whole) // 2
    first, second = refusals(dict(whole[:half])), refusals(dict(whole[half:]))

    assert joined(first, second) == joined(second, first, first) == refusals(places)
    assert refused_records(refusals(places)) == len(places)


# How large


def size(refused: tuple[Refusals, ...]) -> int:
    """Bytes. Progress and receipt hold the same."""
    return max(len(encode(Receipt(EVENT, refused))), len(encode(Progress(0, 1, 1, refused))))


LATE = range(9_950_001, 10_000_001)
"""The last lines of a file of ten million."""


def test_a_part_that_is_refused_whole_has_a_small_receipt() -> None:
    assert size((Refusals(HASH, 1, to_text(LATE)),)) < 1_000 + len(EVENT)


def test_a_part_of_which_every_second_record_is_refused_has_a_receipt_of_a_quarter_of_a_megabyte() -> None:
    assert 200_000 < size((Refusals(HASH, 1, to_text(LATE[::2])),)) < 250_000


def test_the_largest_receipt_is_of_records_of_several_lines_that_are_all_refused() -> None:
    """Fifty thousand single lines of eight digits; a file of a hundred million lines."""
    assert 440_000 < size((Refusals(HASH, 1, to_text(range(90_000_000, 90_150_000, 3))),)) < 460_000


# What it means for the part


def sent(records: int, refused: int, reason_code: str = "") -> Sent:
    lines = (Refusals(HASH, 1, to_text(range(2, 2 + refused))),) if refused else ()
    return Sent(1, records, lines, reason_code)


def test_a_part_with_some_refused_records_was_taken_without_them() -> None:
    assert intake(sent(10, 9)) == Intake(1, 9, "")


def test_a_part_of_which_every_record_was_refused_has_failed_and_rejects_nobody() -> None:
    assert intake(sent(10, 10)) == Intake(0, 0, "all_records_refused")


def test_a_part_without_records_has_not_failed() -> None:
    assert intake(sent(0, 0)) == Intake(0, 0, "")


def test_a_part_that_stopped_for_good_says_why_though_nobody_was_taken_until_then() -> None:
    assert intake(sent(4, 4, "request_refused")) == Intake(0, 4, "request_refused")
