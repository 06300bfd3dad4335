"""Which segment an object is: one decision from its name and the account's configuration."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.decide import Group, Ignored, Single, classify, decide, identify, is_shard
from services.ingest.handler import handle
from shared.edge.push import Message
from shared.model.account import Account
from shared.model.codec import encode
from shared.model.segment import Segment, Source
from shared.names import account_json
from shared.reasons import CATALOGUE
from shared.settings import NAME_PATTERNS
from tests.support.documents import ACCOUNT, NOON
from tests.support.recording import Recording

FOLDER = "1234567890/high-value/append"
WITH_DESTINATION = "{destination}/{account}/{audience}/{mode}/{anything}"


def landed(name: str) -> Source:
    return Source("landing", name, 7, 100, NOON)


def decided(
    name: str, *sources: Source, account: Account | None = ACCOUNT, patterns: str = NAME_PATTERNS
) -> Segment:
    return decide(identify(landed(name), patterns), sources or (landed(name),), account)


# What an object is


@pytest.mark.parametrize("name", [f"{FOLDER}/a.csv", "1234567890--high-value--append--a.csv", "anything"])
def test_an_object_is_a_segment(name: str) -> None:
    assert classify(name) == Single()


@pytest.mark.parametrize(
    "name",
    [
        f"{FOLDER}/",
        f"{FOLDER}/.a.csv",
        f"{FOLDER}/.staging/a.csv",
        f"{FOLDER}/_temporary/0/_temporary/a.csv",
        f"{FOLDER}/a.csv.tmp",
        f"{FOLDER}/a.csv~",
        f"{FOLDER}/a.csv.crdownload",
        f"{FOLDER}/_SUCCESS",
        f"{FOLDER}/a.shards/part-00000.csv.gz",
        f"{FOLDER}/a.shards/.part-00000.csv.gz.crc",
        f"{FOLDER}/a.shards/",
    ],
)
def test_what_is_no_segment_is_ignored(name: str) -> None:
    assert isinstance(classify(name), Ignored)


@pytest.mark.parametrize("marker", ["_SUCCESS", "_SUCCESS-2"])
def test_a_group_of_shards_lands_with_its_marker(marker: str) -> None:
    assert classify(f"{FOLDER}/a.shards/{marker}") == Group(f"{FOLDER}/a.shards/")


def test_a_shard_in_a_folder_of_the_group_is_a_shard_too() -> None:
    """The group is all that lies under its folder: what is in it must not be a segment of its own as well."""
    assert isinstance(classify(f"{FOLDER}/a.shards/country=NO/part-0.csv"), Ignored)


@pytest.mark.parametrize("name", [f"{FOLDER}/promo_temporary/a.csv", f"{FOLDER}/not_temporary/a.csv"])
def test_a_folder_that_only_ends_like_a_temporary_one_is_none(name: str) -> None:
    assert classify(name) == Single()


@pytest.mark.parametrize(
    ("name", "shard"),
    [
        ("a.shards/part-0.csv", True),
        ("a.shards/_SUCCESS", False),
        ("a.shards/_committed_1", False),
        ("a.shards/.part-0.csv.crc", False),
        ("a.shards/part-0.csv.tmp", False),
        ("a.shards/", False),
        ("a.shards/_temporary/0/part-0.csv", False),
    ],
)
def test_shards_are_the_data_of_a_group(name: str, shard: bool) -> None:
    assert is_shard(name) == shard


@given(st.text())
def test_every_name_is_something(name: str) -> None:
    assert isinstance(classify(name), Ignored | Single | Group)


# What is decided


def test_a_name_that_fits_is_accepted() -> None:
    segment = decided(f"{FOLDER}/a.csv")

    assert segment.segment.startswith("1234567890-high-value-append-")
    assert (segment.verdict, segment.reason_code) == ("accepted", "")
    assert (segment.account, segment.audience, segment.mode) == ("1234567890", "high-value", "append")
    assert segment.destination == "google_ads"
    assert segment.key == "20261123T120000.000000Z"
    assert segment.sources == (landed(f"{FOLDER}/a.csv"),)


@pytest.mark.parametrize("file", ["a.csv", "a.CSV", "a.csv.gz", "2026/11/a.Csv.GZ"])
def test_csv_is_read_packed_or_not(file: str) -> None:
    assert decided(f"{FOLDER}/{file}").verdict == "accepted"


@pytest.mark.parametrize(
    ("name", "reason_code"),
    [
        ("a.csv", "name_unrecognised"),
        ("1234567890/unheard-of/append/a.csv", "audience_unknown"),
        ("1234567890/high-value/upsert/a.csv", "mode_unknown"),
        ("1234567890/high-value/Append/a.csv", "mode_unknown"),
        (f"{FOLDER}/a.xlsx", "extension_unknown"),
        (f"{FOLDER}/csv", "extension_unknown"),
        (f"{FOLDER}/a.csv.zip", "extension_unknown"),
    ],
)
def test_a_name_that_does_not_fit_is_rejected_with_its_reason(name: str, reason_code: str) -> None:
    segment = decided(name)

    assert (segment.verdict, segment.reason_code) == ("rejected", reason_code)


def test_an_account_that_is_not_configured_is_rejected() -> None:
    segment = decided("1111111111/high-value/append/a.csv", account=None)

    assert (segment.verdict, segment.reason_code) == ("rejected", "account_unknown")
    assert (segment.account, segment.audience) == ("", "")


def test_a_group_without_shards_is_rejected() -> None:
    landing = landed(f"{FOLDER}/a.shards/_SUCCESS")

    segment = decide(identify(landing, NAME_PATTERNS), (), ACCOUNT)

    assert (segment.verdict, segment.reason_code) == ("rejected", "shards_missing")


def test_one_shard_that_cannot_be_read_rejects_the_group() -> None:
    shards = landed(f"{FOLDER}/a.shards/0.csv"), landed(f"{FOLDER}/a.shards/1.parquet")

    assert decided(f"{FOLDER}/a.shards/_SUCCESS", *shards).reason_code == "extension_unknown"


def test_a_group_is_known_by_its_marker_and_holds_its_shards() -> None:
    shards = landed(f"{FOLDER}/a.shards/0.csv"), landed(f"{FOLDER}/a.shards/1.csv")

    segment = decided(f"{FOLDER}/a.shards/_SUCCESS", *shards)

    assert segment.sources == shards
    assert segment.source == f"gs://landing/{FOLDER}/a.shards/"
    assert segment.segment == decided(f"{FOLDER}/a.shards/_SUCCESS", *shards[:1]).segment


def test_the_accounts_first_destination_is_the_default() -> None:
    account = replace(ACCOUNT, destinations=("data_manager", "google_ads"))

    assert decided(f"{FOLDER}/a.csv", account=account).destination == "data_manager"


@pytest.mark.parametrize(
    ("destination", "reason_code"), [("google_ads", ""), ("data_manager", "destination_not_allowed")]
)
def test_a_named_destination_must_be_one_of_the_accounts(destination: str, reason_code: str) -> None:
    segment = decided(f"{destination}/{FOLDER}/a.csv", patterns=WITH_DESTINATION)

    assert segment.reason_code == reason_code


NAMES = st.text() | st.builds(
    "{}/{}/{}/{}".format, *([st.sampled_from(["1234567890", "high-value", "append", "x"]) | st.text()] * 4)
)


@given(NAMES, st.none() | st.just(ACCOUNT))
def test_every_name_is_decided_and_none_leaks_into_the_id(name: str, account: Any) -> None:
    segment = decided(name, account=account)

    assert (segment.verdict == "rejected") == (segment.reason_code in CATALOGUE)
    prefix = segment.segment.rpartition("-")[0]
    known = {
        "unknown",
        *(f"1234567890-high-value-{mode}" for mode in ("append", "remove", "replace", "unknown")),
    }
    assert prefix in known or account is None or not name.startswith("1234567890")


@given(st.text())
def test_an_unknown_audience_is_never_repeated(audience: str) -> None:
    segment = decided(f"1234567890/{audience}/append/a.csv")

    assert segment.audience in ("", "high-value")
    assert segment.segment.startswith(("unknown-", "1234567890-high-value-append-"))


# What ingest writes


PIECES = st.sampled_from(
    ["1234567890", "9876543210", "high-value", "lapsed", "append", "replace", "..", ".", "", "_SUCCESS"]
) | st.text(max_size=8)
LANDED = st.one_of(
    st.text(max_size=40),
    st.lists(PIECES, min_size=1, max_size=6).map("/".join),
    st.lists(PIECES, min_size=4, max_size=5).map("--".join),
    st.builds("1234567890/high-value/append/{}.csv".format, st.text(max_size=20)),
    st.builds("1234567890/high-value/append/{}.shards/_SUCCESS".format, st.text(max_size=20)),
).filter(lambda name: name and not {"\r", "\n"} & set(name))
SEGMENT_ID = r"(unknown|1234567890-high-value-(append|remove|replace|unknown))-[0-9a-f]{16}"
WRITTEN = re.compile(
    rf"segments/{SEGMENT_ID}/segment\.json|segments/{SEGMENT_ID}/runs/1/(run|outcome)\.json"
    rf"|open/1234567890/high-value/[0-9TZ.]+_{SEGMENT_ID}_1\.json|ended/[0-9TZ.]+_{SEGMENT_ID}_1"
)


@example("1234567890/high-value/../../config/accounts/1234567890.json")
@example("1234567890/../append/a.csv")
@example("1234567890--high-value--..--a.csv")
@example("../1234567890/high-value/append/a.csv")
@example("1234567890/quillan@example.com/append/a.csv")
@example("1234567890/high-value/quillan@example.com/a.csv")
@settings(max_examples=300)
@given(LANDED)
def test_whatever_lands_only_configured_words_get_into_a_name(name: str) -> None:
    ports = Recording()
    ports.work.put(account_json(ACCOUNT.id), encode(ACCOUNT))

    handle(ports, Message(notification(name), {"eventType": "OBJECT_FINALIZE"}, "1", 1), NAME_PATTERNS)

    assert len(ports.work.written) in (0, 2, 3)
    assert all(map(WRITTEN.fullmatch, ports.work.written))
    about = [sent.attributes for sent in ports.published]
    assert all(each.get("account", "") in ("", ACCOUNT.id) for each in about)
    assert {sent.topic for sent in ports.published} <= {"segment-requests", "completions", "dead-letters"}
    accounts = {account_json(account) for account in ("1234567890", "9876543210")}
    assert all(name in accounts or WRITTEN.fullmatch(name) for name in ports.work.asked)


def notification(name: str) -> bytes:
    resource = {
        "bucket": "landing",
        "name": name,
        "generation": "7",
        "size": "1",
        "timeCreated": "2026-11-23T12:00:00Z",
    }
    return json.dumps(resource).encode()
