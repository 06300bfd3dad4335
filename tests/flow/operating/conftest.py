"""A deployment of its own: what the commands show takes Google ten minutes, and nothing here hangs on seconds. It writes traces, too."""

from collections.abc import Iterator

import pytest

from tests.support.flow import Flow, running

SPEED = 120.0


@pytest.fixture(scope="package")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    with pytest.MonkeyPatch().context() as patch:
        patch.setenv("SLUICE_TRACES", "console")
        with running(tmp_path_factory.mktemp("operating"), speed=SPEED) as started:
            yield started
