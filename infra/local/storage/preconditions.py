"""Generation and metageneration preconditions of a request. Pure.

Cloud Storage, request preconditions: every given condition must hold for the live object at the moment of the
effect. A failed one answers 412, but 304 where a read fails only a NotMatch. An object that is not there has
generation 0, so that ifGenerationMatch=0 means "create".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.storage.parameters import whole_number
from infra.local.storage.refusal import Reason, Refused

FAILED = "At least one of the pre-conditions you specified did not hold."


@dataclass(frozen=True)
class Version:
    """What conditions are held against; both numbers are 0 where there is no live object."""

    generation: int = 0
    metageneration: int = 0


ABSENT = Version()


@dataclass(frozen=True)
class Preconditions:
    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None


NONE = Preconditions()


def match_holds(conditions: Preconditions, live: Version) -> bool:
    return conditions.generation_match in (None, live.generation) and conditions.metageneration_match in (
        None,
        live.metageneration,
    )


def not_match_holds(conditions: Preconditions, live: Version) -> bool:
    return (
        conditions.generation_not_match != live.generation
        and conditions.metageneration_not_match != live.metageneration
    )


def require_for_write(conditions: Preconditions, live: Version) -> None:
    if not (match_holds(conditions, live) and not_match_holds(conditions, live)):
        raise Refused(Reason.CONDITION_FAILED, FAILED)


def require_for_read(conditions: Preconditions, live: Version) -> None:
    if not match_holds(conditions, live):
        raise Refused(Reason.CONDITION_FAILED, FAILED)
    if not not_match_holds(conditions, live):
        raise Refused(Reason.NOT_MODIFIED, "Not Modified")


def parse(query: Mapping[str, str], prefix: str = "if") -> Preconditions:
    """From query parameters such as ifGenerationMatch; `prefix` "ifSource" reads those of a copy's source."""
    return Preconditions(
        whole_number(query, f"{prefix}GenerationMatch"),
        whole_number(query, f"{prefix}GenerationNotMatch"),
        whole_number(query, f"{prefix}MetagenerationMatch"),
        # Google's Python client spells it with a capital G when it uploads.
        whole_number(query, f"{prefix}MetagenerationNotMatch", f"{prefix}MetaGenerationNotMatch"),
    )
