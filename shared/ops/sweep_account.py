"""The sweep's first look at an account: is it paused, does its queue say the same, has its pause ended? shared/sweeping.py decides."""

from collections.abc import Iterator

from shared import names
from shared.ops.pausing import Found, carry_out, read_pause, resume_account, set_queue
from shared.sweeping import AccountStep, Announce, Resume, SetQueue, decide_account
from shared.world import Ports


def unsettled_accounts(ports: Ports, account: str) -> Iterator[str]:
    """Accounts that are paused, or whose change nobody has announced; one list for them all. `account`: this one only."""
    for blob in ports.ledger.list(f"accounts/{account}/" if account else "accounts/"):
        quiet = blob.metadata.get("paused") == "0" and blob.metadata.get("announced") == "1"
        if (found := names.parse_pause(blob.name)) and not quiet:
            yield found


def look_at(ports: Ports, account: str) -> tuple[Found, AccountStep | None]:
    found = read_pause(ports, account)
    if not found.generation:
        return found, None
    held = ports.queues.is_held(names.queue_id(account))
    return found, decide_account(found.pause, held, ports.clock.now())


def carry_out_step(ports: Ports, found: Found, step: AccountStep) -> None:
    match step:
        case Announce():
            carry_out(ports, found)
        case Resume():
            resume_account(ports, found, "sluice")
        case SetQueue():
            set_queue(ports, found)


def works(found: Found, step: AccountStep | None) -> bool:
    """Whether its runs are to be looked at, once the step is done."""
    return isinstance(step, Resume) or not found.pause.paused
