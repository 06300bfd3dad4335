"""What decides the bytes of a run's parts, beside its files."""

from dataclasses import dataclass
from typing import Literal

from services.chunker.columns import UploadKeyType
from services.chunker.consent import Consent
from services.chunker.records import RECORD_BYTES_MAX
from shared.wire import google_ads

Mode = Literal["append", "remove"]

ROWS_PER_RECORD_MAX = 20
"""A part has at most this many rows for each record that fits in it: a file of bad rows alone gets on, too."""


@dataclass(frozen=True)
class CutSettings:
    """What decides the bytes of the parts, beside the files.

    `default_region` is where phone numbers without a country code are at home if the row does not say (alpha-2
    in upper case, "" for nowhere). `delimiter` separates cells, "" for what the header says. Both consents are
    what the account says of all its people; who is removed is not asked. `deduplicate`: who was there before is
    skipped. `part_records`, `frame_identifiers`, `max_record_bytes` are upper bounds.
    """

    mode: Mode
    upload_key_type: UploadKeyType
    default_region: str = ""
    part_records: int = 50_000
    frame_identifiers: int = google_ads.IDENTIFIERS_PER_REQUEST_RECOMMENDED
    max_record_bytes: int = RECORD_BYTES_MAX
    delimiter: str = ""
    ad_user_data: Consent = "UNSPECIFIED"
    ad_personalization: Consent = "UNSPECIFIED"
    deduplicate: bool = False

    def __post_init__(self) -> None:
        _check_range("part_records", self.part_records, 1, google_ads.OPERATIONS_PER_JOB_RECOMMENDED)
        _check_range("max_record_bytes", self.max_record_bytes, 1, RECORD_BYTES_MAX)
        # All identifiers of one person must fit into one request.
        low, high = google_ads.IDENTIFIERS_PER_USER_DATA_MAX, google_ads.IDENTIFIERS_PER_REQUEST_MAX
        _check_range("frame_identifiers", self.frame_identifiers, low, high)

    @property
    def part_rows(self) -> int:
        return self.part_records * ROWS_PER_RECORD_MAX


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; it must be from {low} to {high}")
