"""The documented program hears of failures, as a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.provision import pull_subscription
from services.console import environment
from tests.support.flow import ADD, Flow

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

PROGRAM = Path(__file__).parents[3] / "docs/examples/failures.py"


def test_the_program_prints_what_failed_and_nothing_else(flow: Flow) -> None:
    account, deployment = flow.account("buyers"), flow.deployment
    pull_subscription(
        deployment.admin, deployment.site, "my-failures", deployment.topology.topics.completions
    )
    words = [sys.executable, str(PROGRAM), deployment.site.project, "my-failures"]
    good = flow.land(f"{account.id}/buyers/append/good.csv", b"email\nquillan@example.com\n")
    flow.outcome(good)
    flow.fault(
        service="google_ads",
        method=ADD,
        account=account.id,
        action="error",
        code="INVALID_ARGUMENT",
        reason="INVALID_USER_LIST_ID",
    )
    bad = flow.land(f"{account.id}/buyers/append/bad.csv", b"email\nquillan@example.com\n")
    outcome = flow.outcome(bad)

    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=environment.inherited(), cwd=PROGRAM.parents[2]
    ) as program:
        assert program.stdout
        line = program.stdout.readline()
        program.terminate()

    assert line == f"{outcome.segment} 1 {outcome.reason_code}\n"
