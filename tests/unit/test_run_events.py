"""The events of a run: functions of what the ledger holds, flat and without nulls."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.codec import encode
from shared.model.events import Counts, Event, attributes
from shared.model.manifest import Manifest
from shared.ops import run_events
from shared.reasons import words
from tests.support.documents import MANIFEST, NOON, RUN, SEGMENT, stored


def ended_part(**changes: int | str) -> Event:
    told = {"accepted": 10, "refused": 0, "reason_code": "", "attempt": 1, "job": "", "seconds": 7, **changes}
    return run_events.part_ended(RUN, 1, MANIFEST.part(1), 2, NOON, **told)  # type: ignore[arg-type]


def test_who_repeats_received_and_chunked_repeats_the_bytes() -> None:
    late = stored(RUN), stored(MANIFEST)
    early = stored(RUN), stored(MANIFEST)

    assert run_events.received(late[0]) == run_events.received(early[0])
    assert run_events.chunked(RUN, late[1]) == run_events.chunked(RUN, early[1])


def test_they_happened_when_their_document_was_written() -> None:
    later = NOON + timedelta(minutes=1)

    assert run_events.received(stored(RUN, later)).occurred_at == later
    assert run_events.chunked(RUN, stored(MANIFEST, later)).occurred_at == later
    assert run_events.refused(stored(SEGMENT, later)).occurred_at == later


def test_chunked_tells_what_was_found_and_that_nothing_was_sent() -> None:
    event = run_events.chunked(RUN, stored(MANIFEST))

    assert (event.parts, event.records_received, event.records_rejected, event.records_skipped) == (
        2,
        20,
        2,
        3,
    )
    assert (event.records_accepted, event.records_failed) == (0, 0)


def test_every_event_of_a_run_has_an_id_of_its_own() -> None:
    events = [
        run_events.received(stored(RUN)),
        run_events.chunked(RUN, stored(MANIFEST)),
        ended_part(),
        run_events.ended(RUN, "segment.completed", NOON, Counts(), manifest=None),
    ]

    assert [event.event_id.removeprefix(f"{RUN.segment}.1.") for event in events] == [
        "received",
        "chunked",
        "1",
        "outcome",
    ]


def test_ingests_rejection_is_the_outcome_of_run_1() -> None:
    refused = replace(
        SEGMENT,
        verdict="rejected",
        reason_code="audience_unknown",
        reason="As it was said then.",
        audience="",
    )

    event = run_events.refused(stored(refused))

    assert event.event_id == f"{SEGMENT.segment}.1.outcome"
    assert (event.type, event.run, event.reason_code) == ("segment.rejected", 1, "audience_unknown")
    assert event.reason == "As it was said then.", "a later wording must not change what one event id says"


def test_a_part_that_went_in_is_completed() -> None:
    event = ended_part()

    assert (event.type, event.part, event.parts, event.stage) == ("part.completed", 1, 2, 1)
    assert (event.records_received, event.records_accepted, event.records_rejected) == (12, 10, 2)


def test_what_is_neither_accepted_nor_refused_has_failed() -> None:
    event = ended_part(accepted=4, refused=1, reason_code="request_refused")

    assert (event.type, event.records_accepted, event.records_rejected, event.records_failed) == (
        "part.failed",
        4,
        3,
        5,
    )


@given(st.integers(0, 10), st.data())
def test_a_parts_counts_add_up(accepted: int, data: st.DataObject) -> None:
    event = ended_part(accepted=accepted, refused=data.draw(st.integers(0, 10 - accepted)))

    assert event.records_received == (
        event.records_accepted + event.records_rejected + event.records_skipped + event.records_failed
    )


def test_counts_that_do_not_add_up_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Counts(received=2, accepted=1)


def test_a_rejection_names_the_line_and_never_the_value() -> None:
    broken = Manifest(RUN.segment, 1, "rejected", "", 0, 0, 0, 0, reason_code="unclosed_quote", line=17)

    event = run_events.ended(
        RUN, "segment.rejected", NOON, Counts(), manifest=broken, reason_code="unclosed_quote"
    )

    assert event.reason.startswith("Line 17: A quoted field is never closed.")


def test_what_google_says_of_a_failed_job_comes_after_our_words() -> None:
    event = run_events.ended(
        RUN,
        "segment.failed",
        NOON,
        Counts(),
        manifest=MANIFEST,
        reason_code="job_failed",
        failure="INSUFFICIENT_TRANSACTIONS",
    )

    assert event.reason == f"{words('job_failed')} Google Ads says: INSUFFICIENT_TRANSACTIONS."


def test_events_are_flat_and_without_nulls() -> None:
    document = json.loads(encode(ended_part()))

    assert all(isinstance(value, str | int) or key == "labels" for key, value in document.items())


def test_subscribers_can_filter() -> None:
    assert attributes(ended_part()) == {
        "type": "part.completed",
        "account": "1234567890",
        "segment": RUN.segment,
        "run": "1",
        "destination": "google_ads",
    }
