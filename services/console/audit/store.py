"""Events in a DuckDB file, each once, and questions to them in BigQuery's SQL."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot.errors import SqlglotError

from infra.audit.columns import columns, duckdb_table
from shared.errors import ConfigurationError, TransientError
from shared.model.codec import encode
from shared.model.events import Event

_COLUMNS = tuple(each.name for each in columns())


@dataclass(frozen=True)
class Answer:
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Store:
    _connection: duckdb.DuckDBPyConnection

    def add(self, events: Iterable[Event]) -> None:
        """All of them or none; those that are there already stay as they are."""
        rows = [_row(event) for event in events]
        if not rows:
            return
        places = ", ".join("?" for _ in _COLUMNS)
        names = ", ".join(_COLUMNS)
        self._connection.begin()
        self._connection.executemany(f"INSERT OR IGNORE INTO events ({names}) VALUES ({places})", rows)
        self._connection.commit()

    def ask(self, sql: str, now: datetime) -> Answer:
        """`sql`: BigQuery's; `@now` in it is the moment. ConfigurationError for what is no question, in DuckDB's words."""
        written = translated(sql)
        try:
            found = self._connection.execute(written, {"now": now} if "$now" in written else None)
            names = tuple(column[0] for column in found.description or ())
            return Answer(names, tuple(found.fetchall()))
        except duckdb.Error as error:
            raise ConfigurationError(f"the query cannot be run: {error}") from error


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """TransientError while another process has the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(path)
    except duckdb.Error as error:
        raise TransientError(f"{path} cannot be opened, another command may have it: {error}") from error
    with connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(duckdb_table())
        yield Store(connection)


def translated(sql: str) -> str:
    """From BigQuery's SQL to DuckDB's, one statement. Pure."""
    try:
        statements = sqlglot.transpile(sql, read="bigquery", write="duckdb")
    except SqlglotError as error:
        raise ConfigurationError(f"the query is no BigQuery SQL: {error}") from error
    if len(statements) != 1 or not statements[0]:
        raise ConfigurationError("write one query")
    return statements[0]


def documents(answer: Answer) -> Iterator[Mapping[str, Any]]:
    """One for each row; what JSON does not know as text."""
    for row in answer.rows:
        yield dict(zip(answer.columns, map(_plain, row), strict=True))


def cells(row: Sequence[Any]) -> list[str]:
    return ["" if value is None else str(_plain(value)) for value in row]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _row(event: Event) -> list[Any]:
    told = json.loads(encode(event))
    return [json.dumps(told[name]) if name == "labels" else told[name] for name in _COLUMNS]
