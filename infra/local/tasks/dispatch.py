"""The background half of Cloud Tasks: sends what the engine hands out and tells it what came of it. Decides
nothing."""

import asyncio
from dataclasses import dataclass

from infra.local.alarm import Alarm
from infra.local.clock import SimClock
from infra.local.control.control import Control, Injected
from infra.local.delivery import Answer, Courier, Sign, session
from infra.local.tasks import names
from infra.local.tasks.engine import TasksEngine
from infra.local.tasks.queue import Dispatch
from infra.local.tasks.request import outgoing
from infra.local.tasks.throttle import succeeded


async def run(engine: TasksEngine, control: Control, clock: SimClock, sign: Sign) -> None:
    """Until cancelled, and then takes its running requests with it."""
    alarm = Alarm(clock)
    engine.listen(alarm.ring)
    async with session() as http, asyncio.TaskGroup() as group:
        dispatcher = Dispatcher(engine, control, sign, Courier(http, group, clock))
        while True:
            for dispatch in engine.take():
                group.create_task(dispatcher.carry_out(dispatch))
            await alarm.wait(engine.next_due())


@dataclass(frozen=True)
class Dispatcher:
    engine: TasksEngine
    control: Control
    sign: Sign
    courier: Courier

    async def carry_out(self, dispatch: Dispatch) -> None:
        queue, task = names.short_id(dispatch.queue), dispatch.task.id
        copies = self.control.copies("cloudtasks", "dispatch", account=queue, resource=task)
        answer = await self.courier.deliver(copies, lambda: self._once(dispatch, queue, task))
        self.engine.finish(dispatch, answer)

    async def _once(self, dispatch: Dispatch, queue: str, task: str) -> Answer:
        try:
            async with self.control.call("cloudtasks", "dispatch", account=queue, resource=task) as note:
                answer = await self.courier.send(outgoing(dispatch, self.sign))
                note.status = "OK" if succeeded(answer) else answer.words
                return answer
        except Injected as injected:
            return Answer(None, failure=injected.code)
