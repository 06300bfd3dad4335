"""What a service is told by its environment; the only module of the product that reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.errors import ConfigurationError

GOOGLE_ISSUER = "https://accounts.google.com"
GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs"
NAME_PATTERNS = "{account}/{audience}/{mode}/{anything} {account}--{audience}--{mode}--{anything}"

GOOGLE_ADS_VERSION = "v26"
"""The newest that the pinned client library has, and its own default."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Emulators:
    """Where to find servers other than Google's own; "" means Google's."""

    storage: str
    pubsub: str
    tasks: str
    google_ads: str
    secrets: str


@dataclass(frozen=True)
class Settings:
    """`name_pattern` may hold several patterns, separated by spaces: the first that fits wins.
    `token_audience` and `token_email` are for services: a client of theirs has none."""

    project: str
    region: str
    landing_bucket: str
    parts_bucket: str
    work_bucket: str
    topology: Path
    name_pattern: str
    token_issuer: str
    token_keys: str
    token_audience: str
    token_email: str
    log_format: str
    log_level: str
    clock: str
    developer_token: str = field(repr=False)
    google_ads_version: str
    emulators: Emulators
    traces: str = ""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """ConfigurationError names the first variable that is missing."""
    optional = environment.get
    return Settings(
        project=_required(environment, "GOOGLE_CLOUD_PROJECT"),
        region=_required(environment, "SLUICE_REGION"),
        landing_bucket=_required(environment, "SLUICE_LANDING_BUCKET"),
        parts_bucket=_required(environment, "SLUICE_PARTS_BUCKET"),
        work_bucket=_required(environment, "SLUICE_WORK_BUCKET"),
        topology=Path(optional("SLUICE_TOPOLOGY", "topology.json")),
        name_pattern=optional("SLUICE_NAME_PATTERN", NAME_PATTERNS),
        token_issuer=optional("SLUICE_TOKEN_ISSUER", GOOGLE_ISSUER),
        token_keys=optional("SLUICE_TOKEN_KEYS", GOOGLE_KEYS),
        token_audience=optional("SLUICE_TOKEN_AUDIENCE", ""),
        token_email=optional("SLUICE_TOKEN_EMAIL", ""),
        log_format=optional("SLUICE_LOG_FORMAT", "json"),
        log_level=_level(optional("SLUICE_LOG_LEVEL", "INFO")),
        clock=optional("SLUICE_CLOCK", ""),
        developer_token=optional("GOOGLE_ADS_DEVELOPER_TOKEN", ""),
        google_ads_version=optional("GOOGLE_ADS_API_VERSION", GOOGLE_ADS_VERSION),
        emulators=Emulators(
            storage=optional("STORAGE_EMULATOR_HOST", ""),
            pubsub=optional("PUBSUB_EMULATOR_HOST", ""),
            tasks=optional("CLOUD_TASKS_EMULATOR_HOST", ""),
            google_ads=optional("GOOGLE_ADS_ENDPOINT", ""),
            secrets=optional("SECRET_MANAGER_EMULATOR_HOST", ""),
        ),
        traces=optional("SLUICE_TRACES", ""),
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise ConfigurationError(f"the environment variable {name} is not set; see docs/settings.md")
    return value


def _level(name: str) -> str:
    if name not in LOG_LEVELS:
        raise ConfigurationError(f"SLUICE_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    return name
