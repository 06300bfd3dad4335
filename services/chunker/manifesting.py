"""From what was cut to the manifest: which parts make a stage, and whether the segment is good enough to be sent. Pure."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from services.chunker.codes import ContentError
from services.chunker.cut import Totals
from services.chunker.forms import warnings
from shared.model.manifest import Manifest, ManifestVerdict, Part, Stage, Warning
from shared.model.run import Run

_VALUE = re.compile(r"@|\d{4}")
_SEPARATORS = re.compile(r"[\s().+/-]")


def describe(run: Run, digest: str, parts: Sequence[Part], totals: Totals) -> Manifest:
    """The manifest of a segment that was read to its end."""
    verdict, reason_code = _judge(run, parts, totals)
    return Manifest(
        segment=run.segment,
        run=run.run,
        verdict=verdict,
        digest=digest,
        received=totals.received,
        rejected=totals.rejected,
        skipped=totals.skipped,
        fields_dropped=totals.fields_dropped,
        stages=stages_of(parts, run) if verdict == "ok" else (),
        reason_code=reason_code,
        reasons=totals.reasons,
        columns=tuple(totals.columns),
        ignored_columns=column_names(totals.ignored) if verdict == "ok" else (),
        warnings=tuple(
            Warning(str(code), column) for column, code in warnings(totals.forms, hashed=run.hashed)
        ),
    )


def refuse(run: Run, digest: str, error: ContentError, totals: Totals) -> Manifest:
    """The manifest of a segment whose content broke off: the rows read until then are all rejected, nothing is sent."""
    return replace(
        _rejected(run, digest, str(error.reason_code), totals.received),
        line=error.line,
        fields_dropped=totals.fields_dropped,
        reasons=totals.reasons,
        columns=tuple(totals.columns),
    )


def refuse_source(run: Run, digest: str, reason_code: str) -> Manifest:
    """The manifest of a segment whose object is no longer the one that landed."""
    return _rejected(run, digest, reason_code, 0)


def stages_of(parts: Iterable[Part], run: Run) -> tuple[Stage, ...]:
    """A replace is one job whatever its size: everybody goes out by its first operation, and comes in by the rest."""
    return grouped(parts, sys.maxsize if run.mode == "replace" else run.stage_operations)


def grouped(parts: Iterable[Part], operations: int) -> tuple[Stage, ...]:
    """Parts in order, as many in a stage as its job may take; a part alone may be larger. Parts without records send nothing."""
    groups: list[list[Part]] = []
    room = 0
    for part in parts:
        if part.records == 0:
            continue
        if not groups or part.records > room:
            groups.append([])
            room = operations
        groups[-1].append(part)
        room -= part.records
    return tuple(Stage(number, tuple(group)) for number, group in enumerate(groups, 1))


def _judge(run: Run, parts: Sequence[Part], totals: Totals) -> tuple[ManifestVerdict, str]:
    if not any(part.records for part in parts):
        return "rejected", "nothing_to_send"
    if Fraction(totals.rejected, totals.received) > Fraction(run.max_rejected_ratio):
        return "rejected", "too_many_rejects"
    return ("validated", "validate_only") if run.validate_only else ("ok", "")


def column_names(ignored: tuple[str, ...]) -> tuple[str, ...]:
    """None at all when one of them is an address or number: then a file has no header, and its first row, a person, was taken
    for one because a cell happened to say "email" or "phone", as a preferred channel does."""
    return () if any(_VALUE.search(_SEPARATORS.sub("", name)) for name in ignored) else ignored


def _rejected(run: Run, digest: str, reason_code: str, received: int) -> Manifest:
    return Manifest(
        run.segment, run.run, "rejected", digest, received, received, 0, 0, reason_code=reason_code
    )
