"""A part's receipt: the event of its end and the lines that were refused, created once, with what lists must show in its metadata."""

from dataclasses import dataclass

from services.uploader.errand import Errand, Sent
from services.uploader.sending import Sending
from shared.model.codec import encode
from shared.model.events import Event
from shared.model.receipt import Receipt, refused_records
from shared.model.state import Job
from shared.ops import runs
from shared.ops.run_events import part_ended
from shared.world import Ports

ALL_REFUSED = "all_records_refused"


@dataclass(frozen=True)
class Intake:
    """What the destination took of a part, in records. What is neither accepted nor refused has failed, and then there is a reason."""

    accepted: int
    refused: int
    reason_code: str


def intake(sent: Sent) -> Intake:
    """A part whose every record was refused is a failed part: its records have failed, and are not counted as rejected."""
    refused = refused_records(sent.refused)
    if not sent.reason_code and sent.records and refused == sent.records:
        return Intake(0, 0, ALL_REFUSED)
    return Intake(sent.records - refused, refused, sent.reason_code)


def record(sending: Sending, errand: Errand, job: Job | None, sent: Sent) -> None:
    """Written with our token it also releases the lease, which names it; a twin's receipt does not, so that we free it."""
    held, taken = sending.held, intake(sent)
    if taken.reason_code:
        held.ready()  # that a part failed is said only by who still has the account
    receipt = Receipt(encode(_ended(sending.ports, errand, job, taken)).decode(), sent.refused)
    stored = sending.ports.ledger.settle(
        errand.receipt, receipt, _metadata(held.token, job, taken, errand.attempts + 1)
    )
    if stored.metadata.get("token") != held.token or held.lease.released_by != errand.receipt:
        held.free()


def _ended(ports: Ports, errand: Errand, job: Job | None, taken: Intake) -> Event:
    manifest = runs.read_manifest(ports, errand.run)
    return part_ended(
        errand.run,
        errand.stage,
        errand.part,
        len(manifest.value.parts) if manifest else 0,
        ports.clock.now(),
        accepted=taken.accepted,
        refused=taken.refused,
        reason_code=taken.reason_code,
        attempt=errand.attempts + 1,
        job=job.resource if job else "",
        seconds=int((ports.clock.now() - errand.task.first_at).total_seconds()),
    )


def _metadata(token: str, job: Job | None, taken: Intake, attempt: int) -> dict[str, str]:
    return {
        "token": token,
        "k": str(job.k if job else 0),
        "status": "failed" if taken.reason_code else "taken",
        "accepted": str(taken.accepted),
        "rejected": str(taken.refused),
        "attempt": str(attempt),
        "reason_code": taken.reason_code,
    }
