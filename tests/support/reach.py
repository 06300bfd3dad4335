"""What a test needs of the world around it: on a laptop it may be missing, where nobody watches it may not."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.install import IndexOutOfReach
from services.console import environment


@contextmanager
def package_index() -> Iterator[None]:
    """Skips the test that cannot have packages. With CI=true it fails: skipped there looks like passed."""
    try:
        yield
    except IndexOutOfReach as error:
        if environment.inherited().get("CI") == "true":
            raise
        pytest.skip(f"the package index is out of reach: {error}")
