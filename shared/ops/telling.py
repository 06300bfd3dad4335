"""A part's end is told: its stored event, a dead letter when it failed, and last a mark, so that the run's end tells only what was not.

Without the mark an event could be lost in silence: a receipt is written, its announcement fails, the task that would repeat it is purged
by an operator, and the run goes on by the receipt.
"""

from shared import names
from shared.ledger import Entry
from shared.model.receipt import Receipt
from shared.ops.announce import announce, bury
from shared.ops.run_events import letter_of
from shared.world import Ports


def tell_part(ports: Ports, receipt: Entry[Receipt]) -> None:
    event = receipt.value.as_event()
    announce(ports, receipt.value.content)
    if receipt.metadata.get("status") == "failed":
        bury(ports, letter_of(event))
    ports.ledger.write_once(names.told_json(event.segment, event.run, event.stage, event.part), b"")


def tell_untold(ports: Ports, segment: str, run: int, stage: int) -> None:
    """Two lists for a stage, and nothing more when its parts told of themselves. The marks are listed first: a receipt that comes
    in between is told twice rather than not at all."""
    told = {
        names.parse_receipt(blob.name) for blob in ports.ledger.list(names.told_prefix(segment, run, stage))
    }
    for blob in ports.ledger.list(names.receipts_prefix(segment, run, stage)):
        if names.parse_receipt(blob.name) not in told and (receipt := ports.ledger.read(Receipt, blob.name)):
            tell_part(ports, receipt)
