"""How many people are on an audience's list, asked for the report alone: whatever becomes of the question, delivery goes on."""

from services.uploader.sending import OutOfTime, PauseChanged, Refusal, Sending
from shared.log import get_logger
from shared.model.run import Target
from shared.ops.leasing import LeaseLost
from shared.verdict import Retry


def list_size(sending: Sending, target: Target) -> int:
    """0: unknown. A Refusal only where the account has to rest first, because the question may still be at work."""
    try:
        return sending.call(lambda seconds: sending.destination.list_size(target, seconds))
    except Refusal as refusal:
        get_logger().warning("list_size_unknown", status=refusal.failure.status, codes=refusal.failure.codes)
        if isinstance(refusal.verdict, Retry) and refusal.verdict.quiet:
            raise
        return 0
    except (OutOfTime, PauseChanged, LeaseLost):
        return 0  # what is sent next finds out the same


def last_list_size(sending: Sending, target: Target) -> int:
    """For the last request under a lease: where the account has to rest, it does, and nothing waits for it."""
    try:
        return list_size(sending, target)
    except Refusal:
        sending.held.rest()
        return 0
