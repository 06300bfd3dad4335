"""A part's records as its file has them, and which of them a receipt calls refused."""

from collections.abc import Callable
from dataclasses import dataclass

from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)

from infra.local.ads.person import IDENTIFIERS, digest
from shared.model.receipt import Receipt
from shared.part_ranges import from_text
from shared.wire.part import decode

Picks = Callable[[int], str]
"""The code with which the destination refuses a person, by digest; "" for one that it takes."""

_ADD = AddOfflineUserDataJobOperationsRequest.pb()


@dataclass(frozen=True)
class Record:
    """`person` is the digest by the destination's own rule, `place` the file of the segment and the line in it, both from 1."""

    person: int
    place: tuple[int, int]


def takes_everybody(_: int) -> str:
    return ""


def records_of(content: bytes, key_type: str) -> list[Record]:
    """In order."""
    part = decode(content)
    operations = (
        operation for frame in part.frames for operation in _ADD.FromString(bytes(frame.body)).operations
    )
    sent = (getattr(operation, operation.WhichOneof("operation")) for operation in operations)
    people = (digest(person, IDENTIFIERS[key_type]) for person in sent)
    places = ((part.source_of(number), line) for number, line in enumerate(part.lines))
    return [Record(person, place) for person, place in zip(people, places, strict=True)]


def people_of(content: bytes, key_type: str) -> list[int]:
    return [record.person for record in records_of(content, key_type)]


def refused_in(receipt: Receipt) -> dict[tuple[int, int], str]:
    """The code of every place."""
    return {(each.source, line): each.code for each in receipt.refused for line in from_text(each.lines)}
