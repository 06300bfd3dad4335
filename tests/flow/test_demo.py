"""`sluice demo`, as a user starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.console.programs import ROOT

SLUICE = [sys.executable, "-c", "from services.console.main import main; main()"]


@pytest.mark.flow
@pytest.mark.timeout(400)
def test_a_small_demo_delivers_everybody_through_all_its_faults(tmp_path: Path) -> None:
    nothing_set = {"PATH": os.defpath, "HOME": str(tmp_path)}

    run = subprocess.run(
        [*SLUICE, "demo", "--rows", "700", "--json"],
        cwd=ROOT,
        env=nothing_set,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    report = json.loads(run.stdout)
    assert report["ok"]
    assert report["faults_seen"] == report["faults_injected"] > 10
    assert len(report["segments"]) == 7
    assert {segment["state"] for segment in report["segments"]} == {"completed"}
    assert sum(segment["received"] for segment in report["segments"]) == 700
    assert {account["max_in_flight"] for account in report["accounts"]} == {1}
    assert 0 < sum(segment["refused"] for segment in report["segments"]) < 50
    (pause,) = report["pauses"]
    assert (pause["account"], pause["cause"], pause["resumed"]) == ("9876543210", "terms_not_accepted", True)
    assert "operator" in run.stderr
