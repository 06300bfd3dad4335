"""What `sluice sweep` says, for people and for programs."""

from typing import get_args

import pytest

from services.console.main import run
from services.console.sweep import document, words
from shared.ops.sweep import Swept
from shared.sweeping import AskAgain, Obligation, Paused, Restart, SetQueue, Settle, Step

SEGMENT = "1234567890-buyers-append-0123456789abcdef"
UPLOADS = Restart((Obligation("upload", 2, 5), Obligation("upload", 2, 6), Obligation("finish", 2)))
TOLD: list[Step] = [UPLOADS, Settle(1), Paused("quota_day", "2026-11-26T08:00:00+00:00"), SetQueue(held=True)]
STEPS = TOLD + [kind() for kind in get_args(Step) if kind not in map(type, TOLD)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_step_has_words_and_a_document(step: Step) -> None:
    swept = Swept("1234567890", SEGMENT, 1, step)

    assert words(swept).startswith(f"{SEGMENT}  run 1  ")
    assert document(swept)["step"] == type(step).__name__


def test_tasks_that_are_made_anew_are_counted() -> None:
    assert words(Swept("1234567890", SEGMENT, 1, UPLOADS)).endswith(
        "make tasks anew: stage 2: 2 uploads, stage 2: 1 finish"
    )


def test_what_is_no_account_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sweep", "--account", "123-456-7890"]) == 2
    assert "ten digits" in capsys.readouterr().err


def test_a_failure_is_told_in_the_place_of_the_step() -> None:
    failed = Swept("1234567890", "", 0, AskAgain(), "Cloud Tasks list of account-1234567890: NotFound")

    assert words(failed) == "1234567890  failed: Cloud Tasks list of account-1234567890: NotFound"
    assert document(failed)["failed"] == failed.failed
