"""The supervisor, with real processes that are small."""

import os
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from signal import SIGKILL
from threading import Thread

import psutil
import pytest

from services.console.processes import ProcessFailed, Program, Supervisor, answers_http

FOR_EVER = "import signal; print('up', flush=True); signal.pause()"
WITH_A_CHILD = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {FOR_EVER!r}])
print(child.pid, flush=True)
child.wait()
"""
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
BROKEN = "raise SystemExit('no such module')"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(grace=0.5) as supervisor:
        yield supervisor


def test_what_dies_is_started_again_and_its_new_pid_announced(supervisor: Supervisor, tmp_path: Path) -> None:
    pids: list[int] = []
    supervisor.start(program(tmp_path, FOR_EVER, announce=pids.append))
    supervisor.await_ready("one", lambda: log_of(tmp_path).count("up") == 1)

    kill(pids[0])

    assert supervisor.tend() == ["one"]
    assert supervisor.tend() == []
    assert supervisor.pids() == {"one": pids[1]}
    supervisor.await_ready("one", lambda: log_of(tmp_path).count("up") == 2)


def test_the_workers_of_a_killed_master_go_before_it_is_started_again(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, WITH_A_CHILD))
    supervisor.await_ready("one", lambda: len(log_of(tmp_path).split()) == 2)
    worker = next(int(word) for word in log_of(tmp_path).split() if word.isdecimal())

    kill(supervisor.pids()["one"])
    supervisor.tend()

    wait_until_gone(worker)


@pytest.mark.parametrize("code", [FOR_EVER, WITH_A_CHILD, DEAF])
def test_whoever_leaves_the_supervisor_leaves_nothing_running(tmp_path: Path, code: str) -> None:
    with Supervisor(grace=0.5) as supervisor:
        supervisor.start(program(tmp_path, code))
        supervisor.await_ready("one", lambda: "up" in log_of(tmp_path))
        process = psutil.Process(supervisor.pids()["one"])
        family = [process.pid, *(child.pid for child in process.children())]

    for pid in family:
        wait_until_gone(pid)


def test_a_program_that_keeps_dying_at_its_start_is_given_up_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, BROKEN))
    for _ in range(2):
        wait_for_end(supervisor.pids()["one"])
        supervisor.tend()
    wait_for_end(supervisor.pids()["one"])

    with pytest.raises(ProcessFailed, match="no such module"):
        supervisor.tend()


def test_a_program_that_ends_instead_of_getting_ready_has_failed(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, BROKEN))

    with pytest.raises(ProcessFailed, match="one ended with status 1 at its start"):
        supervisor.await_ready("one", lambda: False)


def test_a_program_that_must_not_die_is_not_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, FOR_EVER, lasting=False))

    kill(supervisor.pids()["one"])

    with pytest.raises(ProcessFailed, match="status -9"):
        supervisor.tend()


def test_any_http_answer_means_that_a_service_is_up() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # knows no method: answers 501
        thread = Thread(target=server.handle_request)
        thread.start()

        assert answers_http(server.server_port)

        thread.join()
    assert not answers_http(server.server_port)


def program(
    folder: Path, code: str, lasting: bool = True, announce: Callable[[int], None] = lambda _: None
) -> Program:
    command = (sys.executable, "-c", code)
    return Program("one", command, {"PATH": os.defpath}, folder, folder / "one.log", lasting, announce)


def log_of(folder: Path) -> str:
    return (folder / "one.log").read_text()


def kill(pid: int) -> None:
    os.kill(pid, SIGKILL)
    wait_for_end(pid)


def wait_for_end(pid: int) -> None:
    """Looks without taking the end away from who started the process."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def wait_until_gone(pid: int) -> None:
    """A killed orphan is nobody's to wait for; it goes when the system comes to it. The test's timeout is the limit."""
    while alive(pid):
        os.sched_yield()


def alive(pid: int) -> bool:
    """An orphan that nobody has collected yet is not alive either."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
