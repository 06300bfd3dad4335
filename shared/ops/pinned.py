"""Pinning a run. Its metadata shows by a list alone how many parts it was asked for."""

from shared import names
from shared.ledger import Entry
from shared.model.run import Run
from shared.world import Ports


def settle_run(ports: Ports, run: Run) -> Entry[Run]:
    """The first that is stored is the run."""
    shown = {"parts": str(len(run.parts))} if run.parts else None
    return ports.ledger.settle(names.run_json(run.segment, run.run), run, shown)
