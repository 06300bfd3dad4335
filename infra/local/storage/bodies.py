"""Object bodies as files, under names that count up: no object name can lead anywhere.

A file becomes visible only through the row that names it (object_rows.py); what no row names at the start was
never finished, and goes. A file that was replaced is unlinked at once: whoever has it open reads it to its
end.
"""

import os
from collections.abc import Iterable, Set
from itertools import count
from pathlib import Path
from typing import BinaryIO

from infra.local.storage.checksums import Digest
from infra.local.storage.records import Body

BLOCK = 1 << 20


class Draft:
    """A body that is being written. Not safe for several threads at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._digest = Digest()
        self.size = 0
        self.taken = False  # the store decides what becomes of it

    def write(self, block: bytes) -> None:
        if self._file is None:
            self._file = self._path.open("ab")
        self._file.write(block)
        self._digest.update(block)
        self.size += len(block)

    def rest(self) -> None:
        """Holds no file until more is written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def seal(self) -> Body:
        """All bytes are on disk. May be called again."""
        self.rest()
        self._path.touch()
        return Body(self._path.name, self.size, self._digest.checksums())

    def discard(self) -> None:
        self.rest()
        self._path.unlink(missing_ok=True)


class Bodies:
    def __init__(self, directory: Path, kept: Set[str]) -> None:
        """Takes over `directory`; of the files in it only `kept` stay."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        for stale in {each.name for each in directory.iterdir()} - kept:
            (directory / stale).unlink()
        self._numbers = count(1 + max(map(int, kept), default=0))

    def draft(self) -> Draft:
        return Draft(self._path(self._new_name()))

    def open(self, body: Body) -> BinaryIO:
        return self._path(body.file).open("rb")

    def joined(self, sources: Iterable[BinaryIO]) -> Body:
        """A new body out of several, block by block."""
        draft = self.draft()
        for source in sources:
            while block := source.read(BLOCK):
                draft.write(block)
        return draft.seal()

    def twin(self, body: Body) -> Body:
        """The same bytes under a second name, without a copy."""
        name = self._new_name()
        os.link(self._path(body.file), self._path(name))
        return Body(name, body.size, body.checksums)

    def discard(self, body: Body) -> None:
        self._path(body.file).unlink(missing_ok=True)

    def _new_name(self) -> str:
        return f"{next(self._numbers):012d}"

    def _path(self, name: str) -> Path:
        return self._directory / name
