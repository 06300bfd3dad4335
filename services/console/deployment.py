"""Brings up the whole of Sluice on this machine: the local cloud, what Terraform would create, the three services.

Every part is a process of its own and is met on the wire, as in a real deployment.
"""

import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from infra.load import load_accounts, load_topology
from infra.provision import Admin, Site, provision
from infra.render import topology_json
from services.console import environment, programs
from services.console.control import Control
from services.console.processes import Program, Supervisor, answers_http
from services.console.programs import Options
from services.console.site import SERVICES, Ready, client_variables, site, token_variables
from shared.model.account import Account
from shared.model.topology import Topology
from shared.names import SWEEP_PATH
from shared.settings import from_environment

Service = Callable[[Options, str, int, Mapping[str, str], Callable[[int], None]], Program]
"""How a service is started: `programs.service` from the tree, another from where it was installed."""


@dataclass(frozen=True)
class Deployment:
    """What is up. `variables` make a process its client."""

    control: Control
    site: Site
    admin: Admin
    topology: Topology
    accounts: tuple[Account, ...]
    variables: Mapping[str, str]


def bring_up(options: Options, supervisor: Supervisor, service: Service = programs.service) -> Deployment:
    """Returns when everything answers. ConfigurationError before anything is started, ProcessFailed after."""
    topology, accounts = load_topology(), load_accounts()
    ready = _start_cloud(options, supervisor)
    document = options.folder / "topology.json"
    document.write_bytes(topology_json(topology))
    variables = client_variables(ready, options.foreign, document)
    control, ports = Control(ready.http), _free_ports()
    for name, port in ports.items():
        supervisor.start(service(options, name, port, variables, partial(control.register, name)))
    environment.become(variables)
    admin = Admin.connect(from_environment(variables | token_variables("ingest", ports["ingest"])))
    provision(admin, site(ports), topology, accounts)
    if "ads" not in options.foreign:
        control.declare(accounts)
    _schedule_sweep(control, site(ports), topology.sweep.period_seconds)
    for name, port in ports.items():
        supervisor.await_ready(name, partial(answers_http, port))
    return Deployment(control, site(ports), admin, topology, accounts, variables)


def _schedule_sweep(control: Control, site: Site, period: float) -> None:
    uploader = site.endpoints["uploader"]
    control.schedule("sweep", f"{uploader}{SWEEP_PATH}", uploader, site.task_invoker, period)


def _start_cloud(options: Options, supervisor: Supervisor) -> Ready:
    ready_file = options.folder / "ready.json"
    ready_file.parent.mkdir(parents=True, exist_ok=True)
    ready_file.unlink(missing_ok=True)
    supervisor.start(programs.cloud(options, ready_file))
    supervisor.await_ready("cloud", ready_file.exists)
    return Ready.read(ready_file)


def _free_ports() -> dict[str, int]:
    """One for each service. All are held at once, so that no two are the same."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in SERVICES]
        return {name: each.getsockname()[1] for name, each in zip(SERVICES, sockets, strict=True)}
