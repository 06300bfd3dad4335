"""The ports of the command line: those of a service, but for the topology, which it reads from the tree that it stands in."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from services.console import environment
from shared.gcp.ports import CloudPorts
from shared.log import configure
from shared.model.topology import Topology
from shared.settings import from_environment


@dataclass(frozen=True)
class ConsolePorts(CloudPorts):
    patience: ClassVar[float] = 5.0  # somebody sits there and waits

    @cached_property
    def topology(self) -> Topology:
        """Read where it is needed: YAML takes a tenth of a second to load."""
        from infra.load import load_topology

        return load_topology()

    def put(
        self,
        origin: Path | tuple[str, str, int],
        size: int,
        name: str,
        generation: int,
        metadata: Mapping[str, str],
        told: Callable[[int], None],
    ) -> int | None:
        """A file, or an object (bucket, name, generation), into the landing bucket: shared/gcp/uploads.py."""
        from shared.gcp.uploads import copy, upload

        bucket = self._clients.storage.bucket(self.settings.landing_bucket)
        if not isinstance(origin, Path):
            return copy(bucket, name, origin, generation, metadata, told)
        with origin.open("rb") as file:
            return upload(bucket, name, file, size, generation, metadata, told)


def console_ports() -> ConsolePorts:
    """Standard output is the command's; what is logged on the way goes to standard error."""
    configure("console", "sluice", sys.stderr, colours=not environment.inherited().get("NO_COLOR"))
    return ConsolePorts(from_environment())
