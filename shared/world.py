"""The ports of one process, together."""

import random
from typing import Protocol

from shared.ledger import Ledger
from shared.model.topology import Topology
from shared.ports import Blobs, Clock, Publisher, TaskQueues


class Ports(Protocol):
    """All that a handler may touch. A service that never asks for one of these pays for none of its imports."""

    @property
    def landing(self) -> Blobs: ...
    @property
    def parts(self) -> Blobs: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def publisher(self) -> Publisher: ...
    @property
    def queues(self) -> TaskQueues: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def random(self) -> random.Random: ...
    @property
    def topology(self) -> Topology: ...
