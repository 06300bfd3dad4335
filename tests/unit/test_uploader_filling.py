"""Sending a part's frames: whatever is refused, halved, stopped and taken up again, the receipt names exactly the right lines.

The destination here knows people by what is in their operation, never by an index; the oracle is a dictionary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from services.uploader.destination import Refused
from services.uploader.errand import Errand, Sent
from services.uploader.filling import HALVINGS, fill
from services.uploader.refusals import on_lines
from services.uploader.sending import Desk, Refusal, Sending
from shared.model.receipt import Refusals
from shared.model.run import Target
from shared.model.state import Job, Lease
from shared.model.task import Task
from shared.ops.leasing import Held, terms_of
from shared.ops.pausing import Found
from shared.part_ranges import from_text
from shared.pausing import NOT_PAUSED
from shared.verdict import Failure
from shared.wire.google_ads import operation, third_party_user_id
from shared.wire.part import Frame, Part, Source
from tests.support.documents import MANIFEST, NOON, RUN, stored
from tests.support.recording import Recording

HASH, COUNTRY = (
    "OfflineUserDataJobError.INVALID_SHA256_FORMAT",
    "OfflineUserDataJobError.INVALID_COUNTRY_CODE",
)
PASSING = "InternalError.TRANSIENT_ERROR"
ANSWERS = {
    "too large": Failure("INVALID_ARGUMENT", ("SizeLimitError.REQUEST_SIZE_LIMIT_EXCEEDED",)),
    "too many": Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.TOO_MANY_USER_IDENTIFIERS",)),
    "unavailable": Failure("UNAVAILABLE"),
    "refused": Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",)),
}
JOB = Job("filling", 0, 7, resource="customers/1/offlineUserDataJobs/2")
ERRAND = Errand(
    stored(RUN), Task(RUN.segment, 1, "upload", 1, 1, 0, 0, 0, NOON), MANIFEST.part(1), 0, spent=False
)
_ADD = AddOfflineUserDataJobOperationsRequest.pb()


class Killed(BaseException):
    """The process ends here, and keeps nothing."""


@dataclass
class Scripted:
    """A destination that refuses some people, each with a code, and answers each request as the script says; at its end, well.
    `inside` are those that it took."""

    codes: Mapping[int, str]
    script: Iterator[str]
    inside: set[int] = field(default_factory=set)

    def add(self, target: Target, job: str, frame: Any, seconds: float) -> tuple[Refused, ...] | Failure:
        people = _people(bytes(frame))
        answer = next(self.script, "well")
        if answer == "killed before":
            raise Killed
        if answer in ANSWERS:
            return ANSWERS[answer]
        self.inside |= {person for person in people if person not in self.codes}
        if answer == "killed after":
            raise Killed
        if answer == "a passing refusal":
            return (Refused(0, PASSING),)
        return tuple(
            Refused(index, self.codes[person]) for index, person in enumerate(people) if person in self.codes
        )


def _people(body: bytes) -> list[int]:
    operations = _ADD.FromString(body).operations
    return [int(each.create.user_identifiers[0].third_party_user_id) for each in operations]


@dataclass(frozen=True)
class Story:
    """A part, who in it is refused, and how requests are answered. People are the part's records, counted from 0."""

    part: Part
    codes: Mapping[int, str]
    script: tuple[str, ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    counts = draw(st.lists(st.integers(1, 20), min_size=1, max_size=4))
    records = sum(counts)
    firsts = sorted(draw(st.sets(st.integers(0, records - 1), max_size=3)) | {0})
    sources = tuple(Source(number, first) for number, first in enumerate(firsts, draw(st.integers(1, 3))))
    gaps = draw(st.lists(st.integers(1, 3), min_size=records, max_size=records))
    codes = draw(st.dictionaries(st.integers(0, records - 1), st.sampled_from([HASH, COUNTRY])))
    answers = st.sampled_from(
        ["well", "well", *ANSWERS, "a passing refusal", "killed before", "killed after"]
    )
    part = Part(tuple(_frames(counts)), _lines(gaps, firsts), sources)
    return Story(part, codes, tuple(draw(st.lists(answers, max_size=12))))


def _frames(counts: list[int]) -> Iterator[Frame]:
    for first, count in zip(accumulate(counts, initial=0), counts, strict=False):
        people = range(first, first + count)
        body = b"".join(operation("create", [third_party_user_id(str(person))]) for person in people)
        yield Frame(body, count, count, first)


def _lines(gaps: list[int], firsts: list[int]) -> tuple[int, ...]:
    """Lines rise within a file and begin again, behind the header, in the next one."""
    lines: list[int] = []
    for record, gap in enumerate(gaps):
        lines.append(1 + gap if record in firsts else lines[-1] + gap)
    return tuple(lines)


def sent_in_the_end(ports: Recording, destination: Scripted, part: Part) -> Sent:
    """Dispatch after dispatch, each a new one over the same ledger."""
    while True:
        try:
            return fill(_sending(ports, destination), ERRAND, JOB, part)
        except (Refusal, Killed):
            continue


def _sending(ports: Recording, destination: Scripted) -> Sending:
    now, terms = ports.clock.readings(), terms_of(ports, "google_ads")
    lease = Lease("a-token", "held", terms.term)
    return Sending(
        Desk(ports, destination, now, terms.term, Found(RUN.target.account, NOT_PAUSED)),  # type: ignore[arg-type] # only frames are sent
        Held(ports, RUN.target.account, terms, lease, 1, now),
        RUN.target,
    )


def places(refused: tuple[Refusals, ...]) -> dict[tuple[int, int], str]:
    found = [((each.source, line), each.code) for each in refused for line in from_text(each.lines)]
    assert len(dict(found)) == len(found), "a line was refused twice"
    return dict(found)


def expected(story: Story, records: int) -> dict[tuple[int, int], str]:
    """Of the part's first records."""
    file = {
        record: next(each.source for each in reversed(story.part.sources) if each.first_record <= record)
        for record in range(records)
    }
    return {
        (file[record], story.part.lines[record]): story.codes[record]
        for record in range(records)
        if record in story.codes
    }


@settings(max_examples=400)
@given(stories())
def test_the_lines_that_were_refused_are_known_however_the_part_was_sent(story: Story) -> None:
    destination = Scripted(story.codes, iter(story.script))

    sent = sent_in_the_end(Recording(), destination, story.part)

    whole = len(story.part.lines)
    assert sent.records == whole or sent.reason_code
    assert places(sent.refused) == expected(story, sent.records)
    assert {person for person in range(sent.records) if person not in story.codes} <= destination.inside


@given(stories())
def test_a_part_that_was_cut_and_stopped_ends_as_one_that_went_in_at_once(story: Story) -> None:
    lasting = {"refused", "too large", "too many"}
    stops = tuple(answer for answer in story.script if answer not in lasting)

    stopped = sent_in_the_end(Recording(), Scripted(story.codes, iter(stops)), story.part)
    at_once = sent_in_the_end(Recording(), Scripted(story.codes, iter(())), story.part)

    assert stopped == at_once


@given(stories(), st.integers(0, HALVINGS))
def test_a_part_of_frames_that_are_halved_ends_as_one_of_whole_frames(story: Story, cuts: int) -> None:
    """As long as more than two to the power of `cuts` people are in it, a request is too large."""
    smallest = max(frame.records for frame in story.part.frames) // 2**cuts + 1
    whole = sent_in_the_end(Recording(), Scripted(story.codes, iter(())), story.part)

    halved = sent_in_the_end(Recording(), Narrow(story.codes, iter(()), most=smallest), story.part)

    assert halved == whole


@dataclass
class Narrow(Scripted):
    """Takes no more than `most` people at a time."""

    most: int = 1

    def add(self, target: Target, job: str, frame: Any, seconds: float) -> tuple[Refused, ...] | Failure:
        if len(_people(bytes(frame))) > self.most:
            return ANSWERS["too large"]
        return super().add(target, job, frame, seconds)


def test_the_second_half_of_the_second_frame_is_not_taken_for_the_first() -> None:
    part = Part(tuple(_frames([3, 4])), (2, 3, 5, 2, 3, 4, 9), (Source(1, 0), Source(2, 3)))
    script = iter(["well", "too large"])

    sent = sent_in_the_end(Recording(), Scripted({2: HASH, 6: HASH}, script), part)

    assert sent.refused == (Refusals(HASH, 1, "5"), Refusals(HASH, 2, "9"))


def test_operations_are_lines_of_the_files_that_their_records_came_from() -> None:
    part = Part(tuple(_frames([5])), (2, 3, 4, 2, 7), (Source(4, 0), Source(5, 3)))
    refused = [Refused(0, HASH), Refused(1, COUNTRY), Refused(2, HASH), Refused(3, HASH)]

    assert on_lines(part, 1, refused[:3]) == (
        Refusals(COUNTRY, 4, "4"),
        Refusals(HASH, 4, "3"),
        Refusals(HASH, 5, "2"),
    )
    assert on_lines(part, 1, refused)[-1] == Refusals(HASH, 5, "2,7")
    assert on_lines(part, 1, ()) == ()
