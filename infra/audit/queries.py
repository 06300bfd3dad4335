"""The saved queries of the audit: BigQuery's SQL in files beside this one, each with a comment on top that says what it tells."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Query:
    """`tells` is the comment's text."""

    name: str
    tells: str
    sql: str


def queries() -> dict[str, Query]:
    """By their names, in the order of the alphabet."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.sql"))}


def _read(path: Path) -> Query:
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = [line for line in lines if line.startswith("--")]
    sql = "\n".join(line for line in lines if not line.startswith("--")).strip()
    return Query(path.stem, " ".join(line.removeprefix("--").strip() for line in comment), sql)
