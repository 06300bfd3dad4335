"""Bundles as they are deployed: each zip installed by itself, started as the platform starts it, and given real work.

The local cloud's Pub/Sub and Cloud Tasks call the services with tokens that its issuer signs; whatever library a service
loads on its way is its bundle's own.
"""

import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from subprocess import PIPE, STDOUT
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest

from infra.bundle import SERVICES, build
from infra.install import Installed, install
from services.console.processes import Program, Supervisor, answers_http
from services.console.programs import ROOT, Options
from services.console.site import token_variables
from shared import names
from shared.model.codec import decode
from shared.model.manifest import Manifest
from shared.model.segment import Segment
from tests.support.crowd import unusable, written
from tests.support.flow import Flow, running
from tests.support.promises import Sent, delivered, holds, send
from tests.support.reach import package_index

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

Bundles = Mapping[str, Installed]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    place = tmp_path_factory.mktemp("bundles")
    zips = list(build(place / "build"))
    with package_index(), ThreadPoolExecutor(len(zips)) as pool:
        installed = pool.map(lambda zipped: install(zipped, place / zipped.stem), zips)
        return dict(zip(SERVICES, installed, strict=True))


def deployed(
    bundles: Bundles,
    options: Options,
    name: str,
    port: int,
    variables: Mapping[str, str],
    announce: Callable[[int], None],
) -> Program:
    """As the platform does it: a bare command in the bundle's folder. HOST is the test's: nobody else is let in."""
    platform = {
        "FUNCTION_TARGET": name,
        "FUNCTION_SIGNATURE_TYPE": "http",
        "PORT": str(port),
        "HOST": "127.0.0.1",
    }
    bundle, told = bundles[name], settings(name, port, variables)
    command = (bundle.tool("functions-framework"),)
    return Program(name, command, told | platform, bundle.folder, options.log(name), announce=announce)


def settings(service: str, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    """What docs/settings.md asks for, and where the local cloud is. The topology is the bundle's own."""
    given = {name: value for name, value in variables.items() if name != "SLUICE_TOPOLOGY"}
    return given | token_variables(service, port)


@pytest.fixture(scope="module")
def flow(bundles: Bundles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    with running(tmp_path_factory.mktemp("deployed"), partial(deployed, bundles)) as flow:
        yield flow


@pytest.fixture(scope="module", autouse=True)
def sent(flow: Flow) -> Sent:
    """On its way while other tests run: most of what it takes is Google's job."""
    rows = [*written(flow.people.take(200)), *unusable(flow.people.take(20))]
    return send(flow, flow.account("buyers"), "buyers", "people.csv.gz", rows)


@pytest.fixture(scope="module")
def arrived(flow: Flow, sent: Sent) -> Sent:
    """Waited for once: where it never arrives, every test that needs it fails at once."""
    delivered(flow, sent)
    return sent


@pytest.mark.parametrize("service", SERVICES)
def test_a_caller_without_a_token_is_refused(flow: Flow, service: str) -> None:
    assert status_of_a_stranger(flow.deployment.site.endpoints[service]) == 401


def test_ingest_makes_a_pushed_notification_a_segment(flow: Flow, sent: Sent) -> None:
    pushes = flow.pushed("ingest", flow.notification(sent.landed).id)

    segment = decode(Segment, flow.document(names.segment_json(segment_of(flow, sent))))

    assert pushes[-1]["status"] == "OK"
    assert (segment.verdict, segment.audience, segment.sources[0].name) == (
        "accepted",
        "buyers",
        sent.landed.name,
    )


def test_the_chunker_makes_a_pushed_request_parts_and_their_manifest(flow: Flow, sent: Sent) -> None:
    pushes = flow.pushed("chunker", flow.request(sent.landed).id)

    manifest = decode(Manifest, flow.document(names.manifest_json(segment_of(flow, sent), 1)))
    (part,) = manifest.parts

    assert pushes[-1]["status"] == "OK"
    assert (part.records, manifest.rejected) == (200, 20)
    assert flow.deployment.admin.storage.bucket(flow.deployment.site.parts).get_blob(part.name)


def test_the_uploader_makes_dispatched_tasks_an_audience(flow: Flow, arrived: Sent) -> None:
    dispatches = flow.calls("cloudtasks", "dispatch", names.queue_id(arrived.account.id))

    holds(flow, arrived.account, "buyers", arrived.rows)
    assert {call["status"] for call in dispatches} == {"OK"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_at_work_has_nothing_of_the_repository(flow: Flow, service: str, arrived: Sent) -> None:
    """Its modules are text that was read and closed; of what it has loaded, libraries are seen from outside."""
    for process in processes(flow, service):
        files = [mapped.path for mapped in process.memory_maps()]
        assert process.environ().keys() & {"PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV"} == set()
        assert str(ROOT) not in "\n".join([process.cwd(), *process.environ().values(), *files])


@pytest.mark.parametrize("service", SERVICES)
def test_a_bundle_finds_its_own_modules_and_its_requirements_and_no_others(
    bundles: Bundles, service: str
) -> None:
    bundle = bundles[service]

    found = said(bundle, "import main, sys; print(sys.path, *sys.modules.values())")

    assert str(bundle.folder / "shared/edge/face.py") in found
    assert str(ROOT) not in found
    for absent in ("infra", "tests", "services.console", "pytest", "pip"):
        assert f"No module named '{absent}'" in said(bundle, f"import {absent}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_bundle_starts_by_its_target_on_the_command_line_too(
    bundles: Bundles, flow: Flow, service: str, tmp_path: Path
) -> None:
    port, bundle = free_port(), bundles[service]
    words = ("--target", service, "--host", "127.0.0.1", "--port", str(port))
    command = (bundle.tool("functions-framework"), *words)
    told = settings(service, port, flow.deployment.variables)

    with Supervisor() as supervisor:
        supervisor.start(Program(service, command, told, bundle.folder, tmp_path / "log"))
        supervisor.await_ready(service, partial(answers_http, port))

        assert status_of_a_stranger(f"http://127.0.0.1:{port}/") == 401


def status_of_a_stranger(url: str) -> int:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(url, b"{}"), timeout=30)
    with refused.value as answer:
        return answer.code


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
    return port


def segment_of(flow: Flow, sent: Sent) -> str:
    pinned = flow.until(lambda: list(flow.ledger(f"segments/{sent.account.id}-buyers-append")), "a segment")
    return pinned[0].split("/")[1]


def processes(flow: Flow, service: str) -> list[psutil.Process]:
    """The server and its workers."""
    server = psutil.Process(flow.supervisor.pids()[service])
    return [server, *server.children(recursive=True)]


def said(bundle: Installed, program: str) -> str:
    """What a Python program says, to whom ever, in the bundle's folder and an empty environment."""
    command = (bundle.tool("python"), "-c", program)
    done = subprocess.run(
        command, cwd=bundle.folder, env={}, stdout=PIPE, stderr=STDOUT, text=True, check=False
    )
    return done.stdout
