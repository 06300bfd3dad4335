"""The audit's table `events`: an event's fields as columns, alike in BigQuery, where a subscription fills it, and in DuckDB.

`events.schema.json` beside this file is BigQuery's form of it, written by `python -m infra.reference`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from infra.event_pages import FIELDS, kinds

_BIGQUERY = {"text": "STRING", "number": "INTEGER", "moment": "TIMESTAMP", "labels": "JSON"}
_DUCKDB = {"text": "VARCHAR", "number": "BIGINT", "moment": "TIMESTAMPTZ", "labels": "JSON"}


@dataclass(frozen=True)
class Column:
    name: str
    bigquery: str
    duckdb: str
    description: str


def columns() -> Iterator[Column]:
    for name, kind in kinds():
        yield Column(name, _BIGQUERY[kind], _DUCKDB[kind], FIELDS[name][0])


def bigquery_schema() -> str:
    """REQUIRED: no field of an event is ever null."""
    table = [
        {"name": each.name, "type": each.bigquery, "mode": "REQUIRED", "description": each.description}
        for each in columns()
    ]
    return json.dumps(table, indent=2) + "\n"


def duckdb_table() -> str:
    """The id is the key: a repeat changes nothing."""
    written = ", ".join(f"{each.name} {each.duckdb} NOT NULL" for each in columns())
    return f"CREATE TABLE IF NOT EXISTS events ({written}, PRIMARY KEY (event_id))"
