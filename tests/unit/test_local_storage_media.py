"""What a download sends."""

import pytest

from infra.local.storage.checksums import Checksums
from infra.local.storage.media import media
from infra.local.storage.preconditions import Version
from infra.local.storage.ranges import Span
from infra.local.storage.records import Body, StoredObject, Target
from infra.local.storage.refusal import Reason, Refused


def stored(**attributes: str) -> StoredObject:
    body = Body("1", 10, Checksums("n03x6A==", ""))
    described = {"storageClass": "STANDARD", **attributes}
    return StoredObject(Target("bucket", "a"), Version(7, 2), body, 0, 0.0, 0.0, described)


def test_the_whole_object_goes_out_with_what_the_client_set() -> None:
    answer = media(stored(contentType="text/csv", cacheControl="no-store"), {})
    assert (answer.status, answer.span) == (200, Span(0, 10))
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Goog-Hash"] == "crc32c=n03x6A=="
    assert "Content-Range" not in answer.headers


def test_a_part_says_where_it_stands() -> None:
    answer = media(stored(), {"Range": "bytes=2-4"})
    assert (answer.status, answer.span) == (206, Span(2, 5))
    assert answer.headers["Content-Range"] == "bytes 2-4/10"


@pytest.mark.parametrize("accepted", ["gzip", "deflate, GZIP;q=0.5", "*"])
def test_a_gzip_object_goes_to_clients_that_accept_it(accepted: str) -> None:
    answer = media(stored(contentEncoding="gzip"), {"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_gzip_object_that_must_not_be_transformed_goes_to_everybody() -> None:
    assert media(stored(contentEncoding="gzip", cacheControl="no-transform"), {}).status == 200


def test_a_gzip_object_is_not_unpacked_here() -> None:
    with pytest.raises(Refused) as refused:
        media(stored(contentEncoding="gzip"), {"Accept-Encoding": "identity"})
    assert refused.value.reason is Reason.UNSUPPORTED
