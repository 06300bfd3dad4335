"""Who was in a segment before."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.chunker.seen import Seen
from tests.support.cutting import CONTACTS, cut, digest, emails

PEOPLE = st.lists(st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=2), max_size=50)


@given(PEOPLE)
def test_somebody_is_new_once(people: list[list[bytes]]) -> None:
    seen, before = Seen(), set[bytes]()
    for identifiers in people:
        joined = b"".join(identifiers)
        assert seen.add(identifiers) is (joined not in before)
        before.add(joined)


def test_the_table_grows_and_forgets_nobody() -> None:
    seen = Seen()
    people = [[b"%d" % number] for number in range(100_000)]

    assert all(seen.add(person) for person in people)
    assert not any(seen.add(person) for person in people)


def test_who_comes_when_it_is_full_is_new_each_time_and_who_was_there_is_not() -> None:
    seen = Seen(people_max=2)
    assert [seen.add([name]) for name in (b"a", b"b", b"c", b"c", b"a")] == [True, True, True, True, False]


def test_a_duplicate_is_skipped_across_parts_and_files_and_another_phone_makes_another_record() -> None:
    files = [
        b"email,phone\na@example.com,\nA@example.com,\na@example.com,+447911123456\n",
        b"email\nb@example.com\na@example.com\n",
    ]
    result = cut([[file] for file in files], replace(CONTACTS, part_records=1, deduplicate=True))

    assert [part.records for part in result.parts] == [1, 1, 1]
    assert result.rejects() == ["3,,duplicate,skip,1", "3,,duplicate,skip,2"]
    assert (result.totals.received, result.totals.good, result.totals.skipped) == (5, 3, 2)


def test_nobody_is_skipped_unless_it_is_asked_for() -> None:
    result = cut([[b"email\na@example.com\na@example.com\n"]])
    assert emails(result) == [(2, digest("a@example.com")), (3, digest("a@example.com"))]
