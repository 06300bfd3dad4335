"""Cloud Storage as the ports' Blobs. Preconditions are answers (None), everything else that fails is a TransientError."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, PreconditionFailed, RetryError
from google.auth.exceptions import TransportError
from google.cloud.storage import Blob as CloudBlob
from google.cloud.storage import Bucket
from google.cloud.storage.exceptions import InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY
from requests.exceptions import RequestException

from shared.errors import SourceGone, TransientError
from shared.ports import Blob

_CHUNK = 4 * 1024 * 1024
_TIMEOUT = 60


class CloudBlobs:
    """One bucket through google-cloud-storage. `pace`: a second of the clock in the network's, for the pauses between retries;
    `patience`: real seconds of retries before a call has failed."""

    def __init__(self, bucket: Bucket, pace: float = 1.0, patience: float = 60.0) -> None:
        self._bucket = bucket
        self._options: dict[str, Any] = {
            "timeout": _TIMEOUT,
            "retry": DEFAULT_RETRY.with_delay(initial=pace, maximum=32 * pace).with_timeout(patience),
        }

    @property
    def bucket(self) -> str:
        return str(self._bucket.name)

    def get(self, name: str) -> Blob | None:
        """Content and stamps of one and the same generation: an overwrite in between is read again."""
        with transient():
            while True:
                cloud = self._bucket.get_blob(name, **self._options)
                if cloud is None:
                    return None
                try:
                    content = cloud.download_as_bytes(raw_download=True, **self._pinned(cloud.generation))
                except (NotFound, PreconditionFailed):
                    continue
                return blob_of(cloud, content)

    def stat(self, name: str) -> Blob | None:
        with transient():
            cloud = self._bucket.get_blob(name, **self._options)
        return blob_of(cloud) if cloud is not None else None

    def create(self, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> Blob | None:
        """Whoever may create and not delete can be refused (403) instead of told (412) where an object is there already: Cloud Storage
        asks for the right to delete then. So it is looked at; refused where nothing is, it is a refusal."""
        try:
            return self.replace(name, content, 0, metadata)
        except _NotAllowed:
            if self.stat(name) is None:
                raise
            return None

    def replace(
        self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None = None
    ) -> Blob | None:
        cloud = self._bucket.blob(name)
        cloud.metadata = dict(metadata) if metadata else None
        try:
            with transient():
                cloud.upload_from_string(
                    content,
                    content_type="application/octet-stream",
                    checksum="crc32c",
                    if_generation_match=generation,
                    **self._options,
                )
        except PreconditionFailed:
            return None
        return blob_of(cloud, content)

    def delete(self, name: str, generation: int) -> bool:
        try:
            with transient():
                self._bucket.blob(name).delete(if_generation_match=generation, **self._options)
        except (NotFound, PreconditionFailed):
            return False
        return True

    def list(self, prefix: str, start: str = "") -> Iterator[Blob]:
        with transient():
            for cloud in self._bucket.list_blobs(prefix=prefix, start_offset=start or None, **self._options):
                yield blob_of(cloud)

    def stream(self, name: str, generation: int, start: int = 0) -> Iterator[bytes]:
        cloud = self._bucket.blob(name, generation=generation)
        try:
            with transient():
                cloud.reload(**self._options)
                for first in range(start, cloud.size or 0, _CHUNK):
                    yield cloud.download_as_bytes(
                        start=first, end=first + _CHUNK - 1, raw_download=True, checksum=None, **self._options
                    )
        except (NotFound, PreconditionFailed) as error:
            raise SourceGone(f"generation {generation} is no longer there") from error

    def _pinned(self, generation: int | None) -> dict[str, Any]:
        return {"if_generation_match": generation, **self._options}


class _NotAllowed(TransientError):
    """403: a right is missing, which somebody may give meanwhile."""


@contextmanager
def transient() -> Iterator[None]:
    """412 and 404 are answers; whatever else the client could not get over by its own retries, the next delivery will."""
    try:
        yield
    except (NotFound, PreconditionFailed):
        raise
    except InvalidResponse as error:
        _raise_for(error)
    except Forbidden as error:
        raise _NotAllowed(f"Cloud Storage: {type(error).__name__}") from error
    except (GoogleAPICallError, RetryError, TransportError, RequestException) as error:
        raise TransientError(f"Cloud Storage: {type(error).__name__}") from error


def _raise_for(error: InvalidResponse) -> None:
    """Uploads report their status in an exception of another family; it has the response."""
    if error.response.status_code == PreconditionFailed.code:
        raise PreconditionFailed("the object has another generation") from error
    refused = _NotAllowed if error.response.status_code == Forbidden.code else TransientError
    raise refused(f"Cloud Storage: HTTP {error.response.status_code}") from error


def blob_of(cloud: CloudBlob, content: bytes = b"") -> Blob:
    return Blob(
        name=str(cloud.name),
        generation=int(cloud.generation or 0),
        created=cloud.time_created or datetime.min.replace(tzinfo=UTC),
        size=int(cloud.size or 0),
        crc32c=str(cloud.crc32c or ""),
        metadata=dict(cloud.metadata or {}),
        content=content,
    )
