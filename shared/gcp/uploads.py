"""Putting a file of any size into a bucket, in pieces, so that memory does not grow with it."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Bucket

from shared.gcp.blobs import blob_of, transient

_CHUNK = 8 * 1024 * 1024
"""The client's own choice, 100 MB, would be held in memory."""
_TIMEOUT = 300


class _Told:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, read: Callable[[int], None]) -> None:
        self._file, self._read = file, read

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._read(len(chunk))
        return chunk

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, *where: int) -> int:
        return self._file.seek(*where)


def upload(
    bucket: Bucket,
    name: str,
    file: BinaryIO,
    size: int,
    generation: int,
    metadata: Mapping[str, str],
    read: Callable[[int], None],
) -> int | None:
    """The new generation; None when `generation` (0: there is none) is no longer what is there. Its checksum is compared with
    Cloud Storage's."""
    cloud = bucket.blob(name, chunk_size=_CHUNK)
    cloud.metadata = dict(metadata) or None
    told: Any = _Told(file, read)
    try:
        with transient():
            cloud.upload_from_file(
                told, size=size, checksum="crc32c", if_generation_match=generation, timeout=_TIMEOUT
            )
    except PreconditionFailed:
        return None
    return blob_of(cloud).generation


def copy(
    bucket: Bucket,
    name: str,
    source: tuple[str, str, int],
    generation: int,
    metadata: Mapping[str, str],
    read: Callable[[int], None],
) -> int | None:
    """As `upload`, of an object (bucket, name, generation) inside Cloud Storage: nothing passes through here."""
    origin = bucket.client.bucket(source[0]).blob(source[1], generation=source[2])
    cloud = bucket.blob(name)
    cloud.metadata = dict(metadata) or None
    token, done = None, 0
    try:
        with transient():
            while True:
                token, written, _ = cloud.rewrite(
                    origin, token=token, if_generation_match=generation, timeout=_TIMEOUT
                )
                read(written - done)
                done = written
                if token is None:
                    return blob_of(cloud).generation
    except (PreconditionFailed, NotFound):
        return None
