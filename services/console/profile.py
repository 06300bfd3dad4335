"""Which deployment a command is about: what the environment says, unless `sluice --profile FILE`, `--project` or `--region` say else.

A profile is a file of `export NAME=value` lines, as `sluice local` writes build/local/env, and as a deployment's outputs can be kept.
"""

import shlex
from pathlib import Path

from shared.errors import ConfigurationError


def read_profile(path: Path) -> dict[str, str]:
    """The variables that the file exports. ConfigurationError names the first line that is something else."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the profile {path} cannot be read: {type(error).__name__}") from error
    return dict(_export(path, number, line) for number, line in enumerate(lines, 1) if _says(line))


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _export(path: Path, number: int, line: str) -> tuple[str, str]:
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if words[:1] == ["export"]:
        words = words[1:]
    name, equals, value = words[0].partition("=") if len(words) == 1 else ("", "", "")
    if not equals or not name.isidentifier():
        raise ConfigurationError(f"{path}:{number}: expected export NAME=value")
    return name, value
