"""A file of somebody's, on this machine or in Cloud Storage, to be read from any byte on."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from services.chunker.source import Open
from services.console.ports import ConsolePorts
from shared.errors import SourceGone

_CHUNK = 1024 * 1024
_ADDRESS = re.compile(r"gs://(?P<bucket>[^/#]+)/(?P<name>[^#]+)(#(?P<generation>\d+))?")


Origin = Path | tuple[str, str, int]
"""A path, or bucket, name and generation."""


@dataclass(frozen=True)
class File:
    """`path` is what it was called by, without a generation. What is written behind `size` bytes while it is read is not looked at."""

    path: str
    size: int
    open_at: Open
    origin: Origin


def file_of(text: str, ports: Callable[[], ConsolePorts]) -> File:
    """`ports` are asked for only if it is in Cloud Storage. Raises click.BadParameter when it is not there."""
    if not text.startswith("gs://"):
        return _local(Path(text))
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise click.BadParameter(
            "write gs://BUCKET/OBJECT, or gs://BUCKET/OBJECT#GENERATION", param_hint="FILE"
        )
    return _stored(ports(), found["bucket"], found["name"], int(found["generation"] or 0))


def _local(path: Path) -> File:
    if not path.is_file():
        raise click.BadParameter(f"there is no file {path}", param_hint="FILE")
    size = path.stat().st_size
    return File(str(path.absolute()), size, lambda start: _read(path, start, size), path)


def _read(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(_CHUNK, end - start))):
            start += len(chunk)
            yield chunk


def _stored(ports: ConsolePorts, bucket: str, name: str, generation: int) -> File:
    blobs = ports.blobs(bucket)
    blob = blobs.stat(name)
    if blob is None:
        raise click.BadParameter(f"there is no object {name} in {bucket}", param_hint="FILE")
    pinned = generation or blob.generation
    if pinned != blob.generation:
        raise SourceGone(f"gs://{bucket}/{name} has another generation now: {blob.generation}")
    stored = (bucket, name, pinned)
    return File(f"gs://{bucket}/{name}", blob.size, lambda start: blobs.stream(name, pinned, start), stored)
