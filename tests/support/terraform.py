"""Terraform itself, for tests that ask it. A laptop may be without it; where CI=true says that nobody watches, that is a failure."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from services.console import environment

_PATIENCE = 60.0
NO_PROVIDER: Mapping[str, str] = {}
_FOREIGN = ("TF_", "GOOGLE_")
"""What a developer's shell tells Terraform is not what the tests tell it."""


def program() -> str:
    found = shutil.which("terraform")
    if found is None and environment.inherited().get("CI") == "true":
        pytest.fail("terraform is missing: install 1.9 or newer")
    if found is None:
        pytest.skip("terraform is missing; with it this test asks it")
    return found


def evaluate(expression: str, folder: Path) -> Any:
    """The value of an expression that needs no provider, read from the files of `folder`. Numbers come as they are written."""
    told = run(folder, "console", words=f"jsonencode({expression})\n")
    assert told.returncode == 0, told.stderr
    return json.loads(json.loads(told.stdout), parse_int=str, parse_float=str)


def run(
    folder: Path, *arguments: str, words: str = "", provider: Mapping[str, str] = NO_PROVIDER
) -> subprocess.CompletedProcess[str]:
    """`words` go to its standard input. `provider`: what tests/support/offline/serve.py tells of itself."""
    command = [program(), f"-chdir={folder}", *arguments]
    with TemporaryDirectory() as place:
        settings = Path(place, "terraformrc")
        settings.write_text("disable_checkpoint = true\n")
        environ = {**_environment(settings), **provider}
        return subprocess.run(
            command, input=words, env=environ, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )


def _environment(settings: Path) -> dict[str, str]:
    kept = {name: value for name, value in environment.inherited().items() if not name.startswith(_FOREIGN)}
    told = {
        # It runs for a second, a tenth of which would be spent on collecting garbage.
        "GOGC": "400",
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_CLI_ARGS": "-no-color",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }
    return kept | told
