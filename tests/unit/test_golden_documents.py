"""Version 1 of every document that is stored or sent, as it lies in buckets and topics since its first release.

A file here never changes: what reads it must still read it, and write the same bytes. A document that changes its form gets a new
version and a new file beside the old one.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.model import topology as deployed
from shared.model.account import Account, Audience, Consent, Creation
from shared.model.codec import DocumentError, decode, encode
from shared.model.dead_letter import DeadLetter
from shared.model.events import Event
from shared.model.manifest import Manifest, Part, Stage
from shared.model.receipt import Receipt, Refusals
from shared.model.run import Run, Target
from shared.model.segment import Segment, SegmentRequest, Source
from shared.model.state import Claim, Job, KnownList, Lease, Line, Marker, Progress, Result
from shared.model.task import Task
from shared.model.topology import Topology
from tests.support.documents import NOON

GOLDEN = Path(__file__).parent / "golden"
SEGMENT = "1234567890-high-value-append-0123456789abcdef"
KEY = "20261123T120000.000000Z"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
TOKEN = "00112233445566778899aabbccddeeff"
JOB = "customers/1234567890/offlineUserDataJobs/1000000001"

REFUSED = (
    Refusals("OfflineUserDataJobError.INVALID_COUNTRY_CODE", 2, "7"),
    Refusals("OfflineUserDataJobError.INVALID_SHA256_FORMAT", 1, "50001-50003,60000"),
)

DOCUMENTS: dict[str, Any] = {
    "segment": Segment(
        segment=SEGMENT,
        verdict="accepted",
        key=KEY,
        sources=(
            Source("landing", "1234567890/high-value/append/a.shards/0.csv", 1795435200000000, 1000, NOON),
            Source("landing", "1234567890/high-value/append/a.shards/1.csv", 1795435200000001, 2000, NOON),
        ),
        account="1234567890",
        audience="high-value",
        mode="append",
        destination="google_ads",
        validate_only=False,
        labels={"team": "growth"},
    ),
    "segment_rejected": Segment(
        segment="unknown-fedcba9876543210",
        verdict="rejected",
        key=KEY,
        sources=(Source("landing", "a.csv", 1795435200000000, 1000, NOON),),
        reason_code="name_unrecognised",
        reason="The name says nothing.",
    ),
    "segment_request": SegmentRequest(SEGMENT, 2, (1, 41), False, "job_lost", TRACEPARENT),
    "run": Run(
        segment=SEGMENT,
        run=1,
        key=KEY,
        landing_key=KEY,
        mode="append",
        target=Target(
            account="1234567890",
            audience="high-value",
            destination="google_ads",
            list_id="7100000001",
            upload_key_type="CONTACT_INFO",
            login_customer_id="1112223334",
            ad_user_data="GRANTED",
            ad_personalization="UNSPECIFIED",
            list_name="",
            membership_days=0,
            credential="fjordmat",
        ),
        source="gs://landing/1234567890/high-value/append/a.shards/",
        default_region="NO",
        max_rejected_ratio="0.05",
        part_records=50000,
        frame_identifiers=10000,
        stage_operations=1000000,
        labels={"team": "growth"},
        traceparent=TRACEPARENT,
    ),
    "manifest": Manifest(
        segment=SEGMENT,
        run=1,
        verdict="ok",
        digest="0123456789abcdef",
        received=60003,
        rejected=3,
        skipped=0,
        fields_dropped=2,
        stages=(
            Stage(
                1,
                (
                    Part(
                        1,
                        f"{SEGMENT}/1/0123456789abcdef/00001.frames",
                        11,
                        "AAAAAA==",
                        5000000,
                        50000,
                        100000,
                        10,
                        2,
                        2,
                    ),
                    Part(
                        2,
                        f"{SEGMENT}/1/0123456789abcdef/00002.frames",
                        12,
                        "BBBBBB==",
                        1000000,
                        10000,
                        20000,
                        2,
                        1,
                        0,
                    ),
                ),
            ),
        ),
        reasons={"email_invalid": 2, "no_identifier": 3},
        columns=("email", "phone"),
        ignored_columns=("favourite_colour",),
    ),
    "manifest_rejected": Manifest(
        segment=SEGMENT,
        run=1,
        verdict="rejected",
        digest="0123456789abcdef",
        received=17,
        rejected=17,
        skipped=0,
        fields_dropped=0,
        reason_code="unclosed_quote",
        line=18,
    ),
    "task": Task(SEGMENT, 1, "upload", 1, 2, 0, 3, 4, NOON, TRACEPARENT),
    "event_part": Event(
        event_id=f"{SEGMENT}.1.2",
        type="part.failed",
        occurred_at=NOON,
        segment=SEGMENT,
        run=1,
        account="1234567890",
        destination="google_ads",
        audience="high-value",
        mode="append",
        source="gs://landing/1234567890/high-value/append/a.csv",
        stage=1,
        part=2,
        parts=2,
        records_received=10001,
        records_accepted=5000,
        records_rejected=1,
        records_failed=5000,
        fields_dropped=2,
        attempt=11,
        job=JOB,
        duration_seconds=3700,
        reason_code="attempts_exhausted",
        reason="All attempts over all the time allowed have failed. Find the cause in the log, then replay.",
        labels={"team": "growth"},
        trace_id=TRACE,
    ),
    "event_outcome": Event(
        event_id=f"{SEGMENT}.1.outcome",
        type="segment.completed",
        occurred_at=NOON,
        segment=SEGMENT,
        run=1,
        account="1234567890",
        destination="google_ads",
        audience="high-value",
        mode="append",
        source="gs://landing/1234567890/high-value/append/a.csv",
        parts=2,
        records_received=60003,
        records_accepted=60000,
        records_rejected=3,
        fields_dropped=2,
        job=JOB,
        match_rate="MATCH_RANGE_91_TO_100",
        list_size_before=12000,
        list_size_after=64000,
        duration_seconds=611,
        trace_id=TRACE,
    ),
    "event_received": Event(
        event_id=f"{SEGMENT}.1.received",
        type="segment.received",
        occurred_at=NOON,
        segment=SEGMENT,
        run=1,
        account="1234567890",
        destination="google_ads",
        audience="high-value",
        mode="append",
        source="gs://landing/1234567890/high-value/append/a.csv",
        trace_id=TRACE,
    ),
    "dead_letter": DeadLetter(
        origin="tasks",
        reason_code="request_refused",
        reason="The destination refuses this part. Read the error code; replay when mended.",
        occurred_at=NOON,
        payload="e30=",
        attributes={"segment": SEGMENT},
        segment=SEGMENT,
        run=1,
        part=2,
        attempt=1,
        trace_id=TRACE,
    ),
    "job": Job(
        state="running",
        k=1,
        external_id=9223372036854775807,
        fence=TOKEN,
        resource=JOB,
        created=NOON,
        missing=2,
        missing_since=NOON + timedelta(minutes=10),
        list_size=12000,
    ),
    "job_abandoned": Job("abandoned", 0, 1, why="LOST", reason_code="job_lost"),
    "line": Line(
        owner=Claim(SEGMENT, 1),
        filling=2,
        running=Claim(SEGMENT, 1, 1),
        last_replace=KEY,
        top={"append": KEY, "replace": KEY},
    ),
    "line_empty": Line(),
    "marker": Marker(1, NOON),
    "lease": Lease(TOKEN, "held", 620, released_by=f"segments/{SEGMENT}/runs/1/stages/1/receipts/00002.json"),
    "lease_quiet": Lease(TOKEN, "quiet", 620, 60),
    "progress": Progress(1, 3, 9999, REFUSED),
    "receipt": Receipt((GOLDEN / "event_part.json").read_text(encoding="utf-8").rstrip("\n"), REFUSED),
    "known_list": KnownList("7100000003", "Fjordmat's best", "CONTACT_INFO"),
    "result": Result("SUCCESS", JOB, "MATCH_RANGE_91_TO_100", list_size_before=12000, list_size_after=64000),
    "result_failed": Result("FAILED", JOB, reason_code="job_failed", failure="INSUFFICIENT_TRANSACTIONS"),
    "account": Account(
        id="1234567890",
        name="Fjordmat Norway",
        default_region="NO",
        max_rejected_ratio="0.05",
        consent=Consent("GRANTED", "DENIED"),
        audiences={
            "high-value": Audience("CONTACT_INFO", "7100000001"),
            "app-users": Audience("MOBILE_ADVERTISING_ID", "7100000002"),
            "best": Audience("CONTACT_INFO", name="Fjordmat's best", create=Creation(540)),
        },
        destinations=("google_ads",),
        login_customer_id="1112223334",
        credential="fjordmat",
    ),
    "topology": Topology(
        topics=deployed.Topics("landing-notifications", "segment-requests", "completions", "dead-letters"),
        subscriptions={
            "ingest": deployed.Subscription(
                "landing-notifications",
                60,
                604800,
                "ingest",
                deployed.Backoff(10, 600),
                deployed.DeadLetter("dead-letters", 100),
            ),
            "dead-letters": deployed.Subscription(
                "dead-letters", 60, 2678400, "ingest", deployed.Backoff(10, 600), path="dead-letters"
            ),
        },
        buckets=deployed.Buckets(
            deployed.Bucket(30), deployed.Bucket(40), deployed.Bucket(400, ("segments/", "ended/"))
        ),
        queue=deployed.Queue(50, 1, -1, 10, 300, 4, 1800),
        tasks=deployed.Tasks(10, 86400),
        services=deployed.Services(
            deployed.Service(60, 512, 4, 10),
            deployed.LongService(600, 1024, 1, 20, 540),
            deployed.LongService(1740, 1024, 16, 20, 1700),
        ),
        chunking=deployed.Chunking(50000, 10000, 1000000, 1048576, 7200),
        destinations={"google_ads": deployed.Destination(300, deployed.Follow(600, 1800))},
        lease=deployed.LeaseTimes(10, 60),
        sweep=deployed.Sweep(600, 120, 3600, 86400, 172800),
        alerts=deployed.Alerts(2),
    ),
}


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")


def changed(name: str, **changes: Any) -> bytes:
    """The golden document with other fields; None leaves one out."""
    document = {**json.loads(golden(name)), **changes}
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_was_written_is_read(name: str) -> None:
    assert decode(type(DOCUMENTS[name]), golden(name)) == DOCUMENTS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_written_has_the_same_bytes(name: str) -> None:
    assert encode(DOCUMENTS[name]) == golden(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_unknown_field_is_refused(name: str) -> None:
    with pytest.raises(DocumentError, match="colour: expected no such field"):
        decode(type(DOCUMENTS[name]), changed(name, colour="blue"))


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("version", [None, 0, 2, "1", True])
def test_another_version_is_refused(name: str, version: Any) -> None:
    with pytest.raises(DocumentError, match="schema_version"):
        decode(type(DOCUMENTS[name]), changed(name, schema_version=version))


REQUIRED = {
    "segment": "key",
    "segment_request": "segment",
    "run": "landing_key",
    "manifest": "verdict",
    "task": "first_at",
    "event_part": "event_id",
    "dead_letter": "origin",
    "job": "external_id",
    "marker": "epoch",
    "lease": "token",
    "known_list": "name",
    "progress": "k",
    "receipt": "event",
    "result": "status",
    "account": "consent",
    "topology": "lease",
}


@pytest.mark.parametrize(("name", "field"), REQUIRED.items())
def test_a_field_that_is_missing_is_named(name: str, field: str) -> None:
    document = json.loads(golden(name))
    del document[field]

    with pytest.raises(DocumentError, match=f"{field}: expected this field"):
        decode(type(DOCUMENTS[name]), json.dumps(document).encode())


def test_an_account_and_a_run_of_before_credentials_have_none() -> None:
    target = json.loads(golden("run"))["target"]
    del target["credential"]

    assert decode(Account, changed("account", credential=None)).credential == ""
    assert decode(Run, changed("run", target=target)).target.credential == ""


def test_a_run_whose_credential_could_leave_its_place_in_a_name_is_not_read() -> None:
    target = {**json.loads(golden("run"))["target"], "credential": "../other"}

    with pytest.raises(DocumentError):
        decode(Run, changed("run", target=target))


def test_there_is_a_value_for_every_file() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(DOCUMENTS)
