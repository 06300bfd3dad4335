"""What `sluice accounts doctor` says of each thing that it looks at: every state, with its cure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.accounts import answers, checks, diagnosis
from services.console.accounts.answers import answered, kind_of
from services.console.accounts.checks import Check, Trouble
from services.console.accounts.diagnosis import Diagnosis
from services.console.accounts.survey import Seen
from services.uploader.examining import Examined, Unasked
from shared.lease import SLACK, Terms
from shared.model.account import Audience, Creation
from shared.model.state import Lease
from shared.ops.leasing import Standing
from shared.pausing import NOT_PAUSED, paused, resumed
from shared.ports import QueueSettings
from shared.reasons import CATALOGUE
from shared.verdict import Failure
from tests.support.documents import ACCOUNT, NOON
from tests.support.recording import TOPOLOGY
from tests.support.refusals import (
    BAD_LIST,
    CLOSED,
    NO_TERMS,
    NO_TOKEN,
    NOT_ALLOWLISTED,
    OPEN_LIST,
    OUT_OF_REACH,
    REVOKED,
    SHORT,
    SILENT,
)

WORKING = Seen(ACCOUNT.id, ACCOUNT)
REFUSED = replace(paused(NOT_PAUSED, "sluice", NOON, "terms_not_accepted"), announced=True)
SPENT = replace(paused(NOT_PAUSED, "sluice", NOON, "quota_day", seconds=3600), announced=True)
BY_HAND = replace(paused(NOT_PAUSED, "operator", NOON, "paused_by_operator"), announced=True)
RESUMED = replace(resumed(BY_HAND, "operator", NOON), announced=True)
HOUR = timedelta(hours=1)

QUEUE = TOPOLOGY.queue
RUNS = QueueSettings(True, QUEUE.max_concurrent_dispatches, QUEUE.max_attempts)
HELD = replace(RUNS, dispatches=False)

TERMS = Terms(call=300, margin=10, settle=60)
TAKEN = Lease("token", "held", TERMS.term)
GONE = timedelta(seconds=TERMS.term + TERMS.settle + SLACK)


ENDED = Unasked("ended")


def told(examined: Examined | Trouble) -> dict[str, Check]:
    return {check.name: check for check in answered(ACCOUNT, "google_ads", examined)}


def said(lists: Any, upload: Any = "welcome") -> dict[str, Check]:
    return told(Examined({"high-value": lists}, upload))


def states(found: Mapping[str, Check]) -> dict[str, str]:
    return {name.partition(" ")[0]: check.state for name, check in found.items()}


# By itself


def test_a_document_that_cannot_be_used_is_a_failure_with_its_cure() -> None:
    broken = "config/accounts/1234567890.json: name: expected a text; deploy accounts.yaml again"

    check = checks.configuration(Seen(ACCOUNT.id, None, unconfigured=broken))

    assert check == Check(
        "configuration",
        "failure",
        "config/accounts/1234567890.json: name: expected a text",
        "Deploy accounts.yaml again.",
    )
    assert checks.configuration(WORKING).state == "ok"


@pytest.mark.parametrize(
    ("pause", "now", "state", "cure"),
    [
        (NOT_PAUSED, NOON, "ok", ""),
        (RESUMED, NOON, "ok", ""),
        (REFUSED, NOON, "failure", f"Then: sluice accounts resume {ACCOUNT.id}"),
        (BY_HAND, NOON, "warning", f"Then: sluice accounts resume {ACCOUNT.id}"),
        (SPENT, NOON, "warning", "None needed: it resumes by itself, soon after 2026-11-23T13:00:00Z."),
        (SPENT, NOON + HOUR, "warning", "None needed: the next sweep resumes it."),
    ],
)
def test_a_pause_is_a_failure_where_somebody_has_to_mend_something(
    pause: Any, now: Any, state: str, cure: str
) -> None:
    check = checks.pause(replace(WORKING, pause=pause), now)

    assert check.state == state
    assert check.cure.endswith(cure)
    assert pause.cause in check.words


def test_a_pause_that_cannot_be_read_is_a_failure_and_its_queue_is_not_judged() -> None:
    seen = replace(WORKING, pause=None, unread="accounts/1234567890/pause.json: broken; put it back")

    queue = {check.name: check.state for check in checks.queue(seen, RUNS, QUEUE)}

    assert checks.pause(seen, NOON).state == "failure"
    assert queue == {"queue": "skipped", "queue settings": "ok"}


@pytest.mark.parametrize(
    ("pause", "queue", "state", "cure"),
    [
        (NOT_PAUSED, RUNS, "ok", ""),
        (RESUMED, RUNS, "ok", ""),
        (REFUSED, HELD, "ok", ""),
        (REFUSED, RUNS, "failure", f"sluice sweep --account {ACCOUNT.id}"),
        (RESUMED, HELD, "failure", f"sluice sweep --account {ACCOUNT.id}"),
        (NOT_PAUSED, HELD, "failure", f"gcloud tasks queues resume account-{ACCOUNT.id}"),
        (replace(REFUSED, announced=False), RUNS, "warning", "None needed: the next sweep sets it."),
        (replace(RESUMED, announced=False), HELD, "warning", "None needed: the next sweep sets it."),
    ],
)
def test_a_queue_must_do_what_the_pause_says(pause: Any, queue: QueueSettings, state: str, cure: str) -> None:
    check = next(checks.queue(replace(WORKING, pause=pause), queue, QUEUE))

    assert (check.name, check.state) == ("queue", state)
    assert check.cure.endswith(cure)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"max_concurrent_dispatches": 5}, "max_concurrent_dispatches is 5, not 1"),
        ({"max_attempts": 100}, "max_attempts is 100, not -1"),
        ({"max_retry_seconds": 60.0}, "max_retry_duration is 60 s, not unlimited"),
    ],
)
def test_a_queue_that_is_not_set_as_deployed_is_a_failure(changed: dict[str, Any], words: str) -> None:
    _, check = checks.queue(WORKING, replace(RUNS, **changed), QUEUE)

    assert (check.name, check.state) == ("queue settings", "failure")
    assert words in check.words


def test_a_queue_that_is_missing_or_out_of_reach_is_one_failure() -> None:
    (missing,) = checks.queue(WORKING, None, QUEUE)
    (silent,) = checks.queue(WORKING, Trouble("Cloud Tasks settings of account-1: ServiceUnavailable"), QUEUE)

    assert (missing.state, missing.words) == ("failure", f"there is no queue account-{ACCOUNT.id}")
    assert (silent.state, silent.words) == (
        "failure",
        "Cloud Tasks settings of account-1: ServiceUnavailable",
    )


@pytest.mark.parametrize(
    ("found", "later", "state", "words"),
    [
        (None, timedelta(), "ok", "nobody holds it"),
        (Standing(TAKEN.freed(), NOON, released=False), timedelta(), "ok", "nobody holds it"),
        (Standing(TAKEN, NOON, released=True), timedelta(), "ok", "nobody holds it"),
        (Standing(TAKEN, NOON, released=False), timedelta(), "ok", "held since 2026-11-23T12:00:00Z"),
        (Standing(TAKEN, NOON, released=False), GONE, "warning", "by one that is long gone"),
        (
            Standing(TAKEN.quietened(60), NOON, released=False),
            timedelta(),
            "ok",
            "until 2026-11-23T12:01:00Z",
        ),
        (Standing(TAKEN.quietened(60), NOON, released=False), timedelta(minutes=1), "ok", "nobody holds it"),
        (Trouble("the document: expected one JSON value"), timedelta(), "failure", "expected one JSON value"),
    ],
)
def test_a_lease_is_a_warning_only_when_its_holder_is_long_gone(
    found: Any, later: timedelta, state: str, words: str
) -> None:
    check = checks.lease(found, TERMS, NOON + later)

    assert check.state == state
    assert words in check.words


def test_an_api_version_near_its_sunset_is_a_warning() -> None:
    check = checks.version("Google may switch v26 off from 2027-11-01 on, in 9 days: deploy a newer version")

    assert (check.state, check.cure) == ("warning", "Deploy a newer version.")
    assert checks.version("").state == "ok"


# What the destination said


def test_an_account_that_may_upload_is_well_in_all_respects() -> None:
    assert set(states(said((OPEN_LIST,))).values()) == {"ok"}


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (NOT_ALLOWLISTED, "not_allowlisted"),
        (NO_TERMS, "terms_not_accepted"),
        (CLOSED, "customer_not_enabled"),
    ],
)
def test_a_refused_upload_is_a_failure_of_access_with_the_cure_of_its_reason(
    refusal: Failure, code: str
) -> None:
    found = said((OPEN_LIST,), refusal)

    assert states(found) == {"credentials": "ok", "destination": "ok", "access": "failure", "audience": "ok"}
    assert found["access"].cure == CATALOGUE[code].cure
    assert refusal.codes[0] in found["access"].words


def test_a_refusal_of_the_first_question_leaves_the_others_unasked() -> None:
    found = said(CLOSED, ENDED)

    assert states(found) == {
        "credentials": "ok",
        "destination": "ok",
        "access": "failure",
        "audience": "skipped",
    }


@pytest.mark.parametrize(
    ("refusal", "reach"), [(NO_TOKEN, "skipped"), (OUT_OF_REACH, "skipped"), (REVOKED, "ok")]
)
def test_credentials_that_are_refused_are_a_failure_of_their_own(refusal: Failure, reach: str) -> None:
    assert states(said(refusal, ENDED)) == {
        "credentials": "failure",
        "destination": reach,
        "access": "skipped",
        "audience": "skipped",
    }


def test_a_destination_that_does_not_answer_is_a_failure_of_its_own() -> None:
    found = said(SILENT, ENDED)

    assert states(found) == {
        "credentials": "ok",
        "destination": "failure",
        "access": "skipped",
        "audience": "skipped",
    }
    assert "UNAVAILABLE" in found["destination"].words


def test_what_passes_is_a_warning() -> None:
    found = said((OPEN_LIST,), SHORT)

    assert states(found)["access"] == "warning"
    assert found["access"].cure == "Ask again later."


@pytest.mark.parametrize("why", ["lease_busy", "lease_lost", "out_of_time", "pause_changed"])
def test_what_nobody_was_asked_is_skipped_and_no_failure(why: Any) -> None:
    found = said(Unasked(why), Unasked(why))

    assert set(states(found).values()) == {"skipped"}
    assert {check.cure for check in found.values()} == {"Ask again."}


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ((), "there is no user list 7100000001"),
        ((replace(OPEN_LIST, read_only=True),), "user list 7100000001 belongs to somebody else"),
        ((OPEN_LIST, OPEN_LIST), "2 user lists are meant by user list 7100000001"),
        (
            (replace(OPEN_LIST, kind="RULE_BASED", upload_key_type=""),),
            "is no list of Customer Match (RULE_BASED)",
        ),
        ((replace(OPEN_LIST, upload_key_type="CRM_ID"),), "takes CRM_ID, configured is CONTACT_INFO"),
        ((replace(OPEN_LIST, membership="CLOSED"),), "is closed"),
        (BAD_LIST, "OfflineUserDataJobError.INVALID_USER_LIST_ID"),
    ],
)
def test_a_list_that_is_not_as_configured_is_a_failure_with_a_cure(lists: Any, words: str) -> None:
    check = said(lists)["audience high-value"]

    assert check.state == "failure"
    assert words in check.words
    assert check.cure


def test_a_list_by_name_may_be_missing_where_it_may_be_created() -> None:
    named = Audience("CONTACT_INFO", name="Buyers, all")
    created = replace(named, create=Creation(membership_days=90))

    missing = answers.audience_check("buyers", named, ())
    awaited = answers.audience_check("buyers", created, ())

    assert (missing.state, missing.words) == ("failure", "there is no user list 'Buyers, all'")
    assert (awaited.state, awaited.cure) == ("ok", "")
    assert answers.audience_check("buyers", created, (replace(OPEN_LIST, read_only=True),)).state == "failure"


def test_a_job_that_would_be_refused_for_its_list_is_no_word_about_access() -> None:
    check = said((), BAD_LIST)["access"]

    assert (check.state, check.cure) == ("failure", "Mend the audiences, then ask again.")


def test_no_list_to_ask_about_leaves_access_open() -> None:
    assert said((), Unasked("no_list"))["access"].state == "skipped"


def test_trouble_of_our_own_cloud_is_told_in_the_place_of_all_answers() -> None:
    assert told(Trouble("Cloud Storage: ServiceUnavailable")) == {
        "destination": Check(
            "destination", "failure", "Cloud Storage: ServiceUnavailable", "Mend that, then ask again."
        )
    }


CODES = st.sampled_from(
    [code for each in (CLOSED, NOT_ALLOWLISTED, NO_TERMS, REVOKED, SHORT, BAD_LIST) for code in each.codes]
)
FAILURES = st.builds(
    Failure,
    st.sampled_from(["UNAVAILABLE", "UNAUTHENTICATED", "INTERNAL", "INVALID_ARGUMENT", "NOT_FOUND", "x"]),
    st.lists(CODES | st.text(max_size=9), max_size=3).map(tuple),
)


@given(FAILURES, st.booleans())
def test_every_refusal_whatever_it_says_is_told_somewhere(failure: Failure, first: bool) -> None:
    found = said(failure, ENDED) if first else said((OPEN_LIST,), failure)

    assert "failure" in states(found).values() or "warning" in states(found).values()
    assert kind_of(failure) in answers.Kind.__args__  # type: ignore[attr-defined]


# Told


def test_a_diagnosis_is_healthy_as_long_as_nothing_failed() -> None:
    skipped = Check("access", "skipped", "not asked")

    assert Diagnosis("1", "", (skipped, Check("pause", "warning", "rests"))).healthy
    assert not Diagnosis("1", "", (skipped, Check("queue", "failure", "gone", "Deploy."))).healthy


def test_a_cure_stands_below_what_it_is_for() -> None:
    found = Diagnosis(
        ACCOUNT.id, "Fjordmat", (Check("queue", "failure", "gone", "Deploy."), Check("pause", "ok", "works"))
    )

    assert list(diagnosis.lines(found)) == [
        f"{ACCOUNT.id}  Fjordmat",
        "  failure  queue  gone",
        "                  -> Deploy.",
        "  ok       pause  works",
    ]
    assert diagnosis.summary([found]) == "1 account: 1 ok, 1 failure"
    assert diagnosis.document(found)["healthy"] is False
