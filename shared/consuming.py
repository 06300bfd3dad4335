"""What a consumer of `completions` must do with what comes: choose, and pass over repeats. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field

from shared.model.events import Event

REMEMBERED = 100_000
"""Ids of some 12 MB: weeks of events, and far more than Pub/Sub delivers between an event and its repeat."""


@dataclass(frozen=True)
class Interest:
    """Empty: all of them."""

    types: Collection[str] = ()
    accounts: Collection[str] = ()
    segments: Collection[str] = ()

    def holds(self, event: Event) -> bool:
        return (
            (not self.types or event.type in self.types)
            and (not self.accounts or event.account in self.accounts)
            and (not self.segments or event.segment in self.segments)
        )


@dataclass
class Seen:
    """The ids that have come, the oldest forgotten first."""

    most: int = REMEMBERED
    _ids: dict[str, None] = field(default_factory=dict)

    def is_new(self, event_id: str) -> bool:
        """Once for each id, as long as it is remembered. One that comes again is remembered as long as a new one."""
        known = event_id in self._ids
        self._ids.pop(event_id, None)
        self._ids[event_id] = None
        while len(self._ids) > self.most:
            del self._ids[next(iter(self._ids))]
        return not known
