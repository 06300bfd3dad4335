"""The only module of the console that reads or changes its process's environment."""

import os
from collections.abc import Mapping


def inherited() -> dict[str, str]:
    return dict(os.environ)


def become(variables: Mapping[str, str]) -> None:
    """Makes this process a client of the local deployment, as a user's shell becomes one: Google's clients read
    their emulators and certificates from here and from nowhere else."""
    os.environ.update(variables)
