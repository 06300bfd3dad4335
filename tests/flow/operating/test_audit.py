"""`sluice audit`, as a program: it takes in what has happened, each event once, and answers."""

import json
from pathlib import Path

import pytest

from tests.support.command import OUT_OF_REACH, sluice
from tests.support.crowd import table, written
from tests.support.flow import Flow

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]


def test_what_has_happened_is_counted_once_however_often_it_is_asked(flow: Flow, tmp_path: Path) -> None:
    account = flow.account("buyers")
    landed = flow.land(f"{account.id}/buyers/append/people.csv", table(written(flow.people.take(60))))
    outcome = flow.outcome(landed)
    flow.settled(account)
    database = tmp_path / "audit.duckdb"
    sql = (
        f"SELECT type, records_received FROM events WHERE account = '{account.id}' ORDER BY occurred_at, type"
    )

    told = [sluice("audit", sql, "--json", "--database", database) for _ in range(2)]

    assert [each.returncode for each in told] == [0, 0], told[0].stderr
    assert told[0].stdout == told[1].stdout
    rows = [json.loads(line) for line in told[0].stdout.splitlines()]
    assert {row["type"] for row in rows} == {
        "segment.received",
        "segment.chunked",
        "part.completed",
        "segment.completed",
    }
    assert len(rows) == 4
    assert rows[-1]["records_received"] == outcome.records_received
    plain = sluice("audit", "--query", "segments-per-day", "--no-pull", "--database", database)
    assert plain.stdout.splitlines()[0].split()[:3] == ["day", "account", "audience"]
    assert account.id in plain.stdout


def test_wrong_words_and_a_cloud_out_of_reach_are_told_apart(flow: Flow, tmp_path: Path) -> None:
    database = tmp_path / "audit.duckdb"

    assert sluice("audit").returncode == 2
    assert sluice("audit", "--query", "nobodys").returncode == 2
    assert sluice("audit", "SELECT nothing FROM events", "--no-pull", "--database", database).returncode == 2
    away = sluice(
        "audit", "SELECT 1", "--database", database, PUBSUB_EMULATOR_HOST="127.0.0.1:9", **OUT_OF_REACH
    )
    assert away.returncode == 3
    assert away.stderr.startswith("sluice: Pub/Sub pull from audit")
    dry = sluice("audit", "SELECT COUNTIF(run > 1) FROM events", "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "SELECT COUNT_IF(run > 1) FROM events\n")
    assert sluice("audit", "--list").stdout.startswith("accounts-behind")
