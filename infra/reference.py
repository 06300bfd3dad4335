"""Writes the reference pages that are made from code: docs/reasons.md from the catalogue of reason codes. `python -m infra.reference`."""

from collections.abc import Iterator
from pathlib import Path

from shared.reasons import CATALOGUE

REASONS = Path(__file__).parents[1] / "docs" / "reasons.md"
_HEAD = """# Reason codes

Made from `shared/reasons.py` by `python -m infra.reference`. Codes are in events, reject reports, dead letters
and logs; none comes with a value.

| code | about | what happened | what to do |
|---|---|---|---|"""


def reasons_page() -> str:
    return "\n".join([_HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for code, reason in CATALOGUE.items():
        yield f"| `{code}` | {reason.level} | {reason.words} | {reason.cure} |"


if __name__ == "__main__":
    REASONS.write_text(reasons_page())
