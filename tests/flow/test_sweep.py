"""What a crash, a purge or an operator has stopped is moved again by the schedule, or at once by the command."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.console import environment
from shared.names import queue_id
from tests.support.command import documents
from tests.support.crowd import written
from tests.support.flow import ADD, Call, Flow, done
from tests.support.promises import Sent, delivered, holds, send

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

SLUICE = Path(sys.executable).with_name("sluice")
OUT_OF_REACH = "127.0.0.1:9"  # the discard port
LATE = 3
"""So many calls of the schedule are lost once all has stopped, half a minute in all: who asks first is the command."""


@pytest.fixture(scope="module")
def purged(flow: Flow) -> Sent:
    """Its tasks are gone while its first request is on the way: no retry, no successor, nobody who remembers."""
    account = flow.account("buyers")
    flow.fault(service="google_ads", method=ADD, account=account.id, action="kill_before", process="uploader")
    sent = send(flow, account, "buyers", "people.csv", written(flow.people.take(60)))
    flow.until(lambda: flow.calls("google_ads", ADD, account.id), "an Add")
    flow.fault(service="scheduler", method="call", action="error", times=LATE)
    flow.deployment.admin.tasks.purge_queue(name=flow.deployment.site.queue(account.id))
    return sent


def sluice(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SLUICE, *words], capture_output=True, text=True, env=environment.inherited() | variables, check=False
    )


def sweeps(flow: Flow) -> list[Call]:
    return flow.calls("scheduler", "call", "sweep")


def test_the_command_tells_what_it_would_do_and_does_nothing(flow: Flow, purged: Sent) -> None:
    before = len(flow.calls("cloudtasks", "CreateTask", queue_id(purged.account.id)))

    told = sluice("sweep", "--dry-run", "--json", "--account", purged.account.id)

    (line,) = documents("sweep", told)
    assert told.returncode == 0, told.stderr
    assert line["segment"].endswith(purged.landed.mark)
    assert line["step"] in ("Rest", "Restart")
    assert len(flow.calls("cloudtasks", "CreateTask", queue_id(purged.account.id))) == before


def test_the_schedule_restarts_what_was_lost(flow: Flow, purged: Sent) -> None:
    delivered(flow, purged)

    holds(flow, purged.account, "buyers", purged.rows)
    made = flow.calls("cloudtasks", "CreateTask", queue_id(purged.account.id), "-e1-n0")
    assert made
    calls = sweeps(flow)
    lost = [each["injected"] for each in calls]
    assert sum(lost) >= LATE
    assert done(calls[len(lost) - lost[::-1].index(True)])


def test_the_command_finds_nothing_to_do_where_all_is_well(flow: Flow, purged: Sent) -> None:
    delivered(flow, purged)

    told = sluice("sweep", "--account", purged.account.id)

    assert (told.returncode, told.stdout) == (0, "No run is open.\n")


def test_the_command_says_so_when_the_cloud_is_out_of_reach(flow: Flow) -> None:
    told = sluice("sweep", STORAGE_EMULATOR_HOST=f"http://{OUT_OF_REACH}")

    assert told.returncode == 3
    assert "Cloud Storage" in told.stderr
    assert "Traceback" not in told.stderr
