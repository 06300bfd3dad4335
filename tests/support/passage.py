"""One passage of the chunker as a process of its own: `python -m tests.support.passage SEGMENT RUN`.

It cuts a run that is in the ledger and stores its manifest, as a client of the deployment that its environment names.
"""

import sys

from services.chunker.storing import cut_run
from shared import names
from shared.gcp.ports import ports_for
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.segment import Segment
from shared.settings import from_environment
from shared.world import Ports


def pass_once(ports: Ports, segment: str, number: int) -> Manifest:
    run = ports.ledger.read(Run, names.run_json(segment, number))
    landed = ports.ledger.read(Segment, names.segment_json(segment))
    assert run
    assert landed
    computed = cut_run(ports, run.value, landed.value)
    return ports.ledger.settle(names.manifest_json(segment, number), computed).value


if __name__ == "__main__":
    pass_once(ports_for(from_environment()), sys.argv[1], int(sys.argv[2]))
