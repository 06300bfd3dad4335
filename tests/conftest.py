"""Settings of the tools that tests use."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no defect: how long one example takes says nothing about the code.
settings.register_profile("sluice", deadline=None)
settings.load_profile("sluice")

SECOND = ("test_pairs.py", "test_check_and_send.py", "test_chunking.py", "test_labels.py", "test_demo.py")
"""Flow tests with a deployment of their own, beside that of the others; and the demo, which brings its own."""


class Groups(LoadScopeScheduling):
    """For `--dist loadscope`: each group is one process with one deployment. They mostly wait for time to pass, so that three take
    as long on two cores as the longest of them; the fourth follows the contracts, which end first."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        if not path.startswith("tests/flow/"):
            return "contracts"
        if path.startswith("tests/flow/operating/"):
            return "operating"
        return "second" if path.endswith(SECOND) else "flow"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    return Groups(config, log) if config.getvalue("dist") == "loadscope" else None
