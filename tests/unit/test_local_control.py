"""The gate: what a call sees of the faults that are due for it, and what is recorded about it."""

import asyncio
import signal
from typing import Any

import pytest

from infra.local.clock import SimClock
from infra.local.control.control import Control, Injected
from infra.local.control.faults import parse

HURRIED = 1_000_000.0


def gate(*faults: dict[str, Any], kills: list[tuple[int, int]] | None = None) -> Control:
    struck = kills if kills is not None else []
    control = Control(SimClock.start(HURRIED), seed=7, kill=lambda pid, number: struck.append((pid, number)))
    control.faults.add(
        parse({"id": str(number), "service": "storage", "method": "objects.get", **words})
        for number, words in enumerate(faults)
    )
    return control


def passes(control: Control) -> list[str]:
    """What happens to one call: the body's effect, then what its caller hears."""
    events: list[str] = []

    async def call() -> None:
        async with control.call("storage", "objects.get", account="work", resource="a"):
            events.append("effect")

    try:
        asyncio.run(call())
        events.append("answer")
    except Injected as injected:
        events.append(f"{injected.code} {injected.reason}".strip())
    return events


@pytest.mark.parametrize(
    ("fault", "events"),
    [
        ({"action": "error", "code": "ABORTED", "reason": "BUSY"}, ["ABORTED BUSY"]),
        ({"action": "lose_answer"}, ["effect", "UNAVAILABLE"]),
        ({"action": "kill_before", "process": "uploader"}, ["UNAVAILABLE"]),
        ({"action": "kill_after", "process": "uploader"}, ["effect", "UNAVAILABLE"]),
        ({"action": "delay", "seconds": 5}, ["effect", "answer"]),
        ({"action": "overlap"}, ["effect", "answer"]),
        ({"action": "garble", "method": "AddOfflineUserDataJobOperations", "every": 2}, ["effect", "answer"]),
        ({"action": "judge", "service": "google_ads", "standing": "good"}, ["effect", "answer"]),
        ({"action": "duplicate"}, ["effect", "answer"]),
    ],
)
def test_an_action_decides_whether_there_is_an_effect_and_an_answer(
    fault: dict[str, Any], events: list[str]
) -> None:
    assert passes(gate(fault)) == events


@pytest.mark.parametrize("action", ["kill_before", "kill_after"])
def test_a_kill_strikes_the_registered_process(action: str) -> None:
    kills: list[tuple[int, int]] = []
    control = gate({"action": action, "process": "uploader"}, kills=kills)
    control.register("uploader", 4711)
    control.register("chunker", 4712)

    passes(control)

    assert kills == [(4711, signal.SIGKILL)]


@pytest.mark.parametrize("pid", [1, 0, -1, -4711])
def test_only_one_ordinary_process_can_be_registered(pid: int) -> None:
    with pytest.raises(ValueError, match="not the id"):
        gate().register("uploader", pid)


@pytest.mark.parametrize("action", ["delay", "lose_answer"])
def test_a_delay_lasts_simulated_seconds_and_a_lost_answer_can_be_late(action: str) -> None:
    control = gate({"action": action, "seconds": 600})

    passes(control)

    (call,) = control.recorder.calls()
    assert call.ended is not None
    assert call.ended - call.started >= 600


@pytest.mark.parametrize(
    ("faults", "status", "injected"),
    [([], "OK", False), ([{"action": "error", "code": "INTERNAL"}], "INTERNAL", True)],
)
def test_a_call_is_recorded_with_its_end(faults: list[dict[str, Any]], status: str, injected: bool) -> None:
    control = gate(*faults)

    passes(control)

    (call,) = control.recorder.calls(service="storage", method="objects.get", account="work")
    assert (call.resource, call.status, call.injected) == ("a", status, injected)


def test_a_status_that_the_face_noted_is_recorded() -> None:
    control = gate()

    async def call() -> None:
        async with control.call("storage", "objects.get") as note:
            note.status = "NOT_FOUND"

    asyncio.run(call())

    assert [each.status for each in control.recorder.calls()] == ["NOT_FOUND"]


def test_a_duplicate_is_made_once() -> None:
    control = gate({"action": "duplicate", "nth": 2})

    assert [control.copies("storage", "objects.get") for _ in range(3)] == [1, 2, 1]


def test_parts_draw_from_sources_of_their_own_that_the_seed_decides() -> None:
    first, second = gate(), gate()

    assert first.random_for("pubsub").random() == second.random_for("pubsub").random()
    assert first.random_for("pubsub").random() != first.random_for("tasks").random()
