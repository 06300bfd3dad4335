"""What the store keeps: buckets, objects, the settings of notifications. Frozen values without behaviour.

Times are epoch seconds. `attributes` and `properties` hold what a client set, under the names of the JSON
API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.storage.checksums import Checksums
from infra.local.storage.preconditions import NONE, Preconditions, Version

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Bucket:
    name: str
    project: str
    created: float
    properties: Document


@dataclass(frozen=True)
class Target:
    """An object's name in its bucket."""

    bucket: str
    name: str


@dataclass(frozen=True)
class Wanted:
    """An object that a request means; `generation` None: the live one."""

    target: Target
    generation: int | None = None
    conditions: Preconditions = NONE


@dataclass(frozen=True)
class NewObject:
    """What is to be made; the conditions are held against what is at its place."""

    target: Target
    attributes: Document
    conditions: Preconditions = NONE


@dataclass(frozen=True)
class Body:
    """An object's bytes: the name of the file that holds them, never derived from an object's name."""

    file: str
    size: int
    checksums: Checksums


@dataclass(frozen=True)
class StoredObject:
    """One live generation. `components`: how many objects it was composed of, 0 for one that was uploaded."""

    target: Target
    version: Version
    body: Body
    components: int
    created: float
    updated: float
    attributes: Document


@dataclass(frozen=True)
class NotificationConfig:
    """Which changes in `bucket` are published where. `topic`: projects/P/topics/T. No event types: all."""

    id: str
    bucket: str
    topic: str
    event_types: tuple[str, ...]
    payload_format: str
    name_prefix: str
    custom_attributes: Mapping[str, str]
