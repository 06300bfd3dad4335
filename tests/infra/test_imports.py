"""What a service loads before its first request is what every request needs: an instance that starts answers soon."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "aiohttp", "cryptography", "flask", "google.ads.googleads", "google.api_core", "google.auth",
    "google.cloud.pubsub_v1", "google.cloud.storage", "google.cloud.tasks_v2", "google.protobuf", "google.pubsub_v1",
    "grpc", "jwt", "opentelemetry", "phonenumbers", "proto", "requests", "structlog", "yaml",
}  # fmt: skip
EVERY_REQUEST = {"cryptography", "flask", "jwt", "structlog"}


@pytest.mark.parametrize(
    ("service", "more"), [("ingest", set()), ("chunker", {"phonenumbers"}), ("uploader", set())]
)
def test_a_face_loads_no_client_of_the_cloud_or_of_a_destination(service: str, more: set[str]) -> None:
    assert loaded_by(f"services.{service}.main") & HEAVY == EVERY_REQUEST | more


def test_the_services_ports_are_made_without_any_client() -> None:
    assert loaded_by("shared.gcp.ports") & HEAVY == set()


def loaded_by(module: str) -> set[str]:
    """What a fresh process has loaded once it has imported the module."""
    program = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return set(found.stdout.split())
