"""`sluice accounts`: an operator sees the accounts, lets one rest and go on, and has them examined, against services at work."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.cloud.tasks_v2.types import Queue, RateLimits
from google.protobuf.field_mask_pb2 import FieldMask

from infra.provision import queue
from infra.render import account_documents
from services.console import environment
from shared.model.account import Account
from shared.model.codec import decode
from shared.model.state import Lease
from shared.names import account_json, lease_json, pause_json, queue_id
from tests.support import command
from tests.support.crowd import written
from tests.support.flow import ADD, CREATE, Call, Flow
from tests.support.promises import Sent, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

SLUICE = Path(sys.executable).with_name("sluice")
OUT_OF_REACH = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:9"}  # the discard port
HELD_BACK = 280
"""Simulated seconds of a first request, below the 300 that it may take: in them the command is given."""


def begin(*words: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [SLUICE, "accounts", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment.inherited() | variables,
    )


def sluice(*words: str) -> subprocess.CompletedProcess[str]:
    with begin(*words) as process:
        out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def documents(told: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {line["account"]: line for line in command.documents("accounts", told)}


def on_a_terminal(answer: bytes, *words: str) -> tuple[int, str]:
    """With a terminal for its questions, and somebody who answers them."""
    terminal, other_end = pty.openpty()
    try:
        with subprocess.Popen(
            [SLUICE, "accounts", *words],
            stdin=other_end,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment.inherited(),
        ) as process:
            os.write(terminal, answer)
            out, _ = process.communicate(timeout=60)
        return process.returncode, out.decode()
    finally:
        os.close(terminal)
        os.close(other_end)


def configure(flow: Flow, account: Account) -> None:
    """Another document than the one that was deployed."""
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.work)
    for name, content in account_documents([account]).items():
        bucket.blob(name).upload_from_string(content)


def states(told: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["state"] for check in told["checks"]}


def ailing(told: dict[str, Any]) -> dict[str, Any]:
    """What is not well, by name."""
    return {check["name"]: check for check in told["checks"] if check["state"] != "ok"}


def requests(flow: Flow, account: Account) -> list[Call]:
    return flow.calls("google_ads", account=account.id)


def is_held(flow: Flow, account: Account) -> bool:
    queue = flow.deployment.admin.tasks.get_queue(name=flow.deployment.site.queue(account.id))
    return bool(queue.state == queue.State.PAUSED)


@pytest.fixture(scope="module")
def idle(flow: Flow) -> Account:
    """Nothing lands for it, and nobody lets it rest."""
    return flow.account("buyers", "newsletter")


@pytest.fixture(scope="module")
def resting(flow: Flow) -> Account:
    """Paused by somebody on a terminal, who said yes."""
    account = flow.account("buyers")
    status, told = on_a_terminal(b"y\n", "pause", account.id)
    assert status == 0
    assert f"{account.id}  rests. To go on: sluice accounts resume {account.id}" in told
    return account


@pytest.fixture(scope="module")
def cut_off(flow: Flow) -> Iterator[Account]:
    """It has no queue; it gets one, so that sweeps of other tests find nothing to stumble over."""
    account, site = replace(flow.account("buyers"), id="4888888888"), flow.deployment.site
    configure(flow, account)
    yield account
    wanted = queue(site, flow.deployment.topology.queue, account.id)
    flow.deployment.admin.tasks.create_queue(parent=site.location, queue=wanted)


@pytest.fixture(scope="module")
def stopped(flow: Flow) -> Sent:
    """Paused while its first request is on the way."""
    account = flow.account("buyers")
    flow.fault(service="google_ads", method=CREATE, account=account.id, action="delay", seconds=HELD_BACK)
    sent = send(flow, account, "buyers", "people.csv", written(flow.people.take(60)))
    flow.until(lambda: flow.calls("google_ads", CREATE, account.id), "a first request")
    paused = sluice("pause", account.id)
    assert paused.returncode == 0, paused.stderr
    flow.until(lambda: all(each["ended"] for each in requests(flow, account)), "its end")
    return sent


def test_a_running_segment_stops_at_its_next_request(flow: Flow, stopped: Sent) -> None:
    """The command takes a second, which is a minute for the services: time enough for the requests that were left."""
    account = stopped.account
    before = len(requests(flow, account))

    told = documents(sluice("list", "--json"))[account.id]

    assert is_held(flow, account)
    assert (told["state"], told["cause"], told["by"]) == ("rests", "paused_by_operator", "operator")
    assert told["open_runs"] == {"buyers": 1}
    assert len(requests(flow, account)) == before


def test_a_dry_run_of_resume_says_what_it_would_do_and_does_not(flow: Flow, stopped: Sent) -> None:
    told = sluice("resume", "--all", "--dry-run")

    assert told.returncode == 0, told.stderr
    assert f"{stopped.account.id}  will be resumed and swept (open runs: buyers 1)" in told.stdout
    assert is_held(flow, stopped.account)


def test_resuming_says_what_was_swept_and_what_was_never_paused(
    flow: Flow, stopped: Sent, idle: Account
) -> None:
    resumed = sluice("resume", stopped.account.id, idle.id, "--json")

    told = documents(resumed)
    assert resumed.returncode == 0, resumed.stderr
    assert told[stopped.account.id]["result"] == "done"
    (swept,) = told[stopped.account.id]["swept"]
    assert swept["segment"].endswith(stopped.landed.mark)
    assert (told[idle.id]["result"], told[idle.id]["swept"]) == ("nothing", [])
    assert not is_held(flow, stopped.account)


def test_a_dry_run_of_pause_says_what_it_would_do_and_does_not(flow: Flow, idle: Account) -> None:
    told = sluice("pause", idle.id, "--dry-run", "--json")

    assert documents(told)[idle.id]["result"] == "would"
    assert not is_held(flow, idle)


def test_on_a_terminal_it_is_asked_first_and_no_is_an_answer(
    flow: Flow, idle: Account, resting: Account
) -> None:
    refused, _ = on_a_terminal(b"n\n", "pause", idle.id)

    assert (refused, is_held(flow, idle)) == (1, False)
    assert is_held(flow, resting)


def test_the_list_names_every_account_and_a_broken_document_in_a_line_of_its_own(
    flow: Flow, idle: Account, resting: Account
) -> None:
    bucket = flow.deployment.admin.storage.bucket(flow.deployment.site.work)
    broken = bucket.blob(account_json("4999999999"))
    broken.upload_from_string(b"{")
    try:
        told = sluice("list")
    finally:
        broken.delete()

    head, *lines = told.stdout.splitlines()
    assert told.returncode == 1
    assert head.split()[:2] == ["account", "name"]
    assert any(line.startswith("4999999999") and "broken: config/accounts/" in line for line in lines)
    assert any(line.startswith(idle.id) and line.endswith("works") for line in lines)
    assert any(line.endswith(f"Then: sluice accounts resume {resting.id}") for line in lines)


def test_an_unknown_account_is_wrong_usage_and_touches_none(flow: Flow, idle: Account) -> None:
    typo = idle.id[:-1]

    told = sluice("pause", idle.id, typo)

    assert told.returncode == 2
    assert f"there is no account {typo}. Did you mean" in told.stderr
    assert not is_held(flow, idle)


def test_a_cloud_out_of_reach_is_said_in_words(flow: Flow) -> None:
    commands = [["list"], ["pause", "1234567890"], ["resume", "--all"], ["doctor"]]
    started = [begin(*words, **OUT_OF_REACH) for words in commands]

    for process in started:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "Cloud Storage" in said
        assert "Traceback" not in said


def test_the_trouble_of_one_account_keeps_no_other_from_being_paused(
    flow: Flow, cut_off: Account, resting: Account
) -> None:
    whole = flow.account("buyers")

    status, out = on_a_terminal(b"", "pause", cut_off.id, whole.id, resting.id, "--yes", "--json")

    told = {line["account"]: line for line in map(json.loads, out.splitlines())}
    assert status == 1
    assert queue_id(cut_off.id) in told[cut_off.id]["failed"]
    assert (told[whole.id]["result"], told[resting.id]["result"]) == ("done", "nothing")


@pytest.fixture(scope="module")
def patients(flow: Flow) -> dict[str, Account]:
    """One that is well, and one for each way of not being."""
    names = (
        "well",
        "not allow-listed",
        "without terms",
        "closed",
        "wrong key type",
        "missing list",
        "held",
        "loose",
    )
    found = {name: flow.account("buyers") for name in names}
    control = flow.deployment.control
    control.judge(found["not allow-listed"].id, "not_allowlisted")
    control.judge(found["without terms"].id, "terms_not_accepted")
    control.judge(found["closed"].id, "not_enabled")
    buyers = found["wrong key type"].audiences["buyers"]
    audiences = {"buyers": replace(buyers, upload_key_type="CRM_ID")}
    configure(flow, replace(found["wrong key type"], audiences=audiences))
    gone = replace(buyers, list_id="7999999999")
    audiences = {"gone": gone, "buyers": found["missing list"].audiences["buyers"]}
    configure(flow, replace(found["missing list"], audiences=audiences))
    flow.deployment.admin.tasks.pause_queue(name=flow.deployment.site.queue(found["held"].id))
    loose = flow.deployment.site.queue(found["loose"].id)
    flow.deployment.admin.tasks.update_queue(
        queue=Queue(name=loose, rate_limits=RateLimits(max_concurrent_dispatches=7)),
        update_mask=FieldMask(paths=["rate_limits.max_concurrent_dispatches"]),
    )
    return found


@pytest.fixture(scope="module")
def examined(flow: Flow, patients: dict[str, Account]) -> dict[str, dict[str, Any]]:
    """All of them by one command."""
    told = sluice("doctor", "--json", *(each.id for each in patients.values()))
    assert told.returncode == 1, told.stderr
    return {name: documents(told)[account.id] for name, account in patients.items()}


def test_a_healthy_account_is_well_in_all_respects(examined: dict[str, Any]) -> None:
    assert examined["well"]["healthy"]
    assert states(examined["well"]) == dict.fromkeys(
        [
            "configuration",
            "pause",
            "queue",
            "queue settings",
            "lease",
            "api version",
            "credentials",
            "destination",
            "access",
            "audience buyers",
        ],
        "ok",
    )


@pytest.mark.parametrize(
    ("patient", "failing", "words", "cure"),
    [
        ("not allow-listed", "access", "NotAllowlistedError", "Data Manager API"),
        (
            "without terms",
            "access",
            "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
            "Accept the customer data terms",
        ),
        ("closed", "access", "CUSTOMER_NOT_ENABLED", "Open it again"),
        ("wrong key type", "audience buyers", "takes CONTACT_INFO, configured is CRM_ID", "upload_key_type"),
        ("missing list", "audience gone", "there is no user list 7999999999", "accounts.yaml"),
        ("held", "queue", "is held although the account works", "gcloud tasks queues resume"),
        ("loose", "queue settings", "max_concurrent_dispatches is 7, not 1", "Deploy"),
    ],
)
def test_what_ails_an_account_is_a_failure_with_its_cure(
    examined: dict[str, Any], patient: str, failing: str, words: str, cure: str
) -> None:
    found = ailing(examined[patient])

    assert not examined[patient]["healthy"]
    assert [name for name, check in found.items() if check["state"] == "failure"] == [failing]
    assert words in found[failing]["words"]
    assert cure in found[failing]["cure"]


def test_examining_an_account_sends_nothing_and_decides_nothing(
    flow: Flow, patients: dict[str, Account], examined: dict[str, Any]
) -> None:
    for account in patients.values():
        creates = flow.calls("google_ads", CREATE, account.id)
        assert not flow.calls("google_ads", ADD, account.id)
        assert len(creates) <= 1
        assert flow.most_in_flight(account) == 1
        assert not flow.ledger(pause_json(account.id))
        assert decode(Lease, flow.document(lease_json(account.id))).state == "free"


def test_a_queue_that_was_let_go_behind_our_back_is_a_failure_until_the_sweep_holds_it_again(
    flow: Flow, resting: Account
) -> None:
    """The next two sweeps of the schedule are called off; one that is on its way may still come first."""
    flow.fault(service="scheduler", method="call", action="error", times=2)

    def let_go_and_look() -> Any:
        flow.deployment.admin.tasks.resume_queue(name=flow.deployment.site.queue(resting.id))
        return ailing(documents(sluice("doctor", "--json", resting.id))[resting.id]).get("queue")

    found = flow.until(let_go_and_look, "a queue that dispatches")

    assert found["state"] == "failure"
    assert found["words"].endswith("dispatches although the account rests")
    assert found["cure"] == f"sluice sweep --account {resting.id}"


def test_a_destination_out_of_reach_is_told_for_people_too(flow: Flow, patients: dict[str, Account]) -> None:
    with begin("doctor", patients["well"].id, GOOGLE_ADS_ENDPOINT="127.0.0.1:9") as process:
        out, err = process.communicate(timeout=120)

    assert process.returncode == 1, err
    assert "failure  destination      google_ads does not answer: UNAVAILABLE" in out
    assert out.splitlines()[-1].startswith("1 account: ")


def test_a_segment_that_was_stopped_and_resumed_is_delivered_exactly(flow: Flow, stopped: Sent) -> None:
    """The last one, so that nobody waits for it: it was resumed long before."""
    delivered(flow, stopped)

    holds(flow, stopped.account, "buyers", stopped.rows)
