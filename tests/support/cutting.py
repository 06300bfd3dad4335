"""Cutting a segment in one go, for tests that look at what comes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from services.chunker.cut import Cutter, Totals
from services.chunker.parts import CutPart
from services.chunker.settings import CutSettings
from shared.wire import part as part_file
from tests.support.oracle import operations_of

CONTACTS = CutSettings("append", "CONTACT_INFO", default_region="GB")


@dataclass(frozen=True)
class Result:
    parts: tuple[CutPart, ...]
    totals: Totals

    def decoded(self) -> list[part_file.Part]:
        return [part_file.decode(part.body) for part in self.parts]

    def rejects(self) -> list[str]:
        return [line for part in self.parts for line in part.rejects_csv.decode().splitlines()[1:]]


def cut(files: Sequence[Iterable[bytes]], how: CutSettings = CONTACTS) -> Result:
    cutter = Cutter(how)
    parts = [part for file in files for part in cutter.feed(file)]
    parts += cutter.finish()
    return Result(tuple(parts), cutter.totals)


def cut_text(text: str, how: CutSettings = CONTACTS) -> Result:
    return cut([[text.encode()]], how)


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def digest(plain: str) -> str:
    return sha256(plain.encode()).hexdigest()


def emails(result: Result) -> list[tuple[int, str]]:
    """(line, hashed address) of every record; each must have that one identifier and no other."""
    found: list[tuple[int, str]] = []
    for part in result.decoded():
        operations = [each for frame in part.frames for each in operations_of(bytes(frame.body))]
        for line, operation in zip(part.lines, operations, strict=True):
            (identifier,) = operation.create.user_identifiers
            found.append((line, identifier.hashed_email))
    return found
