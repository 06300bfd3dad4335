"""Deciding what becomes of a run, by one object. Its metadata shows by a list alone what was decided."""

from shared import names
from shared.ledger import Entry
from shared.model.manifest import Manifest
from shared.world import Ports


def settle_manifest(ports: Ports, manifest: Manifest) -> Entry[Manifest]:
    """The first that is stored decides; everybody follows what comes back."""
    shown = {
        "verdict": manifest.verdict,
        "parts": str(len(manifest.parts)),
        "stages": str(len(manifest.stages)),
    }
    return ports.ledger.settle(names.manifest_json(manifest.segment, manifest.run), manifest, shown)
