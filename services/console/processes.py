"""Starts the processes of a local deployment, starts again what dies, and leaves nothing behind.

Each process leads a group of its own, so that a signal to the group reaches gunicorn's workers too, and a
Ctrl-C on the terminal reaches nobody but the console.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired
from types import TracebackType
from typing import Self

from shared.errors import SluiceError

_READY_WITHIN = 60.0
_BETWEEN_LOOKS = 0.05
_GRACE = 3.0
_EARLY = 3.0
_EARLY_DEATHS = 3
_TAIL = 2_000


class ProcessFailed(SluiceError):
    """A process that cannot do its work. The text ends with the last lines of its log: there is the cause."""


def _to_nobody(_: int) -> None:
    pass


@dataclass(frozen=True)
class Program:
    """`environment` is the whole of it. A `lasting` program is started again when it dies. `announce` hears the
    pid of every start."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    lasting: bool = True
    announce: Callable[[int], None] = _to_nobody


@dataclass(frozen=True)
class _Running:
    """`early_deaths` in a row, just after a start, mean that another start would end in the same way."""

    program: Program
    process: Popen[bytes]
    started: float
    early_deaths: int = 0


class Supervisor:
    """A context manager: whoever leaves it has stopped everything."""

    def __init__(self, grace: float = _GRACE, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`grace`: seconds between SIGTERM and SIGKILL."""
        self._grace = grace
        self._monotonic = monotonic
        self._running: dict[str, _Running] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        self._spawn(program, 0)

    def pids(self) -> dict[str, int]:
        return {name: running.process.pid for name, running in self._running.items()}

    def await_ready(self, name: str, ready: Callable[[], bool]) -> None:
        """Raises ProcessFailed when the process ends or takes a minute."""
        deadline = self._monotonic() + _READY_WITHIN
        running = self._running[name]
        while not ready():
            with suppress(TimeoutExpired):
                running.process.wait(_BETWEEN_LOOKS)
                raise _failed(running, f"ended with status {running.process.returncode} at its start")
            if self._monotonic() > deadline:
                raise _failed(running, f"was not ready within {_READY_WITHIN:.0f} seconds")

    def tend(self) -> list[str]:
        """Starts again what has died, and names it. Raises ProcessFailed when another start is no use."""
        dead = [running for running in self._running.values() if running.process.poll() is not None]
        for running in dead:
            self._revive(running)
        return [running.program.name for running in dead]

    def stop(self) -> None:
        """SIGTERM to every group, SIGKILL to what is left of it after the grace."""
        for running in self._running.values():
            _signal_group(running.process, signal.SIGTERM)
        deadline = self._monotonic() + self._grace
        for running in self._running.values():
            with suppress(TimeoutExpired):
                running.process.wait(max(0.0, deadline - self._monotonic()))
            _end_group(running.process)
        self._running.clear()

    def _revive(self, running: _Running) -> None:
        _end_group(running.process)  # a worker whose master is gone would still hold the port
        early = self._monotonic() - running.started < _EARLY
        deaths = running.early_deaths + 1 if early else 0
        if not running.program.lasting or deaths >= _EARLY_DEATHS:
            raise _failed(running, f"ended with status {running.process.returncode}")
        self._spawn(running.program, deaths)

    def _spawn(self, program: Program, early_deaths: int) -> None:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            process = Popen(
                program.command,
                cwd=program.folder,
                env=dict(program.environment),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running[program.name] = _Running(program, process, self._monotonic(), early_deaths)
        program.announce(process.pid)


def answers_http(port: int) -> bool:
    """Any status will do: who answers at all is up."""
    connection = HTTPConnection("127.0.0.1", port, timeout=1.0)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _signal_group(process: Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _end_group(process: Popen[bytes]) -> None:
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _failed(running: _Running, what: str) -> ProcessFailed:
    log = running.program.log
    return ProcessFailed(f"{running.program.name} {what}; its log, {log}, ends with:\n{tail(log)}")


def tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read().decode(errors="replace").strip()
