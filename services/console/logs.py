"""Reads along in the services' log files and picks the lines that somebody should see."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TOLD = frozenset(("time", "severity", "message", "service", "trace"))


@dataclass
class LogReader:
    """`notable` gives each line once. A file that is not there yet has no lines."""

    files: Mapping[str, Path]
    _read: dict[str, int] = field(default_factory=dict)

    def notable(self) -> list[tuple[str, str]]:
        """(service, words) of the warnings and errors written since the last time."""
        return [(name, said) for name in self.files for line in self._new(name) if (said := noteworthy(line))]

    def _new(self, name: str) -> Iterator[str]:
        """Whole lines only: what is being written comes the next time."""
        path = self.files[name]
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read.get(name, 0))
            for line in file:
                if line.endswith(b"\n"):
                    self._read[name] = self._read.get(name, 0) + len(line)
                    yield line.decode(errors="replace").rstrip()


def noteworthy(line: str) -> str:
    """The line in short if it is an error or no log line of ours (a traceback, gunicorn), "" if it is routine."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or entry.get("severity") not in ("ERROR", "CRITICAL"):
        return ""
    return f"{entry.get('message', '')} {_details(entry)}".strip()


def _details(entry: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in entry.items() if key not in _TOLD and value != "")
