"""Writes what is made from code: docs/reasons.md from the catalogue of reason codes; docs/events.md, its schemas and the audit's table
from the event; docs/cost.md from counts and prices.

`python -m infra.reference`
"""

from collections.abc import Iterator
from pathlib import Path

from infra.audit.columns import bigquery_schema
from infra.cost.page import cost_page
from infra.event_pages import avro_schema, events_page, json_schema
from shared.reasons import CATALOGUE

DOCS = Path(__file__).parents[1] / "docs"
AUDIT = Path(__file__).parent / "audit"
REASONS = DOCS / "reasons.md"
_HEAD = """# Reason codes

Made from `shared/reasons.py` by `python -m infra.reference`. Codes are in events, reject reports, dead letters
and logs; none comes with a value.

| code | about | what happened | what to do |
|---|---|---|---|"""


def pages() -> dict[Path, str]:
    """What each file must hold."""
    return {
        REASONS: reasons_page(),
        DOCS / "events.md": events_page((DOCS / "examples" / "failures.py").read_text()),
        DOCS / "cost.md": cost_page(),
        DOCS / "schemas" / "event.json": json_schema(),
        DOCS / "schemas" / "event.avsc": avro_schema(),
        AUDIT / "events.schema.json": bigquery_schema(),
    }


def reasons_page() -> str:
    return "\n".join([_HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for code, reason in CATALOGUE.items():
        yield f"| `{code}` | {reason.level} | {reason.words} | {reason.cure} |"


if __name__ == "__main__":
    for path, content in pages().items():
        path.write_text(content)
