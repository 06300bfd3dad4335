"""The ports of a running service, over Google's clients. Each is made, and its library imported, on first use."""

import random
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

from shared.clock import clock_from
from shared.errors import ConfigurationError
from shared.gcp.clients import Clients
from shared.ledger import Ledger
from shared.model.codec import DocumentError, decode
from shared.model.topology import Topology
from shared.ports import Blobs, Clock, Publisher, Secrets, TaskQueues
from shared.settings import Settings


@dataclass(frozen=True)
class CloudPorts:
    settings: Settings
    patience: ClassVar[float] = 60.0
    """Real seconds for which a call to storage is tried again."""

    @cached_property
    def landing(self) -> Blobs:
        return self.blobs(self.settings.landing_bucket)

    @cached_property
    def parts(self) -> Blobs:
        return self.blobs(self.settings.parts_bucket)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.blobs(self.settings.work_bucket))

    @cached_property
    def publisher(self) -> Publisher:
        from shared.gcp.publisher import CloudPublisher

        return CloudPublisher(self._clients.publisher, self.settings.project)

    @cached_property
    def queues(self) -> TaskQueues:
        from shared.gcp.queues import CloudQueues

        deadline = self.topology.queue.dispatch_deadline_seconds
        return CloudQueues(self._clients.tasks, self.settings.project, self.settings.region, deadline)

    @cached_property
    def secrets(self) -> Secrets:
        """Its client is made, and its library imported, when a secret is first asked for: most deployments have none."""
        from shared.gcp.secrets import CloudSecrets

        return CloudSecrets(self._clients, self.settings.project)

    @cached_property
    def clock(self) -> Clock:
        return clock_from(self.settings.clock)

    @cached_property
    def random(self) -> random.Random:
        return random.SystemRandom()

    @cached_property
    def topology(self) -> Topology:
        return read_topology(self.settings.topology)

    @cached_property
    def _clients(self) -> Clients:
        return Clients(self.settings)

    def blobs(self, bucket: str) -> Blobs:
        from shared.gcp.blobs import CloudBlobs

        return CloudBlobs(self._clients.storage.bucket(bucket), self.clock.real(1.0), self.patience)


@cache
def ports_for(settings: Settings) -> CloudPorts:
    """One set a process: channels and connections are kept."""
    return CloudPorts(settings)


def read_topology(path: Path) -> Topology:
    try:
        return decode(Topology, path.read_bytes())
    except (OSError, DocumentError) as error:
        raise ConfigurationError(f"{path}: {error}; render it anew with `make build`") from error
