"""A deployment as Terraform makes it: the files of infra/ in a folder of their own, applied with the stand-in provider."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.load import ACCOUNTS
from tests.support.offline.google import PROJECT_NUMBER
from tests.support.terraform import run

INFRA = ACCOUNTS.parent
SCHEMAS = INFRA.parent / "tests/infra/schemas"
RELEASES = ("8.7.0", "7.46.1")
"""The newest of each major version that versions.tf admits; the first is the one that is always asked."""

PROJECT, REGION = "made-up-project", "europe-west1"
NUMBER = PROJECT_NUMBER
EVERYTHING: Mapping[str, Any] = {
    "billing_account": "012345-6789AB-CDEF01",
    "deployers": ["serviceAccount:ci@made-up-project.iam.gserviceaccount.com"],
    "developer_token": True,
    "kms_key": f"projects/keys/locations/{REGION}/keyRings/ring/cryptoKeys/key",
    "notification_channels": ["projects/made-up-project/notificationChannels/123"],
    "operators": ["group:data@example.com"],
    "traces": "cloud",
}
"""Every option taken."""

_MADE = ("__pycache__", "local", "*.py", "*.template", ".terraform*")


@dataclass(frozen=True)
class Resource:
    """`name`: TYPE.NAME; `key`: of for_each, "" without. `values`: its arguments, nested blocks as lists. `needs`: the names of what it
    was made after."""

    name: str
    key: str
    values: Mapping[str, Any]
    needs: frozenset[str]

    @property
    def address(self) -> str:
        return f'{self.name}["{self.key}"]' if self.key else self.name

    @property
    def kind(self) -> str:
        return self.name.partition(".")[0]


class Applied:
    """What an apply has left in its state, data sources apart."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.resources = tuple(_resources(state))
        self.outputs = {name: each["value"] for name, each in state["outputs"].items()}

    def of(self, kind: str) -> list[Resource]:
        return [each for each in self.resources if each.kind == kind]

    def all(self, kind: str) -> list[Mapping[str, Any]]:
        return [each.values for each in self.of(kind)]

    def by(self, kind: str, argument: str = "name") -> dict[str, Mapping[str, Any]]:
        return {values[argument]: values for values in self.all(kind)}


class Stack:
    def __init__(self, folder: Path, provider: Mapping[str, str]) -> None:
        self._folder, self._provider = folder, provider
        self.infra = folder / "infra"

    @classmethod
    def copied(cls, folder: Path, provider: Mapping[str, str], settings: Mapping[str, Any]) -> "Stack":
        """`settings`: variables beside project and region."""
        shutil.copytree(INFRA, folder / "infra", ignore=shutil.ignore_patterns(*_MADE))
        shutil.copytree(INFRA.parent / "docs/schemas", folder / "docs/schemas")
        (folder / "build").mkdir()
        for service in ("ingest", "chunker", "uploader"):
            (folder / f"build/{service}.zip").write_bytes(service.encode())
        stack = cls(folder, provider)
        stack.set({"project": PROJECT, "region": REGION, **settings})
        return stack

    def set(self, settings: Mapping[str, Any]) -> None:
        (self.infra / "test.auto.tfvars.json").write_text(json.dumps(settings))

    def terraform(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(self.infra, *words, provider=self._provider)

    def apply(self) -> subprocess.CompletedProcess[str]:
        return self.terraform("apply", "-auto-approve", "-compact-warnings")

    def applied(self) -> Applied:
        return Applied(json.loads((self.infra / "terraform.tfstate").read_text()))


def _resources(state: Mapping[str, Any]) -> Iterator[Resource]:
    for resource in state["resources"]:
        for instance in resource["instances"] if resource["mode"] == "managed" else ():
            name = f"{resource['type']}.{resource['name']}"
            needs = frozenset(instance.get("dependencies", ()))
            yield Resource(name, str(instance.get("index_key", "")), instance["attributes"], needs)
