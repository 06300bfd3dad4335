"""Dead letters in words and documents: one form, wherever they come from. Pure."""

import base64
from collections.abc import Iterable, Mapping

from services.console.tables import moment, table
from shared import names
from shared.model.dead_letter import KeptLetter
from shared.ports import Blob
from shared.reasons import CATALOGUE

_HEAD = ("letter", "from", "about", "reason")


def row_document(blob: Blob) -> dict[str, object]:
    """As a list shows it: docs/schemas/dead-letters.json, "listed"."""
    shown, code = blob.metadata, blob.metadata.get("reason_code", "")
    return {
        "letter": names.parse_dead_letter(blob.name),
        "origin": shown.get("origin", ""),
        "segment": shown.get("segment", ""),
        "run": number(shown, "run"),
        "part": number(shown, "part"),
        "attempt": number(shown, "attempt"),
        "reason_code": code,
        "reason": CATALOGUE[code].words if code in CATALOGUE else code,
        "cure": CATALOGUE[code].cure if code in CATALOGUE else "",
        "resolved": shown.get("resolved", ""),
    }


def lines(blobs: Iterable[Blob]) -> list[str]:
    return table(_HEAD, (_cells(blob) for blob in blobs))


def _cells(blob: Blob) -> tuple[str, ...]:
    shown = blob.metadata
    about = shown.get("segment", "") or "-"
    run, part = shown.get("run", ""), shown.get("part", "")
    place = about + (f" run {run}" if run else "") + (f" part {part}" if part else "")
    end = f" ({shown['resolved']})" if shown.get("resolved") else ""
    return (
        names.parse_dead_letter(blob.name),
        shown.get("origin", "?"),
        place,
        shown.get("reason_code", "?") + end,
    )


def document(letter: str, kept: KeptLetter) -> dict[str, object]:
    """docs/schemas/dead-letters.json, "shown". The payload in base64, and as text where it is one."""
    about, end = kept.letter, kept.resolution
    return {
        "letter": letter,
        "origin": about.origin,
        "occurred_at": moment(about.occurred_at),
        "segment": about.segment,
        "run": about.run,
        "part": about.part,
        "attempt": about.attempt,
        "reason_code": about.reason_code,
        "reason": about.reason,
        "trace_id": about.trace_id,
        "attributes": dict(about.attributes),
        "payload": about.payload,
        "payload_text": text_of(about.payload),
        "resolution": {"action": end.action, "by": end.by, "at": moment(end.at), "why": end.why}
        if end
        else None,
    }


def page(letter: str, kept: KeptLetter) -> list[str]:
    told = document(letter, kept)
    named = (
        "origin",
        "occurred_at",
        "segment",
        "run",
        "part",
        "attempt",
        "reason_code",
        "reason",
        "trace_id",
    )
    found = [f"{name:<12} {told[name]}" for name in named if told[name]]
    found += [f"{'attribute':<12} {key}={text}" for key, text in sorted(kept.letter.attributes.items())]
    if kept.letter.payload:
        found.append(f"{'payload':<12} {told['payload_text'] or told['payload']}")
    if end := kept.resolution:
        found.append(f"{end.action} by {end.by} at {moment(end.at)}" + (f": {end.why}" if end.why else ""))
    return [letter, *found]


def text_of(payload: str) -> str:
    """ "" for what is no printable text: a terminal must not obey a stranger's message."""
    try:
        text = base64.b64decode(payload, validate=True).decode()
    except ValueError:
        return ""
    return text if text.replace("\n", "").isprintable() else ""


def number(shown: Mapping[str, str], key: str) -> int:
    text = shown.get(key, "0")
    return int(text) if text.isdecimal() else 0
