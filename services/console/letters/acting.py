"""What somebody does about a dead letter: send it where it came from, or say that nobody needs it any more. Both are recorded."""

import base64
from dataclasses import dataclass

from services.console.replaying.telling import line, refusal
from shared.ledger import Entry
from shared.model.dead_letter import DeadLetter, KeptLetter, Resolution
from shared.ops.letters import read_letter, resolve
from shared.ops.replay import Replayed, carry_out, replay_of
from shared.replaying import Nothing, Replay, Wish
from shared.world import Ports


@dataclass(frozen=True)
class Act:
    """About one letter. `refused`: why nothing can be done, in words; `what`: what is done, or would be."""

    id: str
    what: str
    refused: str = ""
    entry: Entry[KeptLetter] | None = None
    replayed: Replayed | None = None


def find(ports: Ports, letter: str) -> Act:
    """Open letters only."""
    entry = read_letter(ports, letter)
    if entry is None:
        return Act(letter, "", "there is no such dead letter: see `sluice dead-letters list`")
    if end := entry.value.resolution:
        return Act(letter, "", f"it was {end.action} by {end.by} already", entry)
    return Act(letter, "", "", entry)


def plan_replay(ports: Ports, letter: str) -> Act:
    """Looks and decides, and changes nothing."""
    found = find(ports, letter)
    if found.refused or found.entry is None:
        return found
    kept = found.entry.value.letter
    match kept.origin:
        case "landing-notifications" | "segment-requests" if kept.payload:
            return Act(letter, f"publish it on {kept.origin} again", entry=found.entry)
        case "tasks" | "segments" if kept.segment:
            return _plan_run(ports, letter, found.entry)
        case _:
            return Act(letter, "", "nobody knows where it came from: discard it", found.entry)


def _plan_run(ports: Ports, letter: str, entry: Entry[KeptLetter]) -> Act:
    kept = entry.value.letter
    seen = replay_of(ports, kept.segment, Wish("some", (kept.part,)) if kept.part else Wish())
    if refusal(seen) == "replace_is_whole":
        seen = replay_of(ports, kept.segment, Wish())
    if refusal(seen):
        return Act(letter, "", line(seen, would=True), entry)
    if isinstance(seen.decision, Nothing):
        return Act(letter, "nothing: everything of the segment was delivered since", entry=entry)
    return Act(letter, line(seen, would=True), entry=entry, replayed=seen)


def replay_letter(ports: Ports, act: Act, by: str) -> bool:
    """Sent first, recorded then: what comes twice does nothing twice. False: somebody else has resolved it meanwhile."""
    if act.refused or act.entry is None:
        return False
    if act.replayed and isinstance(act.replayed.decision, Replay):
        carry_out(ports, act.replayed, "dead_letter_replayed")
    elif act.entry.value.letter.origin in ("landing-notifications", "segment-requests"):
        _publish(ports, act.entry.value.letter)
    return resolve(ports, act.entry, act.id, Resolution("replayed", by, ports.clock.now()))


def _publish(ports: Ports, letter: DeadLetter) -> None:
    topics = ports.topology.topics
    topic = (
        topics.landing_notifications if letter.origin == "landing-notifications" else topics.segment_requests
    )
    ports.publisher.publish(topic, base64.b64decode(letter.payload), dict(letter.attributes))


def discard_letter(ports: Ports, act: Act, by: str, why: str) -> bool:
    if act.refused or act.entry is None:
        return False
    return resolve(ports, act.entry, act.id, Resolution("discarded", by, ports.clock.now(), why))
