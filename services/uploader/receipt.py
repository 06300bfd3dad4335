"""A part's receipt: the whole event of its end, created once, with what lists must show in its metadata."""

from services.uploader.errand import Errand, Sent
from services.uploader.sending import Sending
from shared.model.state import Job
from shared.ops import runs
from shared.ops.run_events import part_ended


def record(sending: Sending, errand: Errand, job: Job | None, sent: Sent) -> None:
    """Written with our token it also releases the lease, which names it; a twin's receipt does not, so that we free it."""
    ports, held = sending.ports, sending.held
    if sent.reason_code:
        held.ready()  # that a part failed is said only by who still has the account
    accepted = sent.records - sent.refused
    manifest = runs.read_manifest(ports, errand.run)
    event = part_ended(
        errand.run,
        errand.stage,
        errand.part,
        len(manifest.value.parts) if manifest else 0,
        ports.clock.now(),
        accepted=accepted,
        refused=sent.refused,
        reason_code=sent.reason_code,
        attempt=errand.attempts + 1,
        job=job.resource if job else "",
        seconds=int((ports.clock.now() - errand.task.first_at).total_seconds()),
    )
    metadata = {
        "token": held.token,
        "k": str(job.k if job else 0),
        "status": "failed" if sent.reason_code else "taken",
        "accepted": str(accepted),
        "rejected": str(sent.refused),
    }
    stored = ports.ledger.settle(errand.receipt, event, metadata)
    if stored.metadata.get("token") != held.token or held.lease.released_by != errand.receipt:
        held.free()
