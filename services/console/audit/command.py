"""`sluice audit`: questions in SQL about everything that was ever told."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from infra.audit.queries import queries
from services.console import environment
from services.console.audit.intake import take_in
from services.console.audit.store import Answer, Store, cells, documents, opened, translated
from services.console.ports import ConsolePorts, console_ports
from services.console.tables import table
from shared.errors import ConfigurationError


@click.command("audit")
@click.argument("sql", default="", metavar="[SQL]")
@click.option("--query", "name", default="", metavar="NAME", help="A saved query: see --list.")
@click.option("--list", "listed", is_flag=True, help="Name the saved queries and what each tells.")
@click.option("--no-pull", is_flag=True, help="Ask what is in the database, and take nothing in.")
@click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The DuckDB file.  [default: one for each project]",
)
@click.option("--dry-run", is_flag=True, help="Print the query as DuckDB gets it, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each row.")
def audit(
    sql: str, name: str, listed: bool, no_pull: bool, database: Path | None, dry_run: bool, as_json: bool
) -> int:
    """Ask the table `events` in BigQuery's SQL: every event once, its fields as columns (docs/events.md). @now is this moment.

    First it takes in what waits on the subscription `audit` since the last time. The same queries run in BigQuery.
    """
    if listed:
        return _list(as_json)
    asked = _asked(sql, name)
    if dry_run:
        click.echo(translated(asked))
        return 0
    ports = console_ports()
    with opened(database or _default(ports.settings.project)) as store:
        if not no_pull:
            _take_in(ports, store)
        answer = store.ask(asked, ports.clock.now())
    for line in _lines(answer, as_json):
        click.echo(line)
    return 0


def _asked(sql: str, name: str) -> str:
    if bool(sql) == bool(name):
        raise click.UsageError("write a query, or name one by --query; --list shows which there are")
    if sql:
        return sql
    saved = queries()
    if name not in saved:
        raise click.BadParameter(
            f"there is none of that name; there are {', '.join(saved)}", param_hint="--query"
        )
    return saved[name].sql


def _list(as_json: bool) -> int:
    found = queries().values()
    for each in found:
        click.echo(
            json.dumps({"name": each.name, "tells": each.tells})
            if as_json
            else f"{each.name:<18}  {each.tells}"
        )
    return 0


def _default(project: str) -> Path:
    variables = environment.inherited()
    state = variables.get("XDG_STATE_HOME") or f"{variables.get('HOME', '')}/.local/state"
    if not state.startswith("/"):
        raise ConfigurationError("HOME is not set: name the file by --database")
    return Path(state) / "sluice" / project / "audit.duckdb"


def _take_in(ports: ConsolePorts, store: Store) -> None:
    taken = take_in(ports.settings.project, store.add)
    if taken.unreadable:
        click.echo(f"{taken.unreadable} messages are no events; they stay on the subscription", err=True)


def _lines(answer: Answer, as_json: bool) -> Iterable[str]:
    if as_json:
        return map(json.dumps, documents(answer))
    return table(answer.columns, map(cells, answer.rows)) if answer.rows else ["No row."]
