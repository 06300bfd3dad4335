"""The story of a segment in words: what `sluice show` prints. Pure, from the document of story.py."""

from collections.abc import Iterator
from typing import Any

from services.console.narrate import clock, counted

_COUNTS = ("accepted", "rejected", "skipped", "failed")


def page(story: dict[str, Any]) -> Iterator[str]:
    yield story["segment"]
    yield f"{story['mode'] or 'unknown'} to {story['audience'] or '?'} of account {story['account'] or '?'}"
    for source in story["sources"]:
        yield f"source  {source['object']}#{source['generation']}, {source['bytes']:,} bytes, landed {source['landed']}"
    if story["labels"]:
        yield "labels  " + ", ".join(f"{key}={text}" for key, text in sorted(story["labels"].items()))
    if story["reason"]:
        yield f"rejected: {story['reason']}"
    if "state" in story and not story["reason"]:
        yield f"no run has been opened yet: {story['state']}"
    for run in story["runs"]:
        yield ""
        yield from _run(run)


def _run(run: dict[str, Any]) -> Iterator[str]:
    yield f"run {run['run']}  {_state(run)}"
    yield from (f"  {line}" for line in _facts(run))
    yield from (f"  {stage_words(stage)}" for stage in run["stages"])
    for failed in run["failed_parts"]:
        yield f"  part {failed['part']} failed at attempt {failed['attempt']}: {failed['reason_code']}"
    for name in run["rejects"]:
        yield f"  rejects  {name}"
    yield from (f"  {each['at']}  {each['what']}" for each in run["timeline"])


def _state(run: dict[str, Any]) -> str:
    told = (
        f"{run['state']}: {run['done']} of {run['parts']} parts"
        if run["state"] == "sending"
        else run["state"]
    )
    why = run["reason"] or run["cause"]
    return f"{told}: {why}" if why else told


def _facts(run: dict[str, Any]) -> Iterator[str]:
    if run["counts"]["received"]:
        yield _counted(run["counts"])
    yield from _content(run)
    yield from _delivery(run)
    if run["trace_id"]:
        yield f"trace {run['trace_id']}"


def _counted(counts: dict[str, int]) -> str:
    told = ", ".join(f"{counts[name]:,} {name}" for name in _COUNTS if counts[name])
    return f"{counted(counts['received'], 'record')} received" + (f": {told}" if told else "")


def _content(run: dict[str, Any]) -> Iterator[str]:
    if run["asked_parts"]:
        yield f"asked for parts {', '.join(map(str, run['asked_parts']))}"
    if run["reasons"]:
        yield "reasons  " + ", ".join(f"{code} {number:,}" for code, number in sorted(run["reasons"].items()))
    for warning in run["warnings"]:
        yield f"warning  {warning['code']} in {warning['column']}"


def _delivery(run: dict[str, Any]) -> Iterator[str]:
    before, after = run["list_size_before"], run["list_size_after"]
    if run["operations"]:
        yield f"{counted(run['operations'], 'operation')} spent, parts by attempts {_attempts(run['attempts'])}"
    if run["match_rate"]:
        yield f"match rate {run['match_rate']}"
    if before or after:
        yield f"list size {before:,} before, {after:,} after, as Google estimates"
    if run["duration_seconds"]:
        yield f"took {clock(run['duration_seconds'])}"


def stage_words(stage: dict[str, Any]) -> str:
    job = f", {stage['job']} {stage['job_state']}" if stage["job"] else ""
    end = f", {stage['result']}" if stage["result"] else ""
    why = f" ({stage['reason_code']})" if stage["reason_code"] else ""
    return f"stage {stage['stage']}  {stage['received']} of {stage['parts']} parts{job}{end}{why}"


def _attempts(attempts: dict[str, int]) -> str:
    """Like "1: 18, 3: 1": eighteen parts at once, one at the third."""
    return ", ".join(f"{number}: {parts}" for number, parts in attempts.items())
