"""A delivery made more than once, and waiting for news or for a moment."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp

from infra.local.alarm import Alarm
from infra.local.clock import SimClock
from infra.local.delivery import Answer, Courier, Outgoing, session

CLOCK = SimClock.start(speed=1000)
DONE, REFUSED = Answer(200), Answer(None, failure="UNAVAILABLE")


def with_courier(use: Callable[[Courier], Awaitable[Answer]]) -> Answer:
    """Runs `use` to its end, and everything that it started too."""

    async def main() -> Answer:
        async with session() as http, asyncio.TaskGroup() as group:
            return await use(Courier(http, group, CLOCK))

    return asyncio.run(main())


def delivered(*answers: Answer) -> tuple[Answer, list[Answer]]:
    """The answer that decides, and those of all copies, which come in this order."""
    given: list[Answer] = []

    async def deliver(courier: Courier) -> Answer:
        turns = [asyncio.Event() for _ in range(len(answers) + 1)]
        turns[0].set()
        numbers = iter(range(len(answers)))

        async def once() -> Answer:
            number = next(numbers)
            await turns[number].wait()
            given.append(answers[number])
            turns[number + 1].set()
            return answers[number]

        return await courier.deliver(len(answers), once)

    return with_courier(deliver), given


def test_a_single_delivery_is_what_it_is() -> None:
    assert delivered(DONE) == (DONE, [DONE])
    assert delivered(REFUSED) == (REFUSED, [REFUSED])


def test_the_first_of_two_answers_decides_and_the_other_copy_is_still_made() -> None:
    assert delivered(Answer(500), DONE) == (Answer(500), [Answer(500), DONE])


def test_an_answer_counts_more_than_silence() -> None:
    assert delivered(REFUSED, DONE) == (DONE, [REFUSED, DONE])


def test_silence_from_all_copies_is_silence() -> None:
    assert delivered(REFUSED, REFUSED)[0] == REFUSED


def test_an_address_that_nobody_can_call_is_an_answer_too() -> None:
    nowhere = Outgoing("POST", "http://127.0.0.1:99999/", {}, b"", 60.0)

    assert with_courier(lambda courier: courier.send(nowhere)) == REFUSED


def test_a_ring_wakes_everybody_who_waits() -> None:
    async def main() -> None:
        alarm = Alarm(CLOCK)
        waiting = [asyncio.create_task(alarm.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        alarm.ring()
        await asyncio.wait_for(asyncio.gather(*waiting), 10)

    asyncio.run(main())


def test_an_alarm_without_a_ring_goes_off_at_its_moment() -> None:
    moment = CLOCK.now() + 5

    asyncio.run(asyncio.wait_for(Alarm(CLOCK).wait(moment), 10))

    assert CLOCK.now() >= moment - 0.1


def test_the_sessions_of_deliveries_add_no_content_type() -> None:
    async def main() -> bool:
        async with session() as http:
            return aiohttp.hdrs.CONTENT_TYPE in http.skip_auto_headers

    assert asyncio.run(main())
