"""The table of known differences speaks of tests and needs that there are."""

import ast
from pathlib import Path

import pytest

from tests.contract.backends import FAKE_GCS, PUBSUB_EMULATOR, PUBSUBS, STORAGES, differences

SUITES = {FAKE_GCS: "test_storage.py", PUBSUB_EMULATOR: "test_pubsub.py"}


@pytest.mark.parametrize("backend", SUITES)
def test_every_known_difference_is_of_a_test(backend: str) -> None:
    known = differences()[backend]

    named = {name.partition("[")[0] for kind in ("differs", "wavers", "never_ends") for name in known[kind]}

    assert named <= {function.name for function in _tests(backend)}


@pytest.mark.parametrize("backend", SUITES)
def test_all_that_a_backend_lacks_is_needed_by_a_test(backend: str) -> None:
    needed = {need for function in _tests(backend) for need in _needs(function)}

    assert set(differences()[backend]["lacks"]) == needed


@pytest.mark.full
def test_the_storage_suite_ran_against_fake_gcs_server_too(fake_gcs: str) -> None:
    assert len(STORAGES) == 2


@pytest.mark.full
def test_the_pubsub_suite_ran_against_the_official_emulator_too(pubsub_emulator: str) -> None:
    assert len(PUBSUBS) == 2


def test_no_backend_is_unknown() -> None:
    assert differences().keys() == SUITES.keys()


def _tests(backend: str) -> list[ast.FunctionDef]:
    suite = Path(__file__).with_name(SUITES[backend])
    tree = ast.parse(suite.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _needs(function: ast.FunctionDef) -> list[str]:
    marks = (mark for mark in function.decorator_list if isinstance(mark, ast.Call))
    needs = (mark for mark in marks if ast.unparse(mark.func) == "pytest.mark.needs")
    return [str(ast.literal_eval(each)) for mark in needs for each in mark.args]
