"""S-OPEN: pin a run and open its marker. From then on the sweep knows of it, whatever becomes of the messages about it."""

from shared import names
from shared.errors import ConfigurationError
from shared.ledger import Entry
from shared.model.account import Account
from shared.model.run import Run
from shared.model.segment import Segment, SegmentRequest
from shared.ops import runs
from shared.ops.accounts import read_account
from shared.ops.close import close
from shared.ops.markers import open_marker
from shared.ops.pin import pin
from shared.ops.pinned import settle_run
from shared.world import Ports


def open_run(
    ports: Ports, segment: Segment, request: SegmentRequest, account: Account | None = None
) -> Entry[Run] | None:
    """`account`: its configuration, where it was read already. None when the run has its outcome: a late twin must not leave a
    marker behind."""
    name = names.run_json(request.segment, request.run)
    entry = ports.ledger.fact(Run, name)
    if entry is None:
        configured = _usable(segment, account or read_account(ports, segment.account))
        entry = settle_run(ports, pin(segment, request, configured, ports.topology.chunking))
    open_marker(ports, entry)
    if runs.read_outcome(ports, request.segment, request.run) is None:
        return entry
    close(ports, request.segment, request.run)
    return None


def _usable(segment: Segment, account: Account | None) -> Account:
    if account is None or segment.audience not in account.audiences:
        raise ConfigurationError(
            f"account {segment.account} no longer has what the segment needs; configure it again"
        )
    return account
