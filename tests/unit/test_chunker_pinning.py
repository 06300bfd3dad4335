"""What a run is: pinned when it begins, from the segment and the account's configuration of that moment."""

from dataclasses import replace

import pytest

from infra.load import load_topology
from services.chunker.handler import read_request
from services.chunker.pinning import cut_settings, digest
from services.chunker.settings import CutSettings
from shared.errors import UnusableMessage
from shared.model.account import Audience, Consent, Creation
from shared.model.codec import encode
from shared.model.segment import SegmentRequest
from shared.ops.pin import pin
from tests.support.documents import ACCOUNT, RUN, SEGMENT, TARGET

CHUNKING = load_topology().chunking
SETTINGS = CutSettings("append", "CONTACT_INFO", "NO")


def test_a_run_holds_all_that_decides_what_is_sent() -> None:
    run = pin(SEGMENT, SegmentRequest(SEGMENT.segment), ACCOUNT, CHUNKING)

    assert run.target == replace(TARGET, ad_personalization="UNSPECIFIED")
    assert (run.default_region, run.max_rejected_ratio) == ("NO", "0.05")
    assert (run.part_records, run.frame_identifiers, run.stage_operations) == (
        CHUNKING.part_records,
        CHUNKING.frame_identifiers,
        CHUNKING.stage_operations,
    )


def test_a_list_by_name_is_pinned_without_a_number() -> None:
    named = Audience("CONTACT_INFO", name="Best customers", create=Creation(90))
    account = replace(ACCOUNT, audiences={"high-value": named})

    target = pin(SEGMENT, SegmentRequest(SEGMENT.segment), account, CHUNKING).target

    assert (target.list_id, target.list_name, target.membership_days) == ("", "Best customers", 90)


def test_the_first_run_has_the_place_of_its_landing_a_replay_is_newest() -> None:
    first, second = (pin(SEGMENT, SegmentRequest(SEGMENT.segment, run), ACCOUNT, CHUNKING) for run in (1, 2))

    assert (first.key, first.landing_key) == (SEGMENT.key, SEGMENT.key)
    assert (second.key, second.landing_key) == ("", SEGMENT.key)


@pytest.mark.parametrize("asked_by", ["segment", "request"])
def test_validation_alone_may_be_asked_for_by_either(asked_by: str) -> None:
    segment = replace(SEGMENT, validate_only=asked_by == "segment")
    request = SegmentRequest(SEGMENT.segment, validate_only=asked_by == "request")

    assert pin(segment, request, ACCOUNT, CHUNKING).validate_only


def test_a_run_is_cut_by_its_own_settings() -> None:
    assert cut_settings(RUN, 1_048_576) == replace(
        SETTINGS,
        part_records=50_000,
        frame_identifiers=10_000,
        max_record_bytes=1_048_576,
        ad_user_data=RUN.target.ad_user_data,
        ad_personalization=RUN.target.ad_personalization,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "remove"},
        {"upload_key_type": "CRM_ID"},
        {"default_region": "SE"},
        {"part_records": 49_999},
        {"frame_identifiers": 9_999},
        {"max_record_bytes": 1_000},
        {"delimiter": ";"},
        {"ad_user_data": "GRANTED"},
        {"ad_personalization": "GRANTED"},
        {"deduplicate": True},
    ],
)
def test_whatever_decides_a_parts_bytes_changes_the_digest(changes: dict[str, object]) -> None:
    assert digest(replace(SETTINGS, **changes)) != digest(SETTINGS)  # type: ignore[arg-type]


def test_the_digest_is_the_same_in_every_process() -> None:
    """Written down: a part that was cut yesterday is found again today. It changes with CUT_VERSION and settings alone."""
    assert digest(SETTINGS) == "e7f9e56bd3cedc3f"


def test_who_is_removed_is_sent_without_a_word_about_consent() -> None:
    """Google fails a job that says DENIED, and nobody is to stay in an audience for want of consent."""
    denied = replace(ACCOUNT, consent=Consent("DENIED", "DENIED"))

    target = pin(replace(SEGMENT, mode="remove"), SegmentRequest(SEGMENT.segment), denied, CHUNKING).target

    assert (target.ad_user_data, target.ad_personalization) == ("UNSPECIFIED", "UNSPECIFIED")


@pytest.mark.parametrize(
    ("word", "delimiter"), [("", ""), ("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|")]
)
def test_an_accounts_delimiter_is_that_of_its_files(word: str, delimiter: str) -> None:
    assert cut_settings(replace(RUN, delimiter=word), 1_000).delimiter == delimiter


# Requests


def test_a_request_is_read_as_it_was_written() -> None:
    request = SegmentRequest(SEGMENT.segment, 2, (1, 3), True, "job_lost")

    assert read_request(encode(request)) == request


def test_without_a_number_it_is_the_first_run() -> None:
    assert read_request(b'{"segment":"s","schema_version":1}').run == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"segment":"s"}',
        b'{"segment":"s","schema_version":2}',
        b'{"segment":"s","schema_version":1,"runs":2}',
        b'{"segment":"s","schema_version":1,"run":0}',
        b'{"segment":"s","schema_version":1,"parts":[0]}',
        b'{"segment":"../config","schema_version":1}',
    ],
)
def test_what_is_no_request_is_unusable(data: bytes) -> None:
    with pytest.raises(UnusableMessage):
        read_request(data)
