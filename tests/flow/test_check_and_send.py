"""`sluice check` and `sluice send`, as somebody at a terminal runs them, against the whole deployment."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.console import environment
from shared.model.account import Account
from tests.support.crowd import Row, members, packed, table, written
from tests.support.flow import Flow, Landed
from tests.support.promises import counts

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

SLUICE = Path(sys.executable).with_name("sluice")
SCHEMAS = Path(__file__).parents[2] / "docs/schemas"


def sluice(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SLUICE, *words], capture_output=True, text=True, env=environment.inherited() | variables, check=False
    )


def read(command: str, told: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Its one JSON object, which has the form that is written down."""
    found: dict[str, Any] = json.loads(told.stdout)
    Draft202012Validator(json.loads((SCHEMAS / f"{command}.json").read_text(encoding="utf-8"))).validate(
        found
    )
    return found


@pytest.fixture
def account(flow: Flow) -> Account:
    return flow.account("buyers")


@pytest.fixture
def rows(flow: Flow) -> list[Row]:
    return written(flow.people.take(60))


@pytest.fixture
def file(tmp_path: Path, rows: list[Row]) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(table(rows))
    return path


def aim(account: Account) -> tuple[str, ...]:
    return ("--account", account.id, "--audience", "buyers", "--mode", "append")


def objects(flow: Flow) -> dict[str, set[tuple[str, int | None]]]:
    site, storage = flow.deployment.site, flow.deployment.admin.storage
    return {
        bucket: {(blob.name, blob.generation) for blob in storage.list_blobs(bucket)}
        for bucket in (site.landing, site.parts)
    }


def test_a_check_with_a_deployment_reads_its_accounts_and_writes_nothing(
    flow: Flow, account: Account, rows: list[Row], file: Path
) -> None:
    before = objects(flow)

    told = sluice("check", file, *aim(account), "--json")

    found = read("check", told)
    good = sum(1 for row in rows if row.identifiers)
    assert (told.returncode, found["verdict"]) == (0, "ok")
    assert (found["received"], found["accepted"], found["rejected"]) == (len(rows), good, len(rows) - good)
    assert objects(flow) == before
    assert "Quillan" not in told.stdout + told.stderr


def test_a_file_is_sent_and_followed_to_its_end(
    flow: Flow, account: Account, rows: list[Row], file: Path
) -> None:
    told = sluice("send", file, *aim(account), "--wait", "--label", "campaign=spring-26")

    assert told.returncode == 0, told.stdout + told.stderr
    address, segment, *steps = told.stdout.splitlines()
    assert address.startswith(f"gs://{flow.deployment.site.landing}/{account.id}/buyers/append/people.csv#")
    assert segment.startswith(f"{account.id}-buyers-append-")
    assert steps[-1].startswith("completed: ")
    assert {step.partition(":")[0] for step in steps} >= {"following", "completed"}
    assert flow.members(account, "buyers") == members(rows)
    generation = int(address.rpartition("#")[2])
    landed = Landed(flow.deployment.site.landing, f"{account.id}/buyers/append/people.csv", generation)
    assert {event.labels["campaign"] for event in flow.events(landed)} == {"spring-26"}


def test_a_file_that_is_rejected_ends_the_waiting_with_one_and_the_reason(
    account: Account, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("email\nnobody\n")

    told = sluice("send", bad, *aim(account), "--wait", "--json")

    found = read("send", told)
    assert told.returncode == 1
    assert (found["outcome"]["type"], found["outcome"]["reason_code"]) == (
        "segment.rejected",
        "nothing_to_send",
    )


def test_a_validation_alone_sends_nobody(flow: Flow, account: Account, rows: list[Row], file: Path) -> None:
    told = sluice("send", file, *aim(account), "--wait", "--validate-only", "--json")

    found = read("send", told)
    assert told.returncode == 0
    assert found["outcome"]["reason_code"] == "validate_only"
    assert found["outcome"]["records_received"] == len(rows)
    assert flow.members(account, "buyers") == set()


def test_an_object_of_the_same_name_is_replaced_only_if_somebody_says_so(
    account: Account, file: Path
) -> None:
    first = read("send", sluice("send", file, *aim(account), "--json"))

    refused = sluice("send", file, *aim(account))
    foretold = read("send", sluice("send", file, *aim(account), "--dry-run", "--json"))
    second = read("send", sluice("send", file, *aim(account), "--yes", "--json"))

    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    assert (foretold["replaces"], foretold["generation"]) == (first["generation"], 0)
    assert second["replaces"] == first["generation"] < second["generation"]
    assert second["segment"] != first["segment"]


def test_an_object_of_cloud_storage_is_checked_and_sent_without_passing_through_here(
    flow: Flow, account: Account, rows: list[Row]
) -> None:
    landed = flow.land(f"exports/.hidden/{account.id}.csv", table(rows))
    address = f"gs://{landed.bucket}/{landed.name}"

    checked = sluice("check", address, *aim(account), "--json")
    sent = sluice("send", f"{address}#{landed.generation}", *aim(account), "--wait", "--json")

    assert read("check", checked)["received"] == len(rows)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert read("send", sent)["outcome"]["records_received"] == len(rows)
    assert flow.members(account, "buyers") == members(rows)
    storage = [call["method"] for call in flow.calls("storage", resource=f"{account.id}/buyers/append")]
    assert "objects.rewrite" in storage


def test_an_object_that_is_served_as_gzip_is_read_by_its_bytes(
    flow: Flow, account: Account, rows: list[Row]
) -> None:
    """With Content-Encoding: gzip and a name that ends in .csv, as exporters like to write them."""
    blob = flow.deployment.admin.storage.bucket(flow.deployment.site.landing).blob(
        f"exports/.gz/{account.id}.csv"
    )
    blob.content_encoding = "gzip"
    blob.upload_from_string(packed(table(rows)), content_type="text/csv")

    found = read("check", sluice("check", f"gs://{blob.bucket.name}/{blob.name}", *aim(account), "--json"))

    assert found["format"] == "CSV separated by commas, gzip"
    assert found["received"] == len(rows)


def test_who_stops_waiting_stops_nothing(flow: Flow, account: Account, rows: list[Row], file: Path) -> None:
    command = [str(SLUICE), "send", str(file), *aim(account), "--wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout
        address = waiting.stdout.readline().strip()
        assert waiting.stdout.readline().startswith(account.id)
        assert waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate()

    assert waiting.returncode == 130
    assert "It goes on without you" in said
    bucket, _, name = address.removeprefix("gs://").partition("/")
    name, _, generation = name.rpartition("#")
    assert flow.outcome(Landed(bucket, name, int(generation))).type == "segment.completed"
    assert flow.members(account, "buyers") == members(rows)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--account", "1111111111", "--audience", "buyers", "--mode", "append"), 1, "No such account"),
        (("--account", "{account}", "--audience", "nobodys", "--mode", "append"), 1, "no such audience"),
        (("--account", "{account}", "--audience", "buyers", "--mode", "merge"), 2, "append"),
        (("--account", "{account}", "--audience", "buyers"), 2, "--mode"),
        (
            ("--account", "{account}", "--audience", "buyers", "--mode", "append", "--label", "owner=ada"),
            2,
            "no label",
        ),
        (
            ("--account", "{account}", "--audience", "buyers", "--mode", "append", "--label", "team=A B"),
            2,
            "a-z",
        ),
        (
            ("--account", "{account}", "--audience", "buyers", "--mode", "append", "--name", "a.txt"),
            1,
            ".csv",
        ),
    ],
)
def test_what_would_be_refused_is_refused_before_anything_is_uploaded(
    flow: Flow, account: Account, file: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    told = sluice("send", file, *(word.format(account=account.id) for word in words))

    assert told.returncode == code
    assert said in told.stdout + told.stderr
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.landing)
    assert not list(bucket.list_blobs(prefix=f"{account.id}/"))


def test_storage_out_of_reach_is_three(account: Account, file: Path) -> None:
    told = sluice("send", file, *aim(account), STORAGE_EMULATOR_HOST="http://127.0.0.1:9")

    assert told.returncode == 3
    assert told.stderr.startswith("sluice: ")


def test_counts_of_check_and_outcome_are_the_same(
    flow: Flow, account: Account, rows: list[Row], file: Path
) -> None:
    foretold = read("check", sluice("check", file, *aim(account), "--json"))
    sent = read("send", sluice("send", file, *aim(account), "--wait", "--json"))

    generation = sent["generation"]
    landed = Landed(flow.deployment.site.landing, f"{account.id}/buyers/append/people.csv", generation)
    outcome = flow.outcome(landed)
    words = ("received", "accepted", "rejected", "skipped")
    assert counts(outcome) == (*(foretold[word] for word in words), 0)
    assert outcome.fields_dropped == foretold["fields_dropped"]
