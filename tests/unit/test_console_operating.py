"""The words and documents of the commands that operate a pipeline, and what they cost."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.event_pages import example
from services.console.cancelling import words
from services.console.completing import LETTER, SEGMENT
from services.console.letters.telling import lines as letter_lines
from services.console.letters.telling import text_of
from services.console.replaying.choosing import parts_of, wish_of
from services.console.replaying.telling import document, line
from services.console.segments.page import page
from services.console.segments.rows import Wanted, rows
from services.console.segments.telling import lines
from services.console.since import moment_of
from shared.model.dead_letter import DeadLetter, KeptLetter
from shared.names import dead_letter_id, dead_letter_json
from shared.ops.cancel import Cancelled
from shared.ops.index import index_run
from shared.ops.letters import list_letters, shown
from shared.ops.replay import Replayed
from shared.replaying import Nothing, Refuse, Replay, Wish
from tests.support.recording import NOW, Recording

COMPLETED = example("segment.completed")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
    ],
)
def test_a_stretch_of_time_is_written_as_people_write_it(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


@given(st.text(max_size=20))
def test_any_other_text_is_refused_in_words(text: str) -> None:
    with suppress(click.BadParameter):
        assert moment_of(text, NOW).tzinfo


@pytest.mark.parametrize(("text", "parts"), [("3,7", (3, 7)), ("3-5", (3, 4, 5)), ("7, 3,3", (3, 7))])
def test_parts_are_named_one_by_one_or_as_a_range(text: str, parts: tuple[int, ...]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize("text", ["", "0", "a", "3-", "5-3", "1-999999999", "1;2"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        parts_of(text)


def test_one_wish_at_a_time() -> None:
    assert wish_of("", whole=False, failed=True) == Wish()
    assert wish_of("3", whole=False, failed=False) == Wish("some", (3,))
    with pytest.raises(click.UsageError):
        wish_of("3", whole=True, failed=False)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (Replayed("s", None, None), "s: refused: The request names a segment that is not in the ledger."),
        (Replayed("s", None, Nothing()), "s: nothing to replay: everything was delivered"),
        (
            Replayed("s", None, Replay(2, (3, 4), stored=True)),
            "s: would ask for run 2: 2 parts (3-4), from the parts that are stored",
        ),
        (Replayed("s", None, Refuse("run_open")), "s: refused: The segment's last run has no outcome yet."),
    ],
)
def test_a_replay_says_what_it_will_do(seen: Replayed, told: str) -> None:
    assert line(seen, would=True).startswith(told)
    assert document(seen, would=True)["action"] in ("would", "refused", "nothing")


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (
            Cancelled("s", 1, had="segment.completed"),
            "run 1 of s has its outcome already: completed. Nothing was done.",
        ),
        (Cancelled("s", 1, whole=True), "would cancel run 1 of s: before anything of it was sent."),
        (
            Cancelled("s", 1, cancelled=(2, 3), running=(1,)),
            "would cancel run 1 of s: 2 stages; 1 job that Google runs is let end.",
        ),
        (Cancelled("s", 1, running=(1,)), "run 1 of s cannot be cancelled any more"),
    ],
)
def test_a_cancellation_says_what_it_will_do(seen: Cancelled, told: str) -> None:
    assert words(seen, would=True).startswith(told)


def test_five_hundred_segments_are_listed_by_a_bounded_number_of_calls() -> None:
    ports = Recording()
    for number in range(500):
        segment = f"1234567890-high-value-append-{number:016x}"
        index_run(ports, replace(COMPLETED, segment=segment), NOW - timedelta(minutes=number))
    before = Counter(ports.work.calls)

    found = rows(ports, Wanted(NOW - timedelta(days=7)))

    assert len(found) == 500
    assert Counter(ports.work.calls) - before == {"work.list": 2}
    assert found[-1].at == NOW
    assert len(lines(found)) == 501


def test_a_thousand_dead_letters_are_one_list() -> None:
    ports = Recording()
    for number in range(1000):
        letter = DeadLetter(
            "tasks", "part_expired", "", NOW + timedelta(seconds=number), segment="s", run=1, part=number + 1
        )
        name = dead_letter_json(dead_letter_id(letter.occurred_at, str(number).encode()))
        ports.ledger.settle(name, KeptLetter(letter), shown(KeptLetter(letter)))
    before = Counter(ports.work.calls)

    found = list(list_letters(ports))

    assert len(found) == 1000
    assert Counter(ports.work.calls) - before == {"work.list": 1}
    told = letter_lines(found)
    assert told[0].split() == ["letter", "from", "about", "reason"]
    assert told[-1].endswith("tasks  s run 1 part 1000  part_expired")


@pytest.mark.parametrize("payload", ["G1syShE=", "/////w==", "not base64"])
def test_a_terminal_does_not_obey_a_strangers_message(payload: str) -> None:
    assert text_of(payload) == ""


def test_a_page_tells_what_ingest_refused() -> None:
    story = {
        "segment": "unknown-0f98cd055c2ea59d",
        "account": "",
        "audience": "",
        "mode": "",
        "destination": "",
        "source": "",
        "sources": [],
        "labels": {},
        "reason_code": "name_unrecognised",
        "reason": "No name.",
        "runs": [],
        "state": "rejected",
    }

    assert list(page(story)) == [
        "unknown-0f98cd055c2ea59d",
        "unknown to ? of account ?",
        "rejected: No name.",
    ]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [(SEGMENT, "1234567890-a-append-00", "../x"), (LETTER, "20261123T120000.000000Z-0123456789ab", "x")],
)
def test_ids_are_what_they_look_like(kind: click.ParamType[str], good: str, bad: str) -> None:
    assert kind.convert(good, None, None) == good
    with pytest.raises(click.BadParameter):
        kind.convert(bad, None, None)
