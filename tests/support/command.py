"""`sluice` as somebody at a terminal, or a program, runs it against a deployment.

What it prints as JSON has the form that is written down in docs/schemas.
"""

import json
import os
import pty
import subprocess
import sys
import termios
from functools import cache
from pathlib import Path
from select import select
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


def on_a_terminal(answer: bytes, *words: str, whole: bool = False) -> tuple[int, str]:
    """With a terminal for its questions, and somebody who answers them. `whole`: what it prints goes there, too."""
    terminal, other_end = pty.openpty()
    termios.tcsetwinsize(other_end, (40, 160))
    try:
        with subprocess.Popen(
            [SLUICE, *words],
            stdin=other_end,
            stdout=other_end if whole else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment.inherited() | {"TERM": "xterm-256color"},
        ) as process:
            os.write(terminal, answer)
            told = _screen(terminal, process) if whole else process.communicate(timeout=120)[0]
        return process.returncode, told.decode()
    finally:
        os.close(terminal)
        os.close(other_end)


def _screen(terminal: int, process: subprocess.Popen[bytes]) -> bytes:
    """All that was drawn until it ended."""
    told = b""
    while select([terminal], [], [], 0.5)[0] or process.poll() is None:
        if select([terminal], [], [], 0)[0]:
            told += os.read(terminal, 65536)
    return told
