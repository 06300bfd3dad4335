"""What a new instance of each service costs before its first answer: `python benchmarks/cold_start.py [--rounds N]`.

Every bundle is built, unzipped and installed by itself, as the platform does it. Then fresh processes, the services in
turn, import the face and make the clients that the service's first full request needs; medians count. Nothing is
called: the clients' servers do not exist. Bytecode is there already, as pip leaves it.
"""

import argparse
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from infra.bundle import build
from infra.install import Installed, install

MIB = 1024 * 1024
NOBODY = "127.0.0.1:9"  # the discard port
SETTINGS = {
    "GOOGLE_CLOUD_PROJECT": "benchmark",
    "SLUICE_REGION": "europe-west1",
    "SLUICE_LANDING_BUCKET": "landing",
    "SLUICE_PARTS_BUCKET": "parts",
    "SLUICE_WORK_BUCKET": "work",
    "STORAGE_EMULATOR_HOST": f"http://{NOBODY}",
    "PUBSUB_EMULATOR_HOST": NOBODY,
    "CLOUD_TASKS_EMULATOR_HOST": NOBODY,
}
USER = {"type": "authorized_user", "client_id": "nobody", "client_secret": "none", "refresh_token": "none"}
CLIENTS = {
    "ingest": "ports.ledger, ports.publisher",
    "chunker": "ports.ledger, ports.publisher, ports.queues",
    "uploader": "main._destination().calling.connections.of(''), ports.ledger, ports.publisher, ports.queues",
}
PROGRAM = """
import json, time
from pathlib import Path

def rss():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024

cpu, wall = time.process_time(), time.perf_counter()
import main
imported = {{"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "rss": rss()}}
cpu, wall = time.process_time(), time.perf_counter()
ports = main.ports_for(main.from_environment())
{clients}
made = {{"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "rss": rss()}}
print(json.dumps([imported, made]))
"""


@dataclass(frozen=True)
class Subject:
    """One service's bundle where it is installed."""

    service: str
    zipped: Path
    installed: Installed

    def run(self, settings: Mapping[str, str]) -> list[dict[str, float]]:
        """One fresh process: what the import took, and what the clients took on top of it."""
        command = (self.installed.tool("python"), "-c", PROGRAM.format(clients=CLIENTS[self.service]))
        done = subprocess.run(
            command, cwd=self.installed.folder, env=dict(settings), check=True, capture_output=True
        )
        measured: list[dict[str, float]] = json.loads(done.stdout)
        return measured


def subjects(place: Path) -> list[Subject]:
    return [
        Subject(zipped.stem, zipped, install(zipped, place / zipped.stem))
        for zipped in build(place / "build")
    ]


def requirements_mib(installed: Installed) -> float:
    """Without bytecode, which depends on what was imported already."""
    files = installed.environment.glob("lib/*/site-packages/**/*")
    return sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc") / MIB


def row(subject: Subject, runs: list[list[dict[str, float]]]) -> str:
    imported, made = (
        {key: median(run[step][key] for run in runs) for key in runs[0][step]} for step in (0, 1)
    )
    zipped = subject.zipped.stat().st_size / 1024
    return (
        f"| {subject.service} | {zipped:.0f} KiB | {requirements_mib(subject.installed):.0f} MiB "
        f"| {imported['cpu']:.2f} | {imported['wall']:.2f} | {imported['rss']:.0f} MiB "
        f"| {made['cpu']:.2f} | {made['wall']:.2f} | {made['rss']:.0f} MiB |"
    )


def measure(place: Path, rounds: int) -> None:
    user = place / "user.json"
    user.write_text(json.dumps(USER))
    settings = SETTINGS | {"GOOGLE_APPLICATION_CREDENTIALS": str(user)}
    found = subjects(place)
    for subject in found:
        subject.run(settings)  # writes the bytecode
    runs = [[subject.run(settings) for subject in found] for _ in range(rounds)]
    print("| bundle | zip | requirements | import: CPU s | wall s | RSS | clients: CPU s | wall s | RSS |")
    print("|---|---|---|---|---|---|---|---|---|")
    for subject, its in zip(found, zip(*runs, strict=True), strict=True):
        print(row(subject, list(its)))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    with TemporaryDirectory() as place:
        measure(Path(place), arguments.parse_args().rounds)


if __name__ == "__main__":
    main()
