"""The servers that one test body runs over, and what is known of those that are not ours.

A suite parametrises its fixture `backend` with those that are here. A test that needs more than the protocol
says so with `@pytest.mark.needs`; differences.toml tells what a backend lacks, and which tests are known to
differ there.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import has_fake_gcs, has_pubsub_emulator

LOCAL, FAKE_GCS, PUBSUB_EMULATOR = "local", "fake-gcs-server", "pubsub-emulator"
TABLE = Path(__file__).with_name("differences.toml")
Sentences = Mapping[str, str]  # by need or test


def _here(name: str, is_here: bool) -> list[Any]:
    """Only in the long runs: how fast somebody else's server answers must not decide about a change of ours."""
    return [pytest.param(name, marks=pytest.mark.full)] if is_here else []


# Each of them: the local one first, then those that are here.
STORAGES = [LOCAL, *_here(FAKE_GCS, has_fake_gcs())]
PUBSUBS = [LOCAL, *_here(PUBSUB_EMULATOR, has_pubsub_emulator())]


def differences() -> Mapping[str, Mapping[str, Sentences]]:
    """By backend: `lacks` (a need), `differs`, `wavers` and `never_ends` (a test, with or without its case)."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def mark_known_differences(items: Iterable[pytest.Item]) -> None:
    known = differences()
    for item in items:
        if (backend := _backend(item)) in known:
            for mark in _marks(item, backend, known[backend]):
                item.add_marker(mark)


def _marks(item: pytest.Item, backend: str, known: Mapping[str, Sentences]) -> Iterator[pytest.MarkDecorator]:
    """A difference that has gone is to be noticed: the table's tests have to fail there."""
    needs = {need for mark in item.iter_markers("needs") for need in mark.args}
    for need in sorted(needs & known["lacks"].keys()):
        yield pytest.mark.skip(f"{backend}: {known['lacks'][need]}")
    for name in _names(item, backend):
        if name in known["never_ends"]:
            yield pytest.mark.skip(f"{backend}: {known['never_ends'][name]}")
        if name in known["wavers"]:
            yield pytest.mark.xfail(reason=f"{backend}: {known['wavers'][name]}")
        if name in known["differs"]:
            yield pytest.mark.xfail(reason=f"{backend}: {known['differs'][name]}", strict=True)


def _backend(item: pytest.Item) -> str:
    spec = getattr(item, "callspec", None)
    return str(spec.params.get("backend", LOCAL)) if spec else LOCAL


def _names(item: pytest.Item, backend: str) -> tuple[str, str]:
    """A test's name, without and with its case: `test_a_rule`, `test_a_rule[case]`."""
    name, _, case = item.name.partition("[")
    return name, f"{name}[{case.removeprefix(backend).removeprefix('-')}"
