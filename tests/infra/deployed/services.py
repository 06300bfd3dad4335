"""The three services, who calls them, and what they are told."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.load import load_topology
from services.console.site import (
    PUSH_INVOKER,
    SERVERS,
    TASK_INVOKER,
    Ready,
    client_variables,
    token_variables,
)
from shared.errors import ConfigurationError
from shared.settings import Settings, from_environment
from tests.infra.deployed.alike import email, url
from tests.support.stack import PROJECT, REGION, Applied

_TOPOLOGY = load_topology()
_SERVICES = ("ingest", "chunker", "uploader")
_OF_THE_SERVER = {"THREADS", "CLOUD_RUN_TIMEOUT_SECONDS"}
_CHOSEN = {"SLUICE_NAME_PATTERN", "SLUICE_TRACES"}
_FOR_THE_LOCAL_CLOUD = {
    *SERVERS.values(),
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "SLUICE_CLOCK",
    "SLUICE_TOKEN_ISSUER",
    "SLUICE_TOKEN_KEYS",
    "SLUICE_TOPOLOGY",
}
_LOCAL_INVOKERS = {PUSH_INVOKER: "push-invoker", TASK_INVOKER: "task-invoker"}
_BUCKETS = ("landing", "parts", "work")


def functions(applied: Applied) -> dict[str, Mapping[str, Any]]:
    return {
        name.removeprefix("sluice-"): each
        for name, each in applied.by("google_cloudfunctions2_function").items()
    }


def environment(function: Mapping[str, Any]) -> dict[str, str]:
    return dict(function["service_config"][0]["environment_variables"] or {})


def every_service_is_deployed_from_its_content(applied: Applied) -> Iterator[str]:
    """A zip of other content has another name, so that it is deployed; one of the same is not."""
    if functions(applied).keys() != set(_SERVICES):
        yield f"deployed are {sorted(functions(applied))}"
    for service, values in functions(applied).items():
        (build,) = values["build_config"]
        found = (build["runtime"], build["entry_point"], build["source"][0]["storage_source"][0]["object"])
        wanted = ("python311", service, f"{service}-{sha256(service.encode()).hexdigest()}.zip")
        if found != wanted:
            yield f"{service} is {found}, not {wanted}"
        if values["event_trigger"]:
            yield f"{service} hears Eventarc beside its own subscription"


def sizes_and_times_are_those_of_the_topology(applied: Applied) -> Iterator[str]:
    for service, values in functions(applied).items():
        (config,), wanted = values["service_config"], getattr(_TOPOLOGY.services, service)
        found = {
            "timeout_seconds": config["timeout_seconds"],
            "memory_mib": int(str(config["available_memory"]).removesuffix("Mi")),
            "concurrency": config["max_instance_request_concurrency"],
            "max_instances": config["max_instance_count"],
        }
        for name, number in found.items():
            if number != getattr(wanted, name):
                yield f"{service}: {name} is {number}, not {getattr(wanted, name)}"
        server = (str(wanted.concurrency), str(wanted.timeout_seconds))
        told = tuple(environment(values).get(name) for name in ("THREADS", "CLOUD_RUN_TIMEOUT_SECONDS"))
        if told != server:
            yield f"{service}: its server is told {told}, not {server}"


def services_are_told_what_their_settings_read(applied: Applied) -> Iterator[str]:
    for service, values in functions(applied).items():
        told = environment(values)
        reads, settings = _read(told)
        if isinstance(settings, ConfigurationError):
            yield f"{service}: {settings}"
        else:
            yield from (f"{service}: {each}" for each in _wrong(service, settings))
        for name in sorted(told.keys() - reads - _OF_THE_SERVER):
            yield f"{service}: nobody reads {name}"


def services_are_told_what_those_of_the_local_cloud_are(applied: Applied) -> Iterator[str]:
    """But for what stands in for Google there, and for what a deployment may choose."""
    ready = Ready(*("made up" for _ in fields(Ready)))
    for service, values in functions(applied).items():
        local = {**client_variables(ready, {}, Path("topology.json")), **token_variables(service, 0)}
        here, there = (
            environment(values).keys() - _OF_THE_SERVER - _CHOSEN,
            local.keys() - _FOR_THE_LOCAL_CLOUD,
        )
        yield from (f"{service}: {name} is told to one of the two only" for name in sorted(here ^ there))


def _read(told: Mapping[str, str]) -> tuple[set[str], Settings | ConfigurationError]:
    """What a service asks its environment for, and what it makes of it."""
    asked = _Asked(told)
    try:
        settings: Settings | ConfigurationError = from_environment(asked)
    except ConfigurationError as error:
        settings = error
    return asked.names, settings


class _Asked(dict[str, str]):
    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__(told)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def _wrong(service: str, settings: Settings) -> Iterator[str]:
    buckets = {f"{name}_bucket": f"{PROJECT}-sluice-{name}" for name in _BUCKETS}
    invoker = _LOCAL_INVOKERS[token_variables(service, 0)["SLUICE_TOKEN_EMAIL"]]
    wanted = {
        **buckets,
        "project": PROJECT,
        "region": REGION,
        "token_audience": url(service),
        "token_email": email(invoker),
    }
    for name, value in wanted.items():
        if getattr(settings, name) != value:
            yield f"{name} is {getattr(settings, name)}, not {value}"


def callers_are_let_in_and_nobody_else(applied: Applied) -> Iterator[str]:
    """Whose token a service accepts may also call it; on the Cloud Run service, which is what is asked."""
    found = {
        (each["service"], each["role"], each["member"])
        for each in applied.all("google_cloud_run_service_iam_member")
    }
    wanted = {
        (
            f"sluice-{service}",
            "roles/run.invoker",
            f"serviceAccount:{environment(each).get('SLUICE_TOKEN_EMAIL')}",
        )
        for service, each in functions(applied).items()
    }
    yield from (f"not let in: {each}" for each in sorted(wanted - found))
    yield from (f"let in: {each}" for each in sorted(found - wanted))


def the_sweep_is_called_on_time(applied: Applied) -> Iterator[str]:
    jobs = applied.all("google_cloud_scheduler_job")
    if len(jobs) != 1:
        yield f"{len(jobs)} schedules"
    for job in jobs:
        (target,) = job["http_target"]
        (token,) = target["oidc_token"]
        found = (
            job["schedule"],
            target["http_method"],
            target["uri"],
            token["service_account_email"],
            token["audience"],
        )
        every = f"*/{_TOPOLOGY.sweep.period_seconds // 60} * * * *"
        wanted = (every, "POST", f"{url('uploader')}/sweep", email("task-invoker"), url("uploader"))
        if found != wanted:
            yield f"the sweep is called as {found}, not {wanted}"
        if int(job["attempt_deadline"].removesuffix("s")) < _TOPOLOGY.services.uploader.timeout_seconds:
            yield f"the schedule waits {job['attempt_deadline']} only, and would call again beside the first"


def the_profile_is_what_the_command_reads(applied: Applied) -> Iterator[str]:
    lines = [re.sub("^export ", "", line) for line in applied.outputs["profile"].splitlines()]
    told = dict(line.partition("=")[::2] for line in lines)
    _, settings = _read(told)
    if isinstance(settings, ConfigurationError):
        yield f"the profile: {settings}"
    elif any(getattr(settings, f"{name}_bucket") != f"{PROJECT}-sluice-{name}" for name in _BUCKETS):
        yield "the profile names other buckets"
