"""One console at a time in one folder: a second one would clean away what the first one stands on."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import SluiceError


class AlreadyRunning(SluiceError):
    """Somebody else works in the folder: wait for them, or stop them."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """The lock lies beside the folder, which may so be removed; it ends with this process, however that ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another sluice is at work in {folder}; wait for it or stop it") from error
        yield
