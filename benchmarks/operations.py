"""What a segment makes Google's services do: `python -m benchmarks.operations [--write]`.

Carries segments through the whole of Sluice in the local cloud, one after the other with no sweep beside, and counts the calls at
its servers: of 2 parts, of 12, of 24 in two stages, and one whose job takes two hours; then single sweeps with no, some and more
to look at. Parts have 1,000 people instead of 50,000 and requests 100 instead of 5,000: that changes bytes, not calls. Each
Add takes 60 s, in simulated time, so that leases are renewed and credentials read as often as they would be.
--write stores the counts in benchmarks/operations.json, which docs/cost.md is made from (`python -m infra.reference`).
"""

import argparse
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from infra.cost.measured import MEASURED, Measured, Run, Sweep
from infra.cost.page import measured_table
from infra.cost.usage import Usage
from infra.load import load_topology
from infra.render import topology_json
from services.console import programs
from services.console.processes import Program
from services.console.programs import Options
from services.console.site import PROJECT
from shared.model.account import Account
from shared.names import SWEEP_PATH, credential_secret, parse_task
from tests.support.flow import ADD, Call, Flow, Landed, done, running
from tests.support.taps import Message

SPEED = 120.0
PART, FRAMES, STAGE = 1_000, 10, 20
"""People in a part, requests that it takes, parts in a stage: as deployed but for the first."""
REQUEST_SECONDS, LOCAL_SECONDS = 60.0, 2.0 + 1.5 * 0.2
"""What an Add is to take, and what it takes in the local cloud by itself."""
JOB_SECONDS, LONG_JOB_SECONDS = 60.0, 7200.0
LEAST_BYTES = 1000
"""Pub/Sub charges no request less."""
QUIET = 2.0
"""Real seconds without a call: longer than anything takes that follows something else."""
NEVER, PERIOD = 1e9, 600.0
CLASS_A = {f"objects.{each}" for each in ("insert", "list", "patch", "update", "compose", "copy", "rewrite")}
CLASS_B = {"objects.get", "objects.media", "buckets.get"}
SERVICES = ("ingest", "chunker", "uploader")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help=f"store the counts in {MEASURED.name}")
    write = arguments.parse_args().write
    with TemporaryDirectory() as place, running(Path(place), service, speed=SPEED) as flow:
        measured = measure(flow)
    print(measured_table(measured))
    if write:
        MEASURED.write_text(json.dumps(asdict(measured), indent=2) + "\n", encoding="utf-8")


def service(
    options: Options, name: str, port: int, variables: Mapping[str, str], announce: Callable[[int], None]
) -> Program:
    """As deployed, with small parts and a log of the usual length."""
    document, topology = options.folder / "small-topology.json", load_topology()
    small = replace(
        topology.chunking,
        part_records=PART,
        frame_identifiers=2 * PART // FRAMES,  # an email and a phone number each
        stage_operations=STAGE * PART,
    )
    document.write_bytes(topology_json(replace(topology, chunking=small)))
    quiet = options.inherited | {"SLUICE_LOG_LEVEL": "INFO", "GUNICORN_LOG_LEVEL": "info"}
    told = {**variables, "SLUICE_TOPOLOGY": str(document)}
    return programs.service(replace(options, inherited=quiet), name, port, told, announce)


def measure(flow: Flow) -> Measured:
    schedule(flow, NEVER)
    bare = swept(flow, 0, 0)
    carried(flow, 1, JOB_SECONDS)  # what is made once for each process is made
    short, long = carried(flow, 2, JOB_SECONDS), carried(flow, 12, JOB_SECONDS)
    staged, slow = carried(flow, 24, JOB_SECONDS), carried(flow, 2, LONG_JOB_SECONDS)
    idle = swept(flow, 5, 0)
    hold(flow)
    few = swept(flow, 6, 1)
    hold(flow)
    hold(flow)
    many = swept(flow, 8, 3)
    return Measured(
        f"{cpu()}, Python {platform.python_version()}", "python -m benchmarks.operations --write", PART, FRAMES,
        short, long, staged, slow, bare, idle, few, many,
    )  # fmt: skip


def carried(flow: Flow, parts: int, job_seconds: float) -> Run:
    account = new_account(flow, job_seconds)
    window = Window(flow)
    landed = flow.land(f"{account.id}/buyers/append/people.csv", people(parts * PART))
    for number in range(1, parts + 1):  # one after the other: all together may take longer than a test waits
        flow.until(lambda number=number: delivered(flow, landed) >= number, f"part {number}")  # type: ignore[misc]
    flow.outcome(landed)
    flow.until(lambda: not flow.tasks(account), f"an empty queue of {account.id}")
    usage, calls = window.close()
    kinds = [kind for kind in map(kind_of, calls) if kind]
    return Run(parts, -(-parts // STAGE), kinds.count("follow"), usage)


def delivered(flow: Flow, landed: Landed) -> int:
    return sum(event.type == "part.completed" for event in flow.events(landed))


def hold(flow: Flow) -> None:
    """One more account with an open run: its one part waits in a queue that does not go."""
    account = new_account(flow, JOB_SECONDS)
    flow.deployment.admin.tasks.pause_queue(name=flow.deployment.site.queue(account.id))
    flow.land(f"{account.id}/buyers/append/people.csv", people(PART))
    flow.until(lambda: flow.tasks(account), f"tasks of {account.id}")


def new_account(flow: Flow, job_seconds: float) -> Account:
    """Under a credential of its own."""
    account = flow.account("buyers")
    named = replace(account, credential=f"credential-{account.id}")
    flow.configure(named)
    grant = {"refresh_token": f"1//{account.id}", "client_id": f"{account.id}.apps", "client_secret": "hush"}
    control = flow.deployment.control
    control.declare_grant(**grant)
    secret = {"type": "authorized_user", "token_uri": f"{control.url}/identity/token", **grant}
    control.put_secret(
        f"projects/{PROJECT}/secrets/{credential_secret(named.credential)}", json.dumps(secret)
    )
    flow.tell_ads(account.id, jobs_take=job_seconds)
    slower = {"action": "delay", "seconds": REQUEST_SECONDS - LOCAL_SECONDS, "times": 10**6}
    flow.fault(service="google_ads", method=ADD, account=account.id, **slower)
    return account


def people(number: int) -> bytes:
    rows = (b"p%d@example.com,+4791%06d\n" % (each, each) for each in range(number))
    return b"email,phone\n" + b"".join(rows)


def swept(flow: Flow, accounts: int, waiting: int) -> Sweep:
    """The second of two: what the first one loads and looks up is once for each process."""
    one_sweep(flow)
    return Sweep(accounts, waiting, one_sweep(flow))


def one_sweep(flow: Flow) -> Usage:
    """Alone. Nothing that it could find is younger than what it passes over."""
    quiet(flow)
    window = Window(flow)
    schedule(flow, PERIOD)
    flow.until(lambda: window.calls("scheduler"), "a sweep")
    schedule(flow, NEVER)
    flow.until(lambda: all(done(each) for each in window.calls("scheduler")), "the sweep's end")
    usage, calls = window.close()
    assert len([call for call in calls if call["service"] == "scheduler"]) == 1
    return usage


def schedule(flow: Flow, period: float) -> None:
    site = flow.deployment.site
    uploader = site.endpoints["uploader"]
    flow.deployment.control.schedule("sweep", f"{uploader}{SWEEP_PATH}", uploader, site.task_invoker, period)


def quiet(flow: Flow) -> None:
    """Waits until nothing has been asked for a while."""
    before = -1
    while before != (now := len(flow.calls(""))):
        before = now
        Event().wait(QUIET)


class Window:
    """What happens between its making and `close`, but for what the benchmark itself does."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._heard = [len(messages) for messages in self._topics()]
        self._logs, self._stored = self._log_bytes(), self._bucket_bytes()
        self._calls = len(flow.calls(""))  # last: looking into buckets is calling

    def calls(self, service: str = "") -> list[Call]:
        return [call for call in self._flow.calls("")[self._calls :] if service in ("", call["service"])]

    def close(self) -> tuple[Usage, list[Call]]:
        quiet(self._flow)
        calls = self.calls()
        topics = [heard[start:] for heard, start in zip(self._topics(), self._heard, strict=True)]
        bytes_now = self._bucket_bytes()
        stored = {name: bytes_now[name] - self._stored[name] for name in bytes_now}
        counted = {**called(calls), **told(topics), **served(calls), **stored}
        return Usage(**counted, log_bytes=self._log_bytes() - self._logs, **pushed(calls, topics)), calls

    def _topics(self) -> list[list[Message]]:
        taps = self._flow.taps
        heard = (taps.notifications, taps.requests, taps.completions, taps.dead_letters)
        return [tap.messages for tap in heard]

    def _log_bytes(self) -> float:
        logs = (self._flow.folder / "logs" / f"{name}.log" for name in SERVICES)
        return float(sum(log.stat().st_size for log in logs))

    def _bucket_bytes(self) -> dict[str, float]:
        site, storage = self._flow.deployment.site, self._flow.deployment.admin.storage
        names = {"parts_bytes": site.parts, "work_bytes": site.work}
        return {
            name: float(sum(blob.size or 0 for blob in storage.list_blobs(bucket)))
            for name, bucket in names.items()
        }


def called(calls: Iterable[Call]) -> dict[str, float]:
    """The benchmark itself lands objects, which a segment needs, and lists tasks, which only sweeps do."""
    storage = [call for call in calls if call["service"] == "storage"]
    fine = [call["method"] for call in storage if call["status"] == "OK"]
    tasks = [call["method"] for call in calls if call["service"] == "cloudtasks"]
    ads = [call for call in calls if call["service"] == "google_ads"]
    sweeping = any(call["service"] == "scheduler" for call in calls)
    known = {"CreateTask", "dispatch"} | (set() if sweeping else {"ListTasks"})
    return {
        "storage_a": sum(method in CLASS_A for method in fine),
        "storage_b": sum(method in CLASS_B for method in fine),
        "storage_deletes": fine.count("objects.delete"),
        "storage_refused": len(storage) - len(fine),
        "tasks_created": tasks.count("CreateTask"),
        "tasks_dispatched": tasks.count("dispatch"),
        "tasks_other": sum(method not in known for method in tasks),
        "secret_accesses": sum(call["service"] == "secretmanager" for call in calls),
        "ads_requests": len(ads),
        "ads_seconds": sum(map(seconds, ads)),
    }


def told(topics: list[list[Message]]) -> dict[str, float]:
    notifications, _, completions, _ = topics
    sizes = [charged(message) for heard in topics for message in heard]
    return {
        "notifications": len(notifications),
        "published": len(sizes),
        "published_bytes": sum(sizes),
        "events": len(completions),
        "event_bytes": sum(map(charged, completions)),
    }


def pushed(calls: Iterable[Call], topics: list[list[Message]]) -> dict[str, float]:
    sizes = {message.id: charged(message) for heard in topics for message in heard}
    pushes = [sizes[call["resource"]] for call in calls if push(call)]
    return {"pushed": len(pushes), "pushed_bytes": sum(pushes)}


def charged(message: Message) -> int:
    """As Google's price list says it: body, attributes, 20 bytes for the time, the id. Each is a request of its own here."""
    attributes = sum(len(key) + len(value) for key, value in message.attributes.items())
    return max(LEAST_BYTES, len(message.data) + attributes + 20 + len(message.id))


def served(calls: list[Call]) -> dict[str, float]:
    """Requests to our services and their own seconds, of real time: what was waited for Google Ads was simulated."""
    counted: dict[str, float] = {}
    waited = sum(seconds(call) for call in calls if call["service"] == "google_ads")
    for name in SERVICES:
        requests = [call for call in calls if receiver(call) == name]
        busy = sum(map(seconds, requests)) - (waited if name == "uploader" else 0.0)
        counted |= {f"{name}_requests": len(requests), f"{name}_seconds": busy / SPEED}
    return counted


def receiver(call: Call) -> str:
    if push(call):
        return "chunker" if call["account"] == "chunker" else "ingest"
    return "uploader" if call["method"] == "dispatch" or call["service"] == "scheduler" else ""


def push(call: Call) -> bool:
    return bool(call["service"] == "pubsub" and call["method"] == "push")


def kind_of(call: Call) -> str:
    """upload, finish, follow and so on, of a dispatch."""
    parsed = parse_task(call["resource"]) if call["method"] == "dispatch" else None
    return parsed[2] if parsed else ""


def seconds(call: Call) -> float:
    return float(call["ended"] - call["started"])


def cpu() -> str:
    lines: Iterator[str] = iter(Path("/proc/cpuinfo").read_text().splitlines())
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


if __name__ == "__main__":
    main()
