"""The command line: what it answers to whom, and with which exit code."""

import json
import os
from pathlib import Path

import pytest

from infra.load import ACCOUNTS, TOPOLOGY
from services.console import memory
from services.console.lock import AlreadyRunning, alone_in
from services.console.main import run


def test_the_repositorys_own_configuration_is_fit_to_be_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "check"]) == 0
    assert "nothing wrong" in capsys.readouterr().out


def test_a_mistake_is_named_with_its_place_and_its_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text(ACCOUNTS.read_text().replace('default_region: "NO"', 'default_regoin: "NO"', 1))

    assert run(["config", "check", "--accounts", str(accounts)]) == 1
    assert f"{accounts}:" in capsys.readouterr().err


def test_the_problems_are_there_for_programs_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["config", "check", "--json", "--topology", str(tmp_path / "none.yaml")]

    assert run(words) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert said["problems"][0]["what"] == "no such file"
    assert run(["config", "check", "--json", "--topology", str(TOPOLOGY)]) == 0


@pytest.mark.parametrize(
    "words", [["nonsense"], ["demo", "--rows", "1"], ["demo", "--speed", "fast"], ["local", "x"]]
)
def test_wrong_usage_is_exit_code_2_and_says_why(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert "Error: " in capsys.readouterr().err


def test_the_demo_needs_its_own_google_ads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOOGLE_ADS_ENDPOINT", "ads.test:443")

    assert run(["demo"]) == 2
    assert "unset GOOGLE_ADS_ENDPOINT" in capsys.readouterr().err


def test_a_second_console_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with alone_in(tmp_path / "demo"), pytest.raises(AlreadyRunning), alone_in(tmp_path / "demo"):
        pass
    with alone_in(tmp_path / "demo"):
        pass


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="known on Linux only")
def test_the_peak_memory_of_a_process_is_known_while_it_lives() -> None:
    (own, *_) = memory.peaks({"test": os.getpid()})["test"]

    assert 5_000_000 < own < 50_000_000_000


def test_nothing_is_known_of_the_memory_of_who_is_gone() -> None:
    assert memory.peaks({"gone": 2**30}) == {}
