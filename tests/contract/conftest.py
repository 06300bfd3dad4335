"""What every contract test may ask for."""

import pytest

from tests.contract.backends import mark_known_differences
from tests.support.localcloud import local_cloud
from tests.support.servers import fake_gcs, pubsub_emulator

__all__ = ["fake_gcs", "local_cloud", "pubsub_emulator"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_known_differences(items)
