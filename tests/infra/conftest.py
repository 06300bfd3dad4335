"""Deployments by Terraform, for tests that look at what it has made."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.offline.serve import offline_google
from tests.support.stack import RELEASES, SCHEMAS, Stack
from tests.support.terraform import program

Stacks = Callable[..., Stack]


@pytest.fixture(
    scope="session",
    params=[RELEASES[0], *(pytest.param(each, marks=pytest.mark.full) for each in RELEASES[1:])],
)
def google(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """The stand-in provider, in one release; in `make test-full` in one of each major version."""
    program()
    with offline_google(SCHEMAS / f"google-{request.param}.json") as told:
        yield told


@pytest.fixture
def stacks(google: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Makes deployments that can be changed: not applied, and not initialised, which a provider that is there already does not need."""

    def make(settings: Mapping[str, Any] = {}) -> Stack:
        return Stack.copied(tmp_path_factory.mktemp("stack"), google, settings)

    return make
