"""Uploads the segments' files as an exporter would: all at once, through Google's client, shards before _SUCCESS."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.pool import AsyncResult, ThreadPool
from pathlib import Path

from infra.provision import Admin, Site
from services.console.demo.segments import Segment

_CHUNK = 8 << 20
"""The client's own choice, 100 MB, would be held in memory for every upload."""


@dataclass(frozen=True)
class Landing:
    """Uploads under way. They are abandoned when the context ends: its threads hold nobody back."""

    _uploads: Mapping[str, AsyncResult[None]]

    def landed(self) -> frozenset[str]:
        """The titles of the segments that are wholly there. Raises what made an upload fail."""
        there = [title for title, upload in self._uploads.items() if upload.ready()]
        for title in there:
            self._uploads[title].get()
        return frozenset(there)


@contextmanager
def landing(
    admin: Admin, site: Site, segments: Iterable[Segment], contents: Mapping[str, Path]
) -> Iterator[Landing]:
    """`contents` are the generated files by their object names."""
    planned = tuple(segments)
    bucket = admin.storage.bucket(site.landing)

    def upload(segment: Segment) -> None:
        for file in segment.files:
            blob = bucket.blob(file.name, chunk_size=_CHUNK)
            blob.upload_from_filename(contents[file.name], content_type="text/csv")
        if segment.marker:
            bucket.blob(segment.marker).upload_from_string(b"")

    with ThreadPool(len(planned)) as pool:
        yield Landing({segment.title: pool.apply_async(upload, (segment,)) for segment in planned})
