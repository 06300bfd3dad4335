"""One deployment for all flow tests; it is gone when the last of them has ended, however it ended."""

from collections.abc import Iterator

import pytest

from tests.support.flow import Flow, running


@pytest.fixture(scope="package")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    with running(tmp_path_factory.mktemp("flow")) as started:
        yield started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who looks for what all of them have left behind comes last."""
    items.sort(key=lambda item: item.path.name == "test_traces.py")
