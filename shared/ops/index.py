"""Every run that has its outcome is named once, in the order of the ends, so that what happened lately is found by one list.

All that a list of runs shows is in the metadata; the content is empty. A repeat writes the same name and changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from shared import names
from shared.model.events import Event
from shared.world import Ports

_COUNTS = (
    "parts",
    "records_received",
    "records_accepted",
    "records_rejected",
    "records_skipped",
    "records_failed",
)
_TEXTS = ("type", "account", "audience", "mode", "source", "reason_code", "job")


def index_run(ports: Ports, outcome: Event, stored: datetime) -> None:
    """`stored`: the stamp of the object that holds the outcome: the same for whoever repeats this."""
    name = names.ended_json(names.landing_key(stored), outcome.segment, outcome.run)
    ports.ledger.write_once(name, b"", shown(outcome))


def shown(outcome: Event) -> Mapping[str, str]:
    texts = {field: str(getattr(outcome, field)) for field in _TEXTS}
    numbers = {field: str(getattr(outcome, field)) for field in (*_COUNTS, "duration_seconds")}
    return {**texts, **numbers, "occurred_at": outcome.occurred_at.isoformat()}
