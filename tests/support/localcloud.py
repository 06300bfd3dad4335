"""The local cloud as a process of its own, for tests that go through Google's client libraries.

`running` starts one and ends it. The fixture `local_cloud` is one for the whole test session: a test brings
its own accounts, buckets, topics and queues.
"""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

START_SECONDS = 60
STOP_SECONDS = 10
ROOT = Path(__file__).parents[2]
TLS_ROOTS = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"


@dataclass(frozen=True)
class LocalCloud:
    """Where a local cloud listens, in the words of its ready file, and its control questions."""

    pid: int
    http: str
    grpc: str
    ads: str
    clock: str
    issuer: str
    keys: str
    token_uri: str
    credentials: str
    certificate: str

    def ask(self, path: str) -> Any:
        """GET of a control question with a JSON answer."""
        return json.loads(self.raw(path))

    def raw(self, path: str) -> bytes:
        with urlopen(f"{self.http}{path}") as answer:
            content: bytes = answer.read()
        return content

    def order(self, path: str, body: Any) -> None:
        """POST of a control order; raises HTTPError when it is not understood."""
        self.send(path, json.dumps(body).encode())

    def send(self, path: str, content: bytes) -> None:
        with urlopen(Request(f"{self.http}{path}", content)):
            pass

    def fault(self, **fault: Any) -> None:
        """Adds one fault; its id is made of what it is aimed at."""
        name = "/".join(str(fault.get(word, "")) for word in ("service", "method", "account", "action"))
        self.order("/control/faults", [{"id": name, **fault}])


@contextmanager
def running(directory: Path, *arguments: str) -> Iterator[LocalCloud]:
    """A local cloud in `directory`, with more command line arguments, from its start to its end."""
    ready_file = directory / "ready.json"
    command = [
        sys.executable,
        "-m",
        "infra.local",
        "--state",
        str(directory),
        "--ready-file",
        str(ready_file),
    ]
    with subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            _wait_for_first_line(process)
            yield LocalCloud(pid=process.pid, **json.loads(ready_file.read_text(encoding="utf-8")))
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _wait_for_first_line(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    assert readable, f"the local cloud was not ready in {START_SECONDS} s"
    assert process.stdout.readline(), f"the local cloud ended with {process.wait()}: its errors are above"


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """One for all tests: a simulated second lasts 10 ms, a Google Ads job 60 simulated seconds."""
    directory = tmp_path_factory.mktemp("cloud")
    with (
        running(directory, "--speed", "100", "--ads-job-seconds", "60") as cloud,
        pytest.MonkeyPatch.context() as environment,
    ):
        # gRPC reads it once in a process, at the first TLS channel: no other cloud's Google Ads can be called
        environment.setenv(TLS_ROOTS, cloud.certificate)
        yield cloud
