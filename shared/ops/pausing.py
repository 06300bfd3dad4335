"""S-PAUSE: an account rests, and goes on. One swap decides; the queue and the event follow what is stored, and anyone may repeat that."""

from dataclasses import dataclass, replace

from shared import names
from shared.ledger import Entry
from shared.log import get_logger
from shared.model.state import Decider, Pause
from shared.ops.announce import announce_derived
from shared.pausing import NOT_PAUSED, event, paused, resumed
from shared.world import Ports


@dataclass(frozen=True)
class Found:
    """An account's pause as it was read; generation 0: it never was paused."""

    account: str
    pause: Pause
    generation: int = 0


def read_pause(ports: Ports, account: str) -> Found:
    entry = ports.ledger.read(Pause, names.pause_json(account))
    return _found(account, entry) if entry else Found(account, NOT_PAUSED)


def pause_generation(ports: Ports, account: str) -> int:
    """Changes with every decision about the account."""
    blob = ports.ledger.stat(names.pause_json(account))
    return blob.generation if blob else 0


def pause_account(
    ports: Ports, found: Found, by: Decider, cause: str, *, destination: str = "", seconds: float = 0
) -> Found | None:
    """`found` was read before the call that failed: None when somebody has decided about the account since, so that a verdict
    from before a resumption pauses nothing. What was not told of the last change is told first."""
    told = carry_out(ports, found)
    if told is None:
        return None
    after = paused(told.pause, by, ports.clock.now(), cause, destination=destination, seconds=seconds)
    return _decide(ports, told, after)


def resume_account(ports: Ports, found: Found, by: Decider) -> Found | None:
    """What was not told of the pause is told first. None when somebody else has decided meanwhile."""
    told = carry_out(ports, found)
    return _decide(ports, told, resumed(told.pause, by, ports.clock.now())) if told else None


def pause_by_hand(ports: Ports, account: str) -> bool:
    """An operator's word. False: it is paused already until somebody resumes it; what was not told of that is told. A pause that
    would end by itself becomes the operator's."""
    return _by_hand(ports, account, pause=True)


def resume_by_hand(ports: Ports, account: str) -> bool:
    """An operator's word. False: it is not paused."""
    return _by_hand(ports, account, pause=False)


def carry_out(ports: Ports, found: Found) -> Found | None:
    """The queue is set and the event published, where nobody has said so yet. None when somebody has decided anew meanwhile."""
    if found.pause.announced:
        return found
    set_queue(ports, found)
    announce_derived(ports, event(found.account, found.pause))
    return _swap(ports, found, replace(found.pause, announced=True))


def set_queue(ports: Ports, found: Found) -> None:
    """By what is stored once the queue has heard: who was slow must not hold it against a newer decision."""
    queue = names.queue_id(found.account)
    while True:
        ports.queues.hold(queue) if found.pause.paused else ports.queues.release(queue)
        if pause_generation(ports, found.account) == found.generation:
            return
        found = read_pause(ports, found.account)


def _by_hand(ports: Ports, account: str, *, pause: bool) -> bool:
    """Whoever decides in between is heard: it is looked at again."""
    while True:
        found = read_pause(ports, account)
        if found.pause.paused == pause and not (pause and found.pause.until):
            carry_out(ports, found)
            return False
        after = (
            pause_account(ports, found, "operator", "paused_by_operator")
            if pause
            else resume_account(ports, found, "operator")
        )
        if after:
            return True


def _decide(ports: Ports, found: Found, after: Pause) -> Found | None:
    decided = _swap(ports, found, after)
    if decided:
        word = "account_paused" if after.paused else "account_resumed"
        get_logger().warning(word, account=found.account, reason_code=after.cause, by=after.by)
    return carry_out(ports, decided) if decided else None


def _swap(ports: Ports, found: Found, after: Pause) -> Found | None:
    """Metadata `paused` and `announced` tell a sweep, by a list alone, which accounts to look at; `cause` tells people."""
    shown = {
        "paused": str(int(after.paused)),
        "announced": str(int(after.announced)),
        "cause": after.cause,
    }
    entry = ports.ledger.swap(names.pause_json(found.account), after, found.generation, shown)
    return _found(found.account, entry) if entry else None


def _found(account: str, entry: Entry[Pause]) -> Found:
    return Found(account, entry.value, entry.generation)
