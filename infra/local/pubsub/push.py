"""The background half of Pub/Sub: it pushes messages, and lets the engine do what time alone does.

It decides nothing: what may be pushed and when comes from the engine, what an answer means from envelope.py.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from infra.local.alarm import Alarm
from infra.local.clock import SimClock
from infra.local.control.control import Control, Injected
from infra.local.delivery import Answer, Courier, Sign, session
from infra.local.pubsub import names
from infra.local.pubsub.engine import PubSubEngine, Pushed
from infra.local.pubsub.envelope import acknowledges, outgoing
from infra.local.refused import Refused


async def run(engine: PubSubEngine, control: Control, clock: SimClock, sign: Sign) -> None:
    """Until cancelled, and then takes its running pushes with it."""
    alarm = Alarm(clock)
    engine.listen(lambda _: alarm.ring())
    async with session() as http, asyncio.TaskGroup() as group:
        pusher = Pusher(engine, control, sign, Courier(http, group, clock))
        while True:
            for pushed in engine.pushes():
                group.create_task(pusher.push(pushed))
            await alarm.wait(engine.next_due())


@dataclass(frozen=True)
class Pusher:
    engine: PubSubEngine
    control: Control
    sign: Sign
    courier: Courier

    async def push(self, pushed: Pushed) -> None:
        """Delivers, and acks or nacks. After the deadline there is nothing to say: the message has expired."""
        account, resource = names.short_id(pushed.subscription), pushed.received.message.id
        copies = self.control.copies("pubsub", "push", account=account, resource=resource)
        answer = await self.courier.deliver(copies, lambda: self._once(pushed, account, resource))
        with suppress(Refused):  # the subscription was deleted meanwhile
            if acknowledges(answer.status):
                self.engine.acknowledge(pushed.subscription, [pushed.received.ack_id])
            elif answer.failure != "DEADLINE_EXCEEDED":
                self.engine.modify_ack_deadline(pushed.subscription, [pushed.received.ack_id], 0)

    async def _once(self, pushed: Pushed, account: str, resource: str) -> Answer:
        try:
            async with self.control.call("pubsub", "push", account=account, resource=resource) as note:
                self._restart_deadline(pushed)
                answer = await self.courier.send(outgoing(pushed, self._token(pushed)))
                note.status = "OK" if acknowledges(answer.status) else answer.words
                return answer
        except Injected as injected:
            return Answer(None, failure=injected.code)

    def _restart_deadline(self, pushed: Pushed) -> None:
        """The deadline counts from the request on, not from the wait before a delayed one."""
        with suppress(Refused):  # the subscription was deleted meanwhile
            self.engine.modify_ack_deadline(
                pushed.subscription, [pushed.received.ack_id], pushed.ack_deadline
            )

    def _token(self, pushed: Pushed) -> str:
        push = pushed.push
        return self.sign(push.audience or push.endpoint, push.email) if push.email else ""
