"""Worlds for the tests of this folder; each ends with its test."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Any number of worlds, one after another."""
    worlds: list[World] = []
    numbers = count()

    def make(**settings: Any) -> World:
        while worlds:
            worlds.pop().close()
        worlds.append(World(tmp_path / str(next(numbers)), **settings))
        return worlds[0]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()
