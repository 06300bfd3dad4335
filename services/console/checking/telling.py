"""A report for people. Pure."""

from collections.abc import Iterator

from services.console.checking.report import SECONDS_A_REQUEST, Report, format_words, settings, warnings
from services.console.checking.samples import Sample
from services.console.narrate import counted
from shared.reasons import words


def lines(report: Report) -> Iterator[str]:
    totals = report.cut.totals
    yield f"{report.look.path}: {format_words(report.look)}, {report.look.size:,} bytes"
    yield f"for {report.run.target.account} / {report.run.target.audience}, {report.run.mode}"
    yield ""
    yield from (f"  {name} → {column}" for column, name in totals.columns.items())
    yield from _ignored(report)
    yield from ["", *_rows(report), ""]
    yield from (f"  {_sample(each)}" for each in report.samples)
    yield from ["", *(f"warning: {_named(each.column)}{words(each.code)}" for each in warnings(report))]
    yield f"pinned: {', '.join(f'{key} {_setting(value)}' for key, value in settings(report.run).items())}"
    yield from _verdict(report)


def _ignored(report: Report) -> Iterator[str]:
    names = report.cut.manifest.ignored_columns
    if names:
        yield f"  ignored: {', '.join(names)}"


def _rows(report: Report) -> Iterator[str]:
    totals = report.cut.totals
    counts = f"{totals.good:,} good, {totals.rejected:,} rejected, {totals.skipped:,} skipped"
    yield f"{counted(totals.received, 'row')}: {counts}; {counted(totals.fields_dropped, 'field')} dropped"
    for code, number in sorted(totals.reasons.items(), key=lambda item: -item[1]):
        yield f"  {number:>9,}  {code}: {words(code)}"


def _sample(sample: Sample) -> str:
    fields = (f"{each.column} {each.value}{_dropped(each.reason_code)}" for each in sample.fields)
    why = f" ({sample.reason_code})" if sample.reason_code else ""
    return f"line {sample.line}: {sample.decision}{why}  {', '.join(fields)}".rstrip()


def _dropped(reason_code: str) -> str:
    return f" dropped: {reason_code}" if reason_code else ""


def _named(column: str) -> str:
    return f"{column}: " if column else ""


def _setting(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _verdict(report: Report) -> Iterator[str]:
    manifest = report.cut.manifest
    yield ""
    if not report.fit:
        place = f"Line {manifest.line}: " if manifest.line else ""
        yield f"It would be rejected: {place}{words(manifest.reason_code)}"
        return
    cut = report.cut
    yield (
        f"It would be sent: {counted(cut.parts, 'part')}, {counted(cut.requests, 'request')} with "
        f"{counted(cut.identifiers, 'identifier')}, {counted(cut.jobs, 'job')}."
    )
    yield (
        f"About {report.hours:g} hours of requests at {SECONDS_A_REQUEST} s each, when nothing else is waiting for the account; "
        "then Google works on each job for 10 minutes to 24 hours."
    )
