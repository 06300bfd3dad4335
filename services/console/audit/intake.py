"""Takes in what waits on the subscription `audit`, a batch at a time, and acknowledges it when it is stored."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from shared.gcp.completions import Batch, batches
from shared.model.codec import DocumentError, decode
from shared.model.events import Event

SUBSCRIPTION = "audit"


@dataclass
class Taken:
    events: int = 0
    unreadable: int = 0


def take_in(project: str, store: Callable[[Iterable[Event]], None]) -> Taken:
    """Until nothing waits, or nothing that can be read. What is no event is not acknowledged: it comes again, to whoever can read it."""
    taken = Taken()
    for batch in batches(project, SUBSCRIPTION):
        read = list(_readable(batch))
        store(event for _, event in read)
        batch.acknowledge(ack_id for ack_id, _ in read)
        taken.events += len(read)
        taken.unreadable += len(batch.messages) - len(read)
        if not read:
            break
    return taken


def _readable(batch: Batch) -> Iterator[tuple[str, Event]]:
    for ack_id, data in batch.messages:
        try:
            yield ack_id, decode(Event, data)
        except DocumentError:
            continue
