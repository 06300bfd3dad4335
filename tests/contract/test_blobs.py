"""Facts of the ledger through Google's client, where the right to delete is missing."""

from collections.abc import Iterator

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from shared.errors import TransientError
from shared.gcp.blobs import CloudBlobs
from tests.support.localcloud import LocalCloud

BUCKET = "sluice-blobs-work"


@pytest.fixture
def blobs(local_cloud: LocalCloud) -> Iterator[CloudBlobs]:
    endpoint = {"api_endpoint": local_cloud.http}
    client = storage.Client("sluice-test", credentials=AnonymousCredentials(), client_options=endpoint)
    bucket = client.bucket(BUCKET)
    if not bucket.exists():
        client.create_bucket(BUCKET)
    yield CloudBlobs(bucket, pace=0.001, patience=5.0)
    for each in bucket.list_blobs():
        each.delete()


def refuse(local_cloud: LocalCloud) -> None:
    """As Cloud Storage does where an object is there already and the caller may only create."""
    local_cloud.fault(
        service="storage", method="objects.insert", account=BUCKET, action="error", code="PERMISSION_DENIED"
    )


def test_a_creation_that_is_refused_finds_what_is_there(blobs: CloudBlobs, local_cloud: LocalCloud) -> None:
    blobs.create("segments/a.json", b"first")
    refuse(local_cloud)

    assert blobs.create("segments/a.json", b"second") is None
    found = blobs.get("segments/a.json")
    assert found is not None
    assert found.content == b"first"


def test_one_that_is_refused_where_nothing_is_may_be_tried_again(
    blobs: CloudBlobs, local_cloud: LocalCloud
) -> None:
    refuse(local_cloud)

    with pytest.raises(TransientError, match="Cloud Storage"):
        blobs.create("segments/a.json", b"first")
    assert blobs.create("segments/a.json", b"first") is not None
