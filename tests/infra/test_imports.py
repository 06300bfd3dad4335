"""What a service loads before its first request is what every request needs: an instance that starts answers soon."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "aiohttp", "cryptography", "flask", "google.ads.googleads", "google.api_core", "google.auth",
    "google.cloud.pubsub_v1", "google.cloud.secretmanager_v1", "google.cloud.storage", "google.cloud.tasks_v2",
    "google.protobuf", "google.pubsub_v1", "grpc", "jwt", "opentelemetry", "phonenumbers", "proto", "requests", "structlog", "yaml",
}  # fmt: skip
SETTINGS = {
    "GOOGLE_CLOUD_PROJECT": "demo",
    "SLUICE_REGION": "europe-west1",
    **dict.fromkeys(("SLUICE_LANDING_BUCKET", "SLUICE_PARTS_BUCKET", "SLUICE_WORK_BUCKET"), "none"),
    "GOOGLE_ADS_API_VERSION": "v24",
}
EVERY_REQUEST = {"cryptography", "flask", "jwt", "opentelemetry", "structlog"}
"""Of opentelemetry the interface alone: the SDK comes with the order to trace."""


@pytest.mark.parametrize(
    ("service", "more"), [("ingest", set()), ("chunker", {"phonenumbers"}), ("uploader", set())]
)
def test_a_face_loads_no_client_of_the_cloud_or_of_a_destination(service: str, more: set[str]) -> None:
    assert loaded_by(f"services.{service}.main") & HEAVY == EVERY_REQUEST | more


def test_the_services_ports_are_made_without_any_client() -> None:
    assert loaded_by("shared.gcp.ports") & HEAVY == set()


def test_an_uploader_that_has_connected_has_loaded_one_version_and_no_secret_manager() -> None:
    loaded = loaded_by("services.uploader.main", "services.uploader.main._destination()")

    versions = {name.split(".")[3] for name in loaded if name.startswith("google.ads.googleads.v")}
    assert versions == {"v24"}
    assert "google.cloud.secretmanager_v1" not in loaded


def loaded_by(module: str, statement: str = "") -> set[str]:
    """What a fresh process has loaded once it has imported the module, and done what is said."""
    program = f"import sys, {module}; {statement}\nprint(*sys.modules)"
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, cwd=ROOT, env=SETTINGS, check=True, capture_output=True, text=True)
    return set(found.stdout.split())
