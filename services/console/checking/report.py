"""What a check has found: pure, from the file's cutting to what is printed or written as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.chunker.cut import Totals
from services.chunker.formats import Csv, Format
from services.chunker.manifesting import column_names
from services.console.checking.samples import Sample
from shared.model.manifest import Manifest, Warning
from shared.model.run import Run
from shared.reasons import words

SECONDS_A_REQUEST = 60
"""An assumption: Google promises no time. A request of 10,000 identifiers takes from seconds to minutes."""
OPERATIONS_A_DAY = 15_000
"""Google Ads API, "Access levels": operations a day with basic access."""
_DOUBTFUL_SHARE, _DOUBTFUL_LEAST = 5, 20
"""One phone number in five, and twenty of them: so many are wrong in no file that is read for the right country."""
_FORMATS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}


@dataclass(frozen=True)
class Look:
    """What a file looks like from outside."""

    path: str
    size: int
    packed: bool
    format: Format | None


@dataclass(frozen=True)
class Cut:
    """What it was cut to: `requests` are frames."""

    totals: Totals
    manifest: Manifest
    requests: int
    identifiers: int
    parts: int
    jobs: int


@dataclass(frozen=True)
class Report:
    look: Look
    run: Run
    cut: Cut
    samples: tuple[Sample, ...]

    @property
    def fit(self) -> bool:
        """Whether it would be sent."""
        return self.cut.manifest.verdict == "ok"

    @property
    def hours(self) -> float:
        return round(self.cut.requests * SECONDS_A_REQUEST / 3600, 2)


def document(report: Report) -> dict[str, Any]:
    """docs/schemas/check.json."""
    totals, manifest = report.cut.totals, report.cut.manifest
    good = totals.good if report.fit else 0
    return {
        "file": report.look.path,
        "bytes": report.look.size,
        "format": format_words(report.look),
        **_target(report.run),
        "verdict": "ok" if report.fit else "rejected",
        "reason_code": manifest.reason_code,
        "reason": words(manifest.reason_code) if manifest.reason_code else "",
        "line": manifest.line,
        "received": totals.received,
        "accepted": good,
        "rejected": totals.rejected + totals.good - good,
        "skipped": totals.skipped,
        "fields_dropped": totals.fields_dropped,
        "reasons": dict(totals.reasons),
        "parts": report.cut.parts,
        "requests": report.cut.requests,
        "identifiers": report.cut.identifiers,
        "jobs": report.cut.jobs,
        "estimated_hours": report.hours,
        "columns": dict(totals.columns),
        "ignored_columns": list(column_names(totals.ignored)) if totals.good else [],
        "warnings": [
            {"code": each.code, "column": each.column, "words": words(each.code)} for each in warnings(report)
        ],
        "samples": [asdict(sample) for sample in report.samples],
        "settings": settings(report.run),
    }


def settings(run: Run) -> dict[str, Any]:
    """The account's and the audience's, as a run would pin them."""
    return {
        "upload_key_type": run.target.upload_key_type,
        "user_list": run.target.list_id or run.target.list_name,
        "default_region": run.default_region,
        "max_rejected_ratio": run.max_rejected_ratio,
        "ad_user_data": run.target.ad_user_data,
        "ad_personalization": run.target.ad_personalization,
        "delimiter": run.delimiter or "by header",
        "hashed": run.hashed,
        "deduplicate": run.deduplicate,
    }


def format_words(look: Look) -> str:
    if look.format is None:
        return "unknown"
    packed = ", gzip" if look.packed else ""
    if isinstance(look.format, Csv):
        return f"CSV separated by {_FORMATS[look.format.delimiter]}{packed}"
    return f"JSON Lines{packed}"


def warnings(report: Report) -> Iterator[Warning]:
    """What is odd, whether or not it would be sent."""
    totals, run = report.cut.totals, report.run
    yield from report.cut.manifest.warnings
    wrong = totals.reasons.get("phone_invalid", 0)
    if wrong >= _DOUBTFUL_LEAST and wrong * _DOUBTFUL_SHARE >= totals.received:
        yield Warning("region_doubtful", "phone")
    if _is_named_otherwise(report.look):
        yield Warning("name_and_content_differ", "")
    if run.mode != "remove" and "UNSPECIFIED" in (run.target.ad_user_data, run.target.ad_personalization):
        yield Warning("consent_not_given", "")
    if report.cut.requests > OPERATIONS_A_DAY:
        yield Warning("days_of_quota", "")


def _is_named_otherwise(look: Look) -> bool:
    name = look.path.lower()
    bare = name.removesuffix(".gz")
    is_table = isinstance(look.format, Csv)
    return look.packed != (bare != name) or (look.format is not None and is_table != bare.endswith(".csv"))


def _target(run: Run) -> Mapping[str, str]:
    return {"account": run.target.account, "audience": run.target.audience, "mode": run.mode}
