"""The local deployment's environment: what clients get, what a shell sources, what the programs are started with."""

import json
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.console import programs
from services.console.programs import Options
from services.console.site import Ready, client_variables, exports, foreign, site, token_variables
from shared.settings import from_environment

READY = Ready(
    http="http://127.0.0.1:1",
    grpc="127.0.0.1:2",
    ads="localhost:3",
    clock="30.0,1.0,2.0",
    issuer="http://127.0.0.1:1/identity",
    keys="http://127.0.0.1:1/identity/keys",
    token_uri="http://127.0.0.1:1/identity/token",
    credentials="/state/credentials.json",
    certificate="/state/certificate.pem",
)
TOPOLOGY = Path("/somewhere/topology.json")
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def test_a_service_finds_all_that_it_must_be_told() -> None:
    variables = client_variables(READY, {}, TOPOLOGY) | token_variables("uploader", 8080)

    settings = from_environment(variables)

    assert settings.landing_bucket == "sluice-local-landing"
    assert settings.topology == TOPOLOGY
    assert settings.token_audience == "http://127.0.0.1:8080/"
    assert settings.token_email == "task-invoker@sluice-local.iam.gserviceaccount.com"
    emulators = settings.emulators
    assert emulators.pubsub == emulators.tasks == emulators.secrets == READY.grpc
    assert settings.emulators.google_ads == READY.ads


def test_pushes_and_tasks_come_in_the_name_that_the_services_expect() -> None:
    local = site({"ingest": 1, "chunker": 2, "uploader": 3})

    for service, invoker in (("ingest", local.push_invoker), ("uploader", local.task_invoker)):
        expected = {
            "SLUICE_TOKEN_AUDIENCE": local.endpoints[service],
            "SLUICE_TOKEN_EMAIL": invoker,
        }
        assert token_variables(service, int(local.endpoints[service][-2])) == expected


def test_a_server_that_somebody_else_runs_is_used_and_none_is_started(tmp_path: Path) -> None:
    inherited = {"PUBSUB_EMULATOR_HOST": "10.0.0.1:5", "GOOGLE_ADS_ENDPOINT": "ads.test:6", "PATH": "/bin"}
    others = foreign(inherited)
    options = Options(tmp_path, tmp_path / "state", 2.0, 7, inherited, others)

    variables = client_variables(READY, others, TOPOLOGY)
    command = programs.cloud(options, tmp_path / "ready.json").command

    assert others == {"pubsub": "10.0.0.1:5", "ads": "ads.test:6"}
    assert variables["PUBSUB_EMULATOR_HOST"] == "10.0.0.1:5"
    assert variables["CLOUD_TASKS_EMULATOR_HOST"] == READY.grpc
    assert "--without pubsub ads --pubsub-host 10.0.0.1:5" in " ".join(command)


def test_another_google_ads_keeps_its_own_credentials_and_certificate() -> None:
    own = client_variables(READY, {}, TOPOLOGY)
    other = client_variables(READY, {"ads": "ads.test:6"}, TOPOLOGY)

    assert own.keys() - other.keys() == {"GOOGLE_APPLICATION_CREDENTIALS", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"}


def test_a_service_gets_its_own_variables_over_the_consoles(tmp_path: Path) -> None:
    options = Options(tmp_path, tmp_path / "state", 1.0, 0, {"PATH": "/bin", "SLUICE_CLOCK": "old"}, {})

    program = programs.service(options, "chunker", 8080, {"SLUICE_CLOCK": "new"}, lambda _: None)

    assert program.environment["PATH"] == "/bin"
    assert program.environment["SLUICE_CLOCK"] == "new"
    assert program.environment["WORKERS"] == "2"
    assert program.command[-1] == "8080"
    assert program.log == tmp_path / "logs" / "chunker.log"


def test_the_ready_file_of_the_local_cloud_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text(json.dumps(READY.__dict__))

    assert Ready.read(path) == READY


@given(value=VALUES)
def test_a_shell_that_sources_the_exports_sees_the_same_values(value: str) -> None:
    script = exports({"ONE": value}) + 'printf %s "$ONE"'

    shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, env={})

    assert shown.stdout == value.encode()
