"""Cloud Tasks' rules on a virtual clock: names, schedule, limits, retries, and the lives of tasks and
queues."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from infra.local.delivery import Answer
from infra.local.refused import Refused
from infra.local.tasks.engine import TasksEngine
from infra.local.tasks.queue import Dispatch
from infra.local.tasks.settings import HttpTarget, QueueSettings, RateLimits, RetryConfig, UriOverride
from infra.local.tasks.task import DAY, MAX_TASK_BYTES, HttpRequest, NewTask, Task

QUEUE = "projects/p/locations/l/queues/account-1234567890"
OTHER = "projects/p/locations/l/queues/other"
WORK = NewTask(HttpRequest("http://127.0.0.1/"))
OK, BROKEN, BUSY = Answer(200), Answer(500), Answer(503)
TIMED_OUT = Answer(None, failure="DEADLINE_EXCEEDED")
PATIENT = RetryConfig(max_attempts=-1, min_backoff=10, max_backoff=40)
ONE_AT_A_TIME = QueueSettings(RateLimits(concurrent=1), PATIENT)


class World:
    """An engine with one queue, and the clock it is told."""

    def __init__(self, settings: QueueSettings = ONE_AT_A_TIME) -> None:
        self.now = 1_800_000_000.0
        self.engine = TasksEngine(lambda: self.now, random.Random(1))
        self.engine.create_queue(QUEUE, settings)

    def create(self, task_id: str = "", new: NewTask = WORK, **changes: Any) -> Task:
        name = f"{QUEUE}/tasks/{task_id}" if task_id else ""
        return self.engine.create_task(QUEUE, name, replace(new, **changes))

    def get(self, task_id: str) -> Task:
        return self.engine.task(f"{QUEUE}/tasks/{task_id}")

    def run(self, task_id: str) -> Task:
        return self.engine.run_task(f"{QUEUE}/tasks/{task_id}")

    def take(self) -> list[Dispatch]:
        return self.engine.take()

    def taken(self) -> list[str]:
        """The ids of what is dispatched now."""
        return [dispatch.task.id for dispatch in self.engine.take()]

    def answer(self, answer: Answer) -> None:
        """Takes what is due and lets each of them end so."""
        for dispatch in self.engine.take():
            self.engine.finish(dispatch, answer)

    def names(self) -> list[str]:
        return [task.id for task in self.engine.tasks(QUEUE, 0, 10_000)]

    def wait(self, seconds: float) -> None:
        self.now += seconds


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


# Names


def test_a_name_is_taken_while_its_task_lives() -> None:
    world = World()
    world.create("a")

    assert refusal(lambda: world.create("a")) == "ALREADY_EXISTS"


@pytest.mark.parametrize("way", ["done", "deleted", "purged", "given up"])
def test_a_name_stays_taken_for_24_hours_after_its_task_is_gone(way: str) -> None:
    world = World(QueueSettings(retry=RetryConfig(max_attempts=1)))
    world.create("a")
    match way:
        case "done":
            world.answer(OK)
        case "given up":
            world.answer(BROKEN)
        case "deleted":
            world.engine.delete_task(f"{QUEUE}/tasks/a")
        case "purged":
            world.engine.purge_queue(QUEUE)

    assert world.names() == []
    world.wait(DAY - 1)
    assert refusal(lambda: world.create("a")) == "ALREADY_EXISTS"
    world.wait(1)
    assert world.create("a").id == "a"


def test_tasks_without_a_name_get_one_of_their_own() -> None:
    world = World()

    assert len({world.create().id for _ in range(100)}) == 100


@pytest.mark.parametrize("task_id", ["a.b", "a/b", "ä", "x" * 501])
def test_a_task_id_has_letters_digits_hyphens_and_underscores(task_id: str) -> None:
    world = World()

    assert refusal(lambda: world.create(task_id)) == "INVALID_ARGUMENT"
    assert world.create("x" * 500).id == "x" * 500


def test_a_task_is_named_within_its_own_queue() -> None:
    world = World()

    wrong = f"{OTHER}/tasks/a"
    assert refusal(lambda: world.engine.create_task(QUEUE, wrong, WORK)) == "INVALID_ARGUMENT"


def test_unknown_queues_and_tasks_are_not_found() -> None:
    world = World()

    assert refusal(lambda: world.engine.create_task(OTHER, "", WORK)) == "NOT_FOUND"
    assert refusal(lambda: world.get("a")) == "NOT_FOUND"
    assert refusal(lambda: world.run("a")) == "NOT_FOUND"
    assert refusal(lambda: world.engine.delete_task(f"{QUEUE}/tasks/a")) == "NOT_FOUND"
    assert refusal(lambda: world.engine.queue("queues/other")) == "INVALID_ARGUMENT"


def test_a_deleted_queues_name_is_blocked_for_three_days() -> None:
    world = World()
    world.engine.delete_queue(QUEUE)

    assert refusal(lambda: world.engine.queue(QUEUE)) == "NOT_FOUND"
    world.wait(3 * DAY - 1)
    assert refusal(lambda: world.engine.create_queue(QUEUE, QueueSettings())) == "FAILED_PRECONDITION"
    world.wait(1)
    assert world.engine.create_queue(QUEUE, QueueSettings()).name == QUEUE


# What may be created


@pytest.mark.parametrize(
    "new",
    [
        NewTask(HttpRequest("")),
        NewTask(HttpRequest("ftp://h")),
        NewTask(HttpRequest("http://")),
        NewTask(HttpRequest("http://h:99999/")),
        NewTask(HttpRequest("http://[::1/")),
        NewTask(HttpRequest("http://" + "h" * 2083)),
        NewTask(HttpRequest("http://h", "GET", body=b"x")),
        NewTask(HttpRequest("http://h", headers={"X-A": "x" * 80_000})),
        NewTask(HttpRequest("http://h", headers={"X-A": "a\r\nX-B: b"})),
        NewTask(HttpRequest("http://h", headers={"X A": "a"})),
        replace(WORK, size=MAX_TASK_BYTES + 1),
        replace(WORK, deadline=14.9),
        replace(WORK, deadline=1800.1),
    ],
)
def test_what_the_service_refuses_is_not_created(new: NewTask) -> None:
    world = World()

    assert refusal(lambda: world.create(new=new)) == "INVALID_ARGUMENT"
    assert world.names() == []


def test_a_task_is_scheduled_at_most_30_days_ahead() -> None:
    world = World()

    assert world.create(scheduled=world.now + 30 * DAY).scheduled == world.now + 30 * DAY
    assert refusal(lambda: world.create(scheduled=world.now + 30 * DAY + 1)) == "INVALID_ARGUMENT"


def test_a_schedule_in_the_past_means_now() -> None:
    world = World()

    assert world.create(scheduled=world.now - 100).scheduled == world.now


def test_a_task_without_url_needs_a_queue_that_names_the_host() -> None:
    world = World(QueueSettings(target=HttpTarget(UriOverride(host="127.0.0.1"))))

    assert world.create(new=NewTask(HttpRequest(""))).request.url == ""


@pytest.mark.parametrize(
    "settings",
    [
        QueueSettings(RateLimits(rate=500.1)),
        QueueSettings(RateLimits(rate=-1)),
        QueueSettings(RateLimits(concurrent=5001)),
        QueueSettings(retry=RetryConfig(max_attempts=-2)),
        QueueSettings(retry=RetryConfig(min_backoff=10, max_backoff=9)),
        QueueSettings(target=HttpTarget(UriOverride(host=""))),
        QueueSettings(target=HttpTarget(headers=(("X-A", "a\nb"),))),
    ],
)
def test_a_queue_outside_the_limits_is_not_created(settings: QueueSettings) -> None:
    world = World()

    assert refusal(lambda: world.engine.create_queue(OTHER, settings)) == "INVALID_ARGUMENT"


# Dispatching


def test_tasks_are_dispatched_by_their_schedule() -> None:
    world = World(QueueSettings())
    world.create("late", scheduled=world.now + 20)
    world.create("early", scheduled=world.now + 10)
    world.create("now")

    assert world.taken() == ["now"]
    assert world.engine.next_due() == world.now + 10
    world.wait(30)
    assert world.taken() == ["early", "late"]


def test_no_more_tasks_run_than_are_allowed() -> None:
    world = World()
    for task_id in "abc":
        world.create(task_id)

    first = world.take()
    assert [dispatch.task.id for dispatch in first] == ["a"]
    assert world.taken() == []
    world.engine.finish(first[0], OK)
    assert world.taken() == ["b"]


def test_no_more_tasks_begin_than_the_rate_allows() -> None:
    world = World(QueueSettings(RateLimits(rate=2)))
    for _ in range(10):
        world.create()

    assert len(world.taken()) == 2
    assert world.engine.next_due() == world.now + 0.5
    world.wait(1)
    assert len(world.taken()) == 2
    world.wait(0.5)
    assert len(world.taken()) == 1


def test_a_paused_queue_keeps_its_tasks_and_goes_on_when_resumed() -> None:
    world = World()
    world.engine.pause_queue(QUEUE)
    world.create("a")

    assert world.taken() == []
    assert world.names() == ["a"]
    world.engine.resume_queue(QUEUE)
    assert world.taken() == ["a"]


def test_a_running_task_is_still_listed_with_its_attempt() -> None:
    world = World()
    world.create("a")
    world.take()

    running = world.get("a")
    assert world.names() == ["a"]
    assert (running.dispatches, running.responses, running.waiting) == (1, 0, False)
    assert running.last is not None
    assert running.last.answer is None


@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_task_is_done_with_any_2xx(status: int) -> None:
    world = World()
    world.create("a")

    world.answer(Answer(status))

    assert world.names() == []


@pytest.mark.parametrize("answer", [Answer(199), Answer(302), Answer(404), BROKEN, BUSY, TIMED_OUT])
def test_a_task_is_retried_after_any_other_end(answer: Answer) -> None:
    world = World()
    world.create("a")

    world.answer(answer)

    failed = world.get("a")
    assert failed.scheduled == world.now + 10
    assert failed.last is not None
    assert failed.last.answer == answer
    world.wait(10)
    assert world.taken() == ["a"]


def test_intervals_between_attempts_grow() -> None:
    world = World()
    world.create("a")
    waits = []
    for _ in range(4):
        world.answer(BROKEN)
        waits.append(world.get("a").scheduled - world.now)
        world.wait(waits[-1])

    assert waits == [10, 20, 40, 40]


def test_counts_tell_silence_errors_and_executions_apart() -> None:
    world = World()
    world.create("a")
    for answer in (TIMED_OUT, BROKEN, Answer(404)):
        world.answer(answer)
        world.wait(60)

    task = world.get("a")
    assert (task.dispatches, task.responses, task.executions) == (3, 2, 1)


def test_a_task_that_has_used_up_its_attempts_is_deleted() -> None:
    world = World(QueueSettings(retry=RetryConfig(max_attempts=2, min_backoff=1, max_backoff=1)))
    world.create("a")
    world.answer(BROKEN)
    assert world.names() == ["a"]
    world.wait(1)

    world.answer(BROKEN)

    assert world.names() == []


def test_with_both_limits_both_have_to_be_reached() -> None:
    retry = RetryConfig(max_attempts=2, max_duration=35, min_backoff=10, max_backoff=10)
    world = World(QueueSettings(retry=retry))
    world.create("a")
    attempts = 0
    while world.names():
        world.answer(BROKEN)
        attempts += 1
        world.wait(10)

    assert attempts == 5  # at 0, 10, 20, 30 s, and at 40 s both are


def test_an_overloaded_worker_holds_up_its_queue_and_no_other() -> None:
    world = World(QueueSettings(retry=PATIENT))
    world.engine.create_queue(OTHER, QueueSettings())
    world.create("a")
    world.answer(Answer(503, retry_after="30"))

    world.create("b")
    world.engine.create_task(OTHER, f"{OTHER}/tasks/c", WORK)

    assert world.taken() == ["c"]
    world.wait(30)
    assert sorted(world.taken()) == ["a", "b"]


def test_the_second_of_two_running_attempts_does_not_bring_a_done_task_back() -> None:
    world = World()
    world.create("a")
    first = world.take()[0]
    world.run("a")
    second = world.take()[0]

    world.engine.finish(first, OK)
    world.engine.finish(second, BROKEN)

    assert world.names() == []


def test_the_answer_for_a_deleted_task_is_heard_by_nobody() -> None:
    world = World()
    world.create("a")
    dispatch = world.take()[0]
    world.engine.delete_task(f"{QUEUE}/tasks/a")
    world.create("b")

    world.engine.finish(dispatch, BROKEN)

    assert world.taken() == ["b"]


def test_the_answer_for_a_deleted_queue_is_heard_by_nobody() -> None:
    world = World()
    world.create("a")
    dispatch = world.take()[0]
    world.engine.delete_queue(QUEUE)

    world.engine.finish(dispatch, BROKEN)

    assert world.taken() == []


# RunTask


def test_run_ignores_schedule_pause_rate_and_concurrency() -> None:
    world = World()
    world.create("busy")
    world.take()
    world.create("a", scheduled=world.now + DAY)
    world.engine.pause_queue(QUEUE)

    begun = world.run("a")

    assert begun.dispatches == 1
    assert world.taken() == ["a"]


def test_run_begins_a_second_attempt_beside_a_running_one() -> None:
    world = World()
    world.create("a")
    world.take()

    world.run("a")

    assert [dispatch.task.dispatches for dispatch in world.take()] == [2]


def test_a_task_that_was_run_is_not_also_dispatched_by_its_schedule() -> None:
    world = World(QueueSettings())
    world.create("a", scheduled=world.now + 5)
    world.run("a")
    world.take()

    world.wait(10)

    assert world.taken() == []


def test_a_failed_run_is_retried_counting_from_its_beginning() -> None:
    world = World()
    world.create("a", scheduled=world.now + DAY)
    world.run("a")
    dispatch = world.take()[0]
    started = world.now
    world.wait(4)

    world.engine.finish(dispatch, BROKEN)

    assert world.get("a").scheduled == started + 10


# The lives of tasks and queues


def test_a_task_lives_for_31_days() -> None:
    world = World()
    world.engine.pause_queue(QUEUE)
    world.create("a")

    world.wait(31 * DAY - 1)
    assert world.names() == ["a"]
    world.wait(1)
    assert world.names() == []


def test_a_purge_deletes_what_was_created_before_it() -> None:
    world = World()
    for task_id in "abc":
        world.create(task_id)
    world.take()

    purged = world.engine.purge_queue(QUEUE)
    world.create("d")

    assert purged.purged == world.now
    assert world.names() == ["d"]


def test_new_limits_apply_at_once() -> None:
    world = World()
    for _ in range(5):
        world.create()
    world.take()

    world.engine.update_queue(QUEUE, QueueSettings(RateLimits(concurrent=3)))

    assert len(world.taken()) == 2


def test_updating_an_unknown_queue_creates_it() -> None:
    world = World()

    world.engine.update_queue(OTHER, ONE_AT_A_TIME)

    assert world.engine.queue(OTHER).settings == ONE_AT_A_TIME


def test_pages_follow_each_other_while_tasks_come_and_go() -> None:
    world = World()
    for number in range(10):
        world.create(f"t{number}")

    first = world.engine.tasks(QUEUE, 0, 4)
    world.answer(OK)
    world.create("new")
    second = world.engine.tasks(QUEUE, first[-1].sequence, 100)

    assert [task.id for task in first + second] == [*(f"t{number}" for number in range(10)), "new"]


def test_ten_thousand_tasks_are_no_trouble() -> None:
    world = World(QueueSettings(RateLimits(concurrent=5000)))
    for number in range(10_000):
        world.create(f"t{number}")

    done = 0
    while world.names():
        for dispatch in world.take():
            world.engine.finish(dispatch, OK)
            done += 1
        world.wait(1)

    assert done == 10_000


class AnyOrder(RuleBasedStateMachine):
    """Creates, runs, ends and pauses tasks in any order."""

    LIMIT = 2

    def __init__(self) -> None:
        super().__init__()
        self.world = World(QueueSettings(RateLimits(concurrent=self.LIMIT), PATIENT))
        self.running: list[Dispatch] = []
        self.open: set[str] = set()

    @rule()
    def create(self) -> None:
        self.open.add(self.world.create().id)

    @rule()
    def take(self) -> None:
        """What the queue begins by itself stays within its limit, whatever was forced beside."""
        begun = self.world.take()
        self.running += begun
        if not all(each.forced for each in begun):
            assert len([each for each in self.running if not each.forced]) <= self.LIMIT

    @precondition(lambda self: self.running)
    @rule(choice=st.randoms(use_true_random=False), answer=st.sampled_from([OK, BROKEN, BUSY, TIMED_OUT]))
    def end(self, choice: random.Random, answer: Answer) -> None:
        ended = self.running.pop(choice.randrange(len(self.running)))
        self.world.engine.finish(ended, answer)
        if answer is OK:
            self.open.discard(ended.task.id)

    @precondition(lambda self: self.open)
    @rule(choice=st.randoms(use_true_random=False))
    def force(self, choice: random.Random) -> None:
        self.world.run(choice.choice(sorted(self.open)))

    @rule(pause=st.booleans())
    def switch(self, pause: bool) -> None:
        (self.world.engine.pause_queue if pause else self.world.engine.resume_queue)(QUEUE)

    @rule(seconds=st.integers(1, 100))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @invariant()
    def no_task_is_lost_and_none_comes_back(self) -> None:
        assert set(self.world.names()) == self.open

    def teardown(self) -> None:
        """In the end, every task can still be done."""
        for dispatch in self.running:
            self.world.engine.finish(dispatch, OK)
        self.world.engine.resume_queue(QUEUE)
        for _ in range(len(self.open) + 1):
            self.world.wait(60)
            self.world.answer(OK)
        assert self.world.names() == []


def test_in_any_order_of_events_the_limit_holds_and_no_task_is_lost() -> None:
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=50))
