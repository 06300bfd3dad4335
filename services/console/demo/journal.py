"""All events that came, each once, and whether a repeat ever said anything else."""

from dataclasses import dataclass, field

from services.console.feed import Published
from shared.model.events import OUTCOMES, Event


@dataclass
class Journal:
    """`contradicted` are event ids that came with two different bodies."""

    contradicted: set[str] = field(default_factory=set)
    repeats: int = 0
    _first: dict[str, Published] = field(default_factory=dict)

    def add(self, published: Published) -> bool:
        """Is it new?"""
        known = self._first.setdefault(published.event.event_id, published)
        if known is published:
            return True
        self.repeats += 1
        if known.content != published.content:
            self.contradicted.add(published.event.event_id)
        return False

    def of(self, source: str) -> tuple[Event, ...]:
        """What was said about one landed object or group of shards, in the order of its coming."""
        return tuple(each.event for each in self._first.values() if each.event.source == source)

    def of_accounts(self) -> tuple[Event, ...]:
        """What was said about accounts as a whole."""
        return tuple(each.event for each in self._first.values() if each.event.type.startswith("account."))

    def outcomes(self, source: str) -> tuple[Event, ...]:
        return tuple(event for event in self.of(source) if event.type in OUTCOMES)
