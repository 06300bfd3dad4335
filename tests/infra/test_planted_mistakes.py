"""Mistakes that somebody might make in infra/ (planted_mistakes.yaml), each planted, and what catches it: Terraform itself, Google's
own rules, or a check of ours by its name.

What none of them can see is written in docs/deploy.md.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from _pytest.mark.structures import ParameterSet

from tests.infra.conftest import Stacks
from tests.infra.deployed.checks import complaints
from tests.support.stack import EVERYTHING, Stack

FILE = Path(__file__).with_name("planted_mistakes.yaml")


@dataclass(frozen=True)
class Mistake:
    """As planted_mistakes.yaml explains it."""

    what: str
    file: str
    wrong: str
    caught_by: str
    right: str = ""
    every_option: bool = False
    only_full: bool = False


def parameter(mistake: Mistake) -> ParameterSet:
    return pytest.param(mistake, id=mistake.what, marks=[pytest.mark.full] if mistake.only_full else [])


MISTAKES = [Mistake(**each) for each in yaml.safe_load(FILE.read_text("utf-8"))]


@pytest.mark.parametrize("mistake", [parameter(each) for each in MISTAKES])
def test_it_is_caught(stacks: Stacks, mistake: Mistake) -> None:
    stack = stacks(EVERYTHING if mistake.every_option else {})
    plant(stack, mistake)

    told = stack.apply()

    if told.returncode:
        assert mistake.caught_by in plain(told.stderr)
    else:
        assert mistake.caught_by in complaints(stack.applied())


def plant(stack: Stack, mistake: Mistake) -> None:
    file = Path(stack.infra, mistake.file)
    text = file.read_text("utf-8")
    assert mistake.right in text, "the mistake cannot be made any more: plant it anew"
    file.write_text(text.replace(mistake.right, mistake.wrong) if mistake.right else text + mistake.wrong)


def plain(refusal: str) -> str:
    """In one line, without the frames that Terraform draws."""
    return " ".join(refusal.replace("│", " ").split())
