"""`sluice` as somebody at a terminal, or a program, runs it against a deployment.

What it prints as JSON has the form that is written down in docs/schemas.
"""

import json
import os
import pty
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from services.console import environment

SLUICE = Path(sys.executable).with_name("sluice")
SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
OUT_OF_REACH = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:9"}
"""The discard port."""


def sluice(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Nobody sits there to be asked."""
    return subprocess.run(
        [SLUICE, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment.inherited() | variables,
        check=False,
        timeout=120,
    )


def documents(command: str, told: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """One JSON object a line."""
    found: list[dict[str, Any]] = [json.loads(line) for line in told.stdout.splitlines()]
    for each in found:
        _form(command).validate(each)
    return found


@cache
def _form(command: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{command}.json").read_text(encoding="utf-8")))


def on_a_terminal(answer: bytes, *words: str) -> tuple[int, str]:
    """With a terminal for its questions, and somebody who answers them."""
    terminal, other_end = pty.openpty()
    try:
        with subprocess.Popen(
            [SLUICE, *words],
            stdin=other_end,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment.inherited(),
        ) as process:
            os.write(terminal, answer)
            told, _ = process.communicate(timeout=120)
        return process.returncode, told
    finally:
        os.close(terminal)
        os.close(other_end)
