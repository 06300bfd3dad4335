"""Installs a bundle as the platform does: the zip's files in a folder, its pinned requirements in a clean environment."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from venv import EnvBuilder
from zipfile import ZipFile

_PATIENCE = 300.0
_UV = Path(sys.executable).with_name("uv")
_SILENCE = ("Failed to fetch", "network was disabled", "NewConnectionError", "ConnectTimeout")
"""How uv and pip say that the package index does not answer. A hash that does not fit reads otherwise."""


class IndexOutOfReach(Exception):
    """The package index does not answer. With a network it would."""


class NotInstalled(Exception):
    """The requirements cannot be installed as they are pinned; the text is the installer's."""


@dataclass(frozen=True)
class Installed:
    """`folder` holds what the zip holds. `environment` knows nothing but the bundle's requirements."""

    folder: Path
    environment: Path

    def tool(self, name: str) -> str:
        return str(self.environment / "bin" / name)


def install(zipped: Path, place: Path, *more: str) -> Installed:
    """`more` are further words for the installer."""
    bundle = Installed(place / "bundle", place / "environment")
    with ZipFile(zipped) as archived:
        archived.extractall(bundle.folder)
    EnvBuilder(symlinks=True).create(bundle.environment)
    pinned = ("--require-hashes", "-r", str(bundle.folder / "requirements.txt"), *more)
    _run(*_installer(bundle.tool("python")), *pinned)
    return bundle


def _installer(python: str) -> tuple[str, ...]:
    """uv links what its cache has already; pip, where uv cannot run, unpacks it again."""
    if _UV.exists():
        return (str(_UV), "pip", "install", "--quiet", "--system-certs", "--python", python)
    return (
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--disable-pip-version-check",
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if done.returncode and any(words in done.stderr for words in _SILENCE):
        raise IndexOutOfReach(done.stderr.strip())
    if done.returncode:
        raise NotInstalled(done.stderr.strip())
