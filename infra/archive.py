"""A zip whose bytes depend on nothing but the names and contents in it: a bundle that did not change keeps its hash,
whoever builds it, and is not deployed again."""

import stat
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
_UNIX = 3
_READABLE = stat.S_IFREG | 0o644


def archive(files: Mapping[str, bytes]) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archived:
        for name in sorted(files):
            archived.writestr(_entry(name), files[name])
    return content.getvalue()


def _entry(name: str) -> ZipInfo:
    """Stored, not deflated: zlib's builds compress to different bytes, and 150 KiB less are not worth that."""
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type = ZIP_STORED
    entry.create_system = _UNIX
    entry.external_attr = _READABLE << 16
    return entry
