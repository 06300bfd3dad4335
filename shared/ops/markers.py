"""The marker of an open run: its first write on the way through the line, its last delete, and all that a list shows of it.

Metadata: `ready` (1 once the manifest is ok), `mode`, `opened` (when the run was opened; a rewrite gives the object a new stamp).
"""

from dataclasses import replace

from shared.ledger import Entry
from shared.model.run import Run
from shared.model.state import Marker
from shared.ops import runs
from shared.world import Ports


def open_marker(ports: Ports, entry: Entry[Run]) -> None:
    """Twins adopt it."""
    ports.ledger.settle(runs.marker_name(entry), Marker(0, entry.created), _shown(entry, "0"))


def mark_ready(ports: Ports, entry: Entry[Run]) -> bool:
    """False: the marker is gone, so that the run has its outcome."""
    while marker := runs.read_marker(ports, entry):
        if marker.metadata.get("ready") == "1" or _rewritten(ports, entry, marker, marker.value, "1"):
            return True
    return False


def raise_epoch(ports: Ports, entry: Entry[Run], marker: Entry[Marker], ready: str) -> int | None:
    """A sweep takes the run in hand; None when another one did."""
    after = replace(marker.value, epoch=marker.value.epoch + 1, at=ports.clock.now())
    return after.epoch if _rewritten(ports, entry, marker, after, ready) else None


def _rewritten(ports: Ports, entry: Entry[Run], marker: Entry[Marker], after: Marker, ready: str) -> bool:
    name = runs.marker_name(entry)
    return ports.ledger.swap(name, after, marker.generation, _shown(entry, ready)) is not None


def _shown(entry: Entry[Run], ready: str) -> dict[str, str]:
    return {"ready": ready, "mode": entry.value.mode, "opened": entry.created.isoformat()}
