"""The names of the deployment that runs on this machine, and the environment of whoever takes part in it. Pure."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra.provision import Site

PROJECT = "sluice-local"
REGION = "europe-west1"
LANDING, PARTS, WORK = f"{PROJECT}-landing", f"{PROJECT}-parts", f"{PROJECT}-work"
PUSH_INVOKER = f"push-invoker@{PROJECT}.iam.gserviceaccount.com"
TASK_INVOKER = f"task-invoker@{PROJECT}.iam.gserviceaccount.com"
SERVICES = ("ingest", "chunker", "uploader")
_INVOKERS = {"ingest": PUSH_INVOKER, "chunker": PUSH_INVOKER, "uploader": TASK_INVOKER}

SERVERS = {
    "storage": "STORAGE_EMULATOR_HOST",
    "pubsub": "PUBSUB_EMULATOR_HOST",
    "tasks": "CLOUD_TASKS_EMULATOR_HOST",
    "secrets": "SECRET_MANAGER_EMULATOR_HOST",
    "ads": "GOOGLE_ADS_ENDPOINT",
}
"""The parts of the local cloud, and the variable that names another server to use in the place of each."""


@dataclass(frozen=True)
class Ready:
    """What the local cloud says once it serves; "" for the parts that it was told to leave out."""

    http: str
    grpc: str
    ads: str
    clock: str
    issuer: str
    keys: str
    token_uri: str
    credentials: str
    certificate: str

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(**json.loads(path.read_text()))


def foreign(environment: Mapping[str, str]) -> dict[str, str]:
    """The servers that somebody else runs already, by the part of the local cloud that each stands in for."""
    return {part: environment[name] for part, name in SERVERS.items() if environment.get(name)}


def site(ports: Mapping[str, int]) -> Site:
    """`ports` are the services' own, by name."""
    return Site(
        project=PROJECT,
        region=REGION,
        landing=LANDING,
        parts=PARTS,
        work=WORK,
        endpoints={service: _endpoint(port) for service, port in ports.items()},
        push_invoker=PUSH_INVOKER,
        task_invoker=TASK_INVOKER,
    )


def client_variables(ready: Ready, others: Mapping[str, str], topology: Path) -> dict[str, str]:
    """What every client needs. `others` are foreign servers: another Google Ads keeps its own credentials."""
    plain = dict.fromkeys(("pubsub", "tasks", "secrets"), ready.grpc)
    own = {"storage": ready.http, **plain, "ads": ready.ads}
    variables = {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "SLUICE_REGION": REGION,
        "SLUICE_LANDING_BUCKET": LANDING,
        "SLUICE_PARTS_BUCKET": PARTS,
        "SLUICE_WORK_BUCKET": WORK,
        "SLUICE_TOPOLOGY": str(topology),
        "SLUICE_CLOCK": ready.clock,
        "SLUICE_TOKEN_ISSUER": ready.issuer,
        "SLUICE_TOKEN_KEYS": ready.keys,
        **{name: others.get(part) or own[part] for part, name in SERVERS.items()},
    }
    if "ads" not in others:
        variables["GOOGLE_APPLICATION_CREDENTIALS"] = ready.credentials
        variables["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = ready.certificate
    return variables


def token_variables(service: str, port: int) -> dict[str, str]:
    """Whose tokens this service accepts, and for which address they must be made."""
    return {"SLUICE_TOKEN_AUDIENCE": _endpoint(port), "SLUICE_TOKEN_EMAIL": _INVOKERS[service]}


def exports(variables: Mapping[str, str]) -> str:
    """The variables for a POSIX shell to source."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))


def _endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}/"
