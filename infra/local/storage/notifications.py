"""Publishes what waits in the outbox, until it is published.

Cloud Storage, Pub/Sub notifications: at least once, in no order. A topic that refuses keeps only its own
notifications waiting.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from infra.local.clock import SimClock
from infra.local.storage.engine import StorageEngine
from infra.local.storage.outbox import Waiting

Publish = Callable[[str, bytes, dict[str, str]], Awaitable[str]]  # topic, data, attributes -> message id

BATCH = 100
LONGEST_PAUSE_SECONDS = 60.0
log = logging.getLogger(__name__)


async def deliver(store: StorageEngine, publish: Publish, clock: SimClock) -> None:
    """Runs until it is cancelled. `publish` raises where the topic did not take the message."""
    loop = asyncio.get_running_loop()
    recorded = asyncio.Event()
    with store.outbox.heard_by(lambda: loop.call_soon_threadsafe(recorded.set)):
        while True:
            recorded.clear()
            due = await asyncio.to_thread(store.outbox.due, clock.now(), BATCH)
            await asyncio.gather(*(_attempt(store, publish, clock, each) for each in due))
            if len(due) < BATCH:
                await _until_due(store, clock, recorded)


async def _attempt(store: StorageEngine, publish: Publish, clock: SimClock, waiting: Waiting) -> None:
    notification = waiting.notification
    try:
        await publish(notification.topic, notification.data, notification.attributes)
    except Exception as error:  # noqa: BLE001  whatever the topic's reason is, the notification stays
        if waiting.attempts == 0:
            log.warning("a notification waits: %s refused it: %r", notification.topic, error)
        await asyncio.to_thread(store.outbox.postpone, waiting, clock.now() + pause_after(waiting.attempts))
    else:
        await asyncio.to_thread(store.outbox.published, waiting)


def pause_after(attempts: int) -> float:
    """Seconds until the next attempt: 1, 2, 4 ... and a minute at most."""
    return min(2.0 ** min(attempts, 10), LONGEST_PAUSE_SECONDS)


async def _until_due(store: StorageEngine, clock: SimClock, recorded: asyncio.Event) -> None:
    moment = await asyncio.to_thread(store.outbox.next_due)
    seconds = None if moment is None else max(0.0, clock.real(moment - clock.now()))
    try:
        await asyncio.wait_for(recorded.wait(), seconds)
    except TimeoutError:
        return
