"""Settings of the tools that tests use."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no defect: how long one example takes says nothing about the code.
settings.register_profile("sluice", deadline=None)
settings.load_profile("sluice")

ELSEWHERE = ("test_demo.py", "test_pairs.py")
"""Flow tests that go with the contracts, so that both groups take as long."""


class TwoGroups(LoadScopeScheduling):
    """For `--dist loadscope`: most flow tests share one deployment and so one process, the rest is the other's."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "flow" if path.startswith("tests/flow/") and not path.endswith(ELSEWHERE) else "rest"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    return TwoGroups(config, log) if config.getvalue("dist") == "loadscope" else None
