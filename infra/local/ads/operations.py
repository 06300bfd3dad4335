"""Checks the operations of an Add request: the good ones become digests, the others problems. Pure.

Rules: Google Ads API, OfflineUserDataJobError and the limits of Customer Match.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local.ads.person import IDENTIFIERS, digest
from infra.local.ads.problems import BadOperation, Path, Problem, refused

MAX_IDENTIFIERS = 100_000
CREATE, REMOVE, REMOVE_ALL = "create", "remove", "remove_all"
ERROR = "OfflineUserDataJobError"


@dataclass(frozen=True)
class JobSoFar:
    """What a job's earlier operations allow: `kind` is CREATE, REMOVE or "" (neither yet)."""

    kind: str = ""
    fresh: bool = True


@dataclass(slots=True)
class Batch:
    """A request's good operations, and what is wrong with the others. Digests are unsigned 64-bit numbers."""

    kind: str
    identifiers: int
    removes_all: bool = False
    digests: "array[int]" = field(default_factory=lambda: array("Q"))
    problems: list[Problem] = field(default_factory=list)


def check(operations: Sequence[Any], key_type: str, so_far: JobSoFar) -> Batch:
    """Sorts OfflineUserDataJobOperation messages into good and bad.

    Raises Refused where even a partial failure saves nothing: no operation, or too many identifiers in all.
    """
    words = [operation.WhichOneof("operation") for operation in operations]
    batch = Batch(so_far.kind, _identifiers(operations, words))
    allowed = IDENTIFIERS[key_type]
    for index, (operation, word) in enumerate(zip(operations, words, strict=True)):
        try:
            _check_place(word, batch.kind, first=so_far.fresh and index == 0)
            if word == REMOVE_ALL:
                batch.removes_all = True
            else:
                batch.digests.append(digest(getattr(operation, word), allowed))
                batch.kind = word
        except BadOperation as bad:
            batch.problems.append(_problem(bad, index, word))
    return batch


def _identifiers(operations: Sequence[Any], words: Sequence[str | None]) -> int:
    if not operations:
        raise refused("FieldError.REQUIRED_NONEMPTY_LIST", "Operations are required.", "operations")
    people = (
        getattr(each, word) for each, word in zip(operations, words, strict=True) if word in (CREATE, REMOVE)
    )
    identifiers = sum(len(each.user_identifiers) for each in people)
    if identifiers > MAX_IDENTIFIERS:
        text = f"Maximum number of user identifiers per request is {MAX_IDENTIFIERS}."
        raise refused(f"{ERROR}.TOO_MANY_USER_IDENTIFIERS", text, "operations")
    return identifiers


def _check_place(word: str | None, kind: str, *, first: bool) -> None:
    if word == REMOVE_ALL and not first:
        raise BadOperation("INVALID_OPERATION_ORDER", "A remove-all operation has to be the job's first.")
    if word in (CREATE, REMOVE) and kind not in ("", word):
        raise BadOperation(
            "CONFLICTING_OPERATION", "Mixing creation and removal in the same job is not allowed."
        )
    if word is None:
        raise BadOperation("MISSING_USER_IDENTIFIER", "The operation is empty.")


def _problem(bad: BadOperation, index: int, word: str | None) -> Problem:
    place: Path = (("operations", index), *(((word, None),) if word else ()), *bad.path)
    return Problem(f"{ERROR}.{bad.value}", bad.message, place)
