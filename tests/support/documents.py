"""Documents as the product would write them, for tests that need one and do not care which."""

from datetime import UTC, datetime
from typing import TypeVar

from shared.ledger import Entry
from shared.model.account import Account, Audience, Consent
from shared.model.codec import encode
from shared.model.manifest import Manifest, Part, Stage
from shared.model.run import Run, Target
from shared.model.segment import Segment, Source

T = TypeVar("T")

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TARGET = Target(
    account="1234567890",
    audience="high-value",
    destination="google_ads",
    list_id="7100000001",
    upload_key_type="CONTACT_INFO",
    login_customer_id="",
    ad_user_data="GRANTED",
    ad_personalization="GRANTED",
)
RUN = Run(
    segment="1234567890-high-value-append-0123456789abcdef",
    run=1,
    key="20261123T120000.000000Z",
    landing_key="20261123T120000.000000Z",
    mode="append",
    target=TARGET,
    source="gs://landing/1234567890/high-value/append/a.csv",
    default_region="NO",
    max_rejected_ratio="0.05",
    part_records=50_000,
    frame_identifiers=10_000,
    stage_operations=1_000_000,
)
ACCOUNT = Account(
    id="1234567890",
    name="Fjordmat",
    default_region="NO",
    max_rejected_ratio="0.05",
    consent=Consent("GRANTED", "UNSPECIFIED"),
    audiences={"high-value": Audience("CONTACT_INFO", "7100000001")},
)
SOURCE = Source("landing", "1234567890/high-value/append/a.csv", 1_795_435_200_000_000, 1_000, NOON)
SEGMENT = Segment(
    segment=RUN.segment,
    verdict="accepted",
    key=RUN.key,
    sources=(SOURCE,),
    account="1234567890",
    audience="high-value",
    mode="append",
    destination="google_ads",
)


def part(number: int, records: int, rejected: int = 0) -> Part:
    return Part(
        number=number,
        name=f"{RUN.segment}/1/0123456789abcdef/{number:05d}.frames",
        generation=number,
        crc32c="AAAAAA==",
        size=100 * records,
        records=records,
        identifiers=2 * records,
        frames=1,
        rejected=rejected,
        fields_dropped=rejected,
    )


def manifest(*stages: tuple[Part, ...], skipped: int = 0) -> Manifest:
    """Of these parts, a tuple for each stage."""
    parts = [part for stage in stages for part in stage]
    return Manifest(
        segment=RUN.segment,
        run=1,
        verdict="ok",
        digest="0123456789abcdef",
        received=sum(part.records + part.rejected for part in parts) + skipped,
        rejected=sum(part.rejected for part in parts),
        skipped=skipped,
        fields_dropped=sum(part.fields_dropped for part in parts),
        stages=tuple(Stage(number, stage) for number, stage in enumerate(stages, 1)),
    )


MANIFEST = manifest((part(1, 10, rejected=2), part(2, 5)), skipped=3)


def stored(value: T, created: datetime = NOON) -> Entry[T]:
    return Entry(value, encode(value), 1, created, {})
