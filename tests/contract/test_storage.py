"""Cloud Storage as Google's Python client meets it, on the local server and, where it is there, on fake-gcs-server.

The store's clock is moved by hand. What the client never sends is sent with plain requests.
"""

import asyncio
import base64
import gzip
import hashlib
import json
import queue
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import google_crc32c
import pytest
import requests
from aiohttp import web
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.cloud.storage.exceptions import InvalidResponse

from infra.local.clock import SimClock
from infra.local.control.control import Control
from infra.local.control.faults import parse as fault
from infra.local.storage import face, notifications
from infra.local.storage.engine import StorageEngine
from tests.contract.backends import LOCAL, STORAGES

QUANTUM = 256 * 1024
TOPIC = "projects/sluice-test/topics/landing"


@dataclass
class HandClock:
    """Epoch seconds that stand still until a test moves them."""

    moment: float = 1_795_000_000.0

    def now(self) -> float:
        return self.moment

    def advance(self, seconds: float = 1.0) -> None:
        self.moment += seconds


@dataclass
class Topic:
    """Takes notifications; refuses the next `refusals` of them."""

    messages: "queue.Queue[tuple[str, bytes, dict[str, str]]]" = field(default_factory=queue.Queue)
    refusals: int = 0

    async def publish(self, topic: str, data: bytes, attributes: dict[str, str]) -> str:
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("the topic is not there yet")
        self.messages.put((topic, data, attributes))
        return "1"

    def next(self) -> tuple[str, bytes, dict[str, str]]:
        return self.messages.get(timeout=10)


@dataclass
class Cloud:
    url: str
    client: storage.Client
    control: Control
    clock: HandClock
    topic: Topic
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def bucket(self) -> storage.Bucket:
        made: storage.Bucket = self.client.create_bucket(f"bucket-{next(self.numbers)}")
        return made

    def inject(self, **words: Any) -> None:
        self.control.faults.add([fault({"id": str(next(self.numbers)), "service": "storage", **words})])


@dataclass
class Server:
    """Serves in a thread with its own loop until it is stopped."""

    store: StorageEngine
    control: Control
    topic: Topic
    ready: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        fast = SimClock.start(speed=1000)
        app = web.Application()
        app.add_routes(face.routes(self.store, self.control))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            await web.SockSite(runner, listener).start()
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            delivering = asyncio.create_task(notifications.deliver(self.store, self.topic.publish, fast))
            self.ready.set()
            await self._stop.wait()
            delivering.cancel()
            await runner.cleanup()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)


@pytest.fixture(scope="module", params=STORAGES)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def cloud(backend: str, request: pytest.FixtureRequest) -> Cloud:
    """Of another server there are address and client; tests that need the rest say so."""
    if backend == LOCAL:
        served: Cloud = request.getfixturevalue("local_server")
        return served
    other: Cloud = request.getfixturevalue("other_server")
    return other


@pytest.fixture(scope="module")
def local_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    clock, topic = HandClock(), Topic()
    store = StorageEngine(tmp_path_factory.mktemp("storage"), clock.now)
    control = Control(SimClock.start(), seed=0)
    server = Server(store, control, topic)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10)
    client = client_of(server.url)
    yield Cloud(server.url, client, control, clock, topic)
    client.close()
    server.stop()
    thread.join()
    store.close()


@pytest.fixture(scope="module")
def other_server(fake_gcs: str) -> Iterator[Cloud]:
    client = client_of(fake_gcs)
    yield Cloud(fake_gcs, client, Control(SimClock.start(), seed=0), HandClock(), Topic())
    client.close()


def client_of(url: str) -> storage.Client:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", url)
        return storage.Client(project="sluice-test", credentials=AnonymousCredentials())


@pytest.fixture
def bucket(cloud: Cloud) -> storage.Bucket:
    return cloud.bucket()


def written(bucket: storage.Bucket, name: str, data: bytes = b"first") -> storage.Blob:
    blob: storage.Blob = bucket.blob(name)
    blob.upload_from_string(data)
    return blob


def object_url(cloud: Cloud, blob: storage.Blob) -> str:
    return f"{cloud.url}/storage/v1{blob.path}"


def upload_url(cloud: Cloud, bucket: storage.Bucket, kind: str, name: str) -> str:
    return f"{cloud.url}/upload/storage/v1/b/{bucket.name}/o?uploadType={kind}&name={name}"


def session(cloud: Cloud, bucket: storage.Bucket, name: str, query: str = "") -> str:
    """The address of a new upload session."""
    started = requests.post(upload_url(cloud, bucket, "resumable", name) + query, timeout=10)
    assert started.status_code == 200
    return started.headers["Location"]


def put(url: str, content_range: str, data: bytes = b"", **headers: str) -> requests.Response:
    return requests.put(url, data=data, headers={"Content-Range": content_range, **headers}, timeout=10)


def write_in_chunks(blob: storage.Blob, data: bytes, **given: Any) -> None:
    writer = blob.open("wb", **given)
    try:
        writer.write(data)
        writer.close()
    except InvalidResponse:
        writer.terminate()  # else the garbage collector closes it, which uploads once more
        raise


def send_part(cloud: Cloud, method: str, url: str, headers: dict[str, str], data: bytes) -> None:
    """Sends less than the headers promise, and breaks the connection."""
    host, port = cloud.url.removeprefix("http://").split(":")
    lines = [f"{method} {url.removeprefix(cloud.url)} HTTP/1.1", f"Host: {host}:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)


def reason(answer: requests.Response) -> str:
    return str(answer.json()["error"]["errors"][0]["reason"])


# Buckets


def test_a_bucket_is_made_found_listed_and_deleted(cloud: Cloud) -> None:
    made = cloud.client.create_bucket("made-and-gone", location="europe-west1")
    assert cloud.client.get_bucket("made-and-gone").location == "EUROPE-WEST1"
    assert "made-and-gone" in [each.name for each in cloud.client.list_buckets(prefix="made-")]
    made.delete()
    assert not made.exists()


def test_a_bucket_that_exists_already_is_a_conflict(cloud: Cloud, bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.Conflict):
        cloud.client.create_bucket(bucket.name)


def test_a_bucket_with_objects_is_not_deleted(bucket: storage.Bucket) -> None:
    written(bucket, "a")
    with pytest.raises(exceptions.Conflict):
        bucket.delete()


@pytest.mark.needs("refusals")
def test_a_bucket_setting_that_would_do_nothing_is_refused(cloud: Cloud) -> None:
    bucket = cloud.client.bucket("versioned")
    bucket.versioning_enabled = True
    with pytest.raises(exceptions.MethodNotImplemented):
        cloud.client.create_bucket(bucket)


@pytest.mark.needs("refusals")
def test_soft_delete_is_off_or_refused(cloud: Cloud) -> None:
    keeping, forgetting = cloud.client.bucket("keeps-deleted"), cloud.client.bucket("keeps-nothing")
    keeping.soft_delete_policy.retention_duration_seconds = 7 * 24 * 3600
    forgetting.soft_delete_policy.retention_duration_seconds = 0
    with pytest.raises(exceptions.MethodNotImplemented):
        cloud.client.create_bucket(keeping)
    assert cloud.client.create_bucket(forgetting).exists()


# Objects: metadata


def test_an_object_carries_the_fields_of_the_json_api(cloud: Cloud, bucket: storage.Bucket) -> None:
    data = b"email\nann@example.com\n"
    blob = bucket.blob("a/b.csv")
    blob.metadata = {"source": "crm"}
    blob.upload_from_string(data, content_type="text/csv")
    fields = requests.get(object_url(cloud, blob), timeout=10).json()
    generation = str(int(cloud.clock.now() * 1_000_000))
    assert fields["generation"] >= generation
    assert {key: fields[key] for key in ("kind", "id", "name", "bucket", "metageneration", "size")} == {
        "kind": "storage#object",
        "id": f"{bucket.name}/a/b.csv/{fields['generation']}",
        "name": "a/b.csv",
        "bucket": bucket.name,
        "metageneration": "1",
        "size": str(len(data)),
    }
    assert fields["md5Hash"] == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert fields["crc32c"] == base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()
    assert fields["contentType"] == "text/csv"
    assert fields["storageClass"] == "STANDARD"
    assert fields["metadata"] == {"source": "crm"}
    assert fields["timeCreated"] == fields["updated"] == fields["timeStorageClassUpdated"]
    assert fields["selfLink"] == object_url(cloud, blob)
    assert requests.get(fields["mediaLink"], timeout=10).content == data
    assert fields["etag"]


@pytest.mark.parametrize(
    "name",
    [
        "a/b/c.csv",
        "../../etc/passwd",
        "a//b/",
        "/leading",
        "%2F and %252F",
        "sp ace+plus&and=equals?question#hash",
        "{braces};semi:colon@at",
        "ünï/¢ödé/😀",
        "trailing.",
        "a\tb",
        "x" * 1024,
    ],
)
def test_an_object_keeps_whatever_name_it_was_given(cloud: Cloud, bucket: storage.Bucket, name: str) -> None:
    written(bucket, name, b"bytes of it")
    assert [each.name for each in bucket.list_blobs()] == [name]
    found = bucket.get_blob(name)
    assert found is not None
    assert found.download_as_bytes() == b"bytes of it"
    cloud.clock.advance()
    found.delete()
    assert not found.exists()


@pytest.mark.parametrize("name", ["a\nb", "x" * 1025, "."])
def test_a_name_that_is_not_allowed_is_refused(bucket: storage.Bucket, name: str) -> None:
    with pytest.raises(exceptions.BadRequest):
        written(bucket, name)


def test_a_patch_changes_what_it_names_and_counts_a_metageneration(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    blob = written(bucket, "a")
    generation = blob.generation
    cloud.clock.advance()
    blob.metadata = {"run": "1", "note": "x"}
    blob.patch()
    cloud.clock.advance()
    blob.content_type = "text/csv"
    blob.metadata = {"note": None}
    blob.patch()
    fresh = bucket.get_blob("a")
    assert fresh is not None
    assert (fresh.generation, fresh.metageneration) == (generation, 3)
    assert (fresh.content_type, fresh.metadata) == ("text/csv", {"run": "1"})
    assert fresh.updated > fresh.time_created


def test_an_update_replaces_all_metadata(cloud: Cloud, bucket: storage.Bucket) -> None:
    blob = written(bucket, "a")
    cloud.clock.advance()
    answer = requests.put(object_url(cloud, blob), json={"metadata": {"only": "this"}}, timeout=10)
    assert answer.json()["metadata"] == {"only": "this"}
    assert "contentType" not in answer.json()


def test_an_answer_holds_only_the_fields_that_were_asked_for(cloud: Cloud, bucket: storage.Bucket) -> None:
    written(bucket, "a")
    url = f"{cloud.url}/storage/v1/b/{bucket.name}/o"
    listed = requests.get(url, params={"fields": "items(name,size),nextPageToken"}, timeout=10)
    assert listed.json() == {"items": [{"name": "a", "size": "5"}]}


def test_fields_that_make_no_sense_are_refused_before_anything_is_done(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    url = upload_url(cloud, bucket, "media", "a") + "&fields=items("
    assert requests.post(url, data=b"data", timeout=10).status_code == 400
    assert not bucket.blob("a").exists()


# Uploads and downloads


@pytest.mark.parametrize("size", [0, 1, QUANTUM - 1, QUANTUM, 3 * QUANTUM, 3 * QUANTUM + 7])
def test_an_upload_in_chunks_arrives_whole(bucket: storage.Bucket, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    write_in_chunks(bucket.blob("a", chunk_size=QUANTUM), data[:size])
    assert bucket.blob("a").download_as_bytes() == data[:size]


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n--\r\n--x\r\n", b"--", bytes(range(256)) * 5000])
def test_a_multipart_upload_arrives_byte_for_byte(bucket: storage.Bucket, data: bytes) -> None:
    written(bucket, "a", data)
    assert bucket.blob("a").download_as_bytes() == data


def test_a_plain_media_upload_is_an_object(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = upload_url(cloud, bucket, "media", "a")
    fields = requests.post(url, data=b"plain", headers={"Content-Type": "text/plain"}, timeout=10).json()
    assert (fields["size"], fields["contentType"]) == ("5", "text/plain")
    assert bucket.blob("a").download_as_bytes() == b"plain"


def test_a_download_tells_generation_and_checksums_in_headers(cloud: Cloud, bucket: storage.Bucket) -> None:
    blob = written(bucket, "a")
    for url in (object_url(cloud, blob), f"{cloud.url}/download/storage/v1{blob.path}"):
        headers = requests.get(url, params={"alt": "media"}, timeout=10).headers
        assert headers["x-goog-generation"] == str(blob.generation)
        assert headers["x-goog-metageneration"] == "1"
        assert headers["x-goog-hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
        assert headers["Content-Length"] == headers["x-goog-stored-content-length"] == "5"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [((0, 2), b"012"), ((3, None), b"3456789"), ((8, 100), b"89"), ((-3, None), b"789")],
)
def test_a_range_of_bytes_is_read(
    bucket: storage.Bucket, asked: tuple[int, int | None], expected: bytes
) -> None:
    blob = written(bucket, "a", b"0123456789")
    assert blob.download_as_bytes(start=asked[0], end=asked[1]) == expected


def test_a_range_behind_the_end_cannot_be_satisfied(bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        written(bucket, "a", b"0123").download_as_bytes(start=4)


def test_a_reader_sees_a_file(bucket: storage.Bucket) -> None:
    blob = written(bucket, "a", b"one\ntwo\nthree\n")
    with blob.open("rt", chunk_size=4) as lines:
        assert [line.strip() for line in lines] == ["one", "two", "three"]


def test_a_gzip_object_goes_out_as_it_is_stored(cloud: Cloud, bucket: storage.Bucket) -> None:
    packed = gzip.compress(b"many words")
    blob = bucket.blob("a.gz")
    blob.content_encoding = "gzip"
    blob.upload_from_string(packed)
    assert blob.download_as_bytes(raw_download=True) == packed
    assert blob.download_as_bytes() == b"many words"
    unwilling = requests.get(blob.media_link, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert unwilling.status_code == 501


@pytest.mark.parametrize("header", ["crc32c=AAAAAA==", "md5=AAAAAAAAAAAAAAAAAAAAAA=="])
@pytest.mark.parametrize("kind", ["media", "resumable"])
def test_bytes_that_do_not_fit_their_checksum_are_not_stored(
    cloud: Cloud, bucket: storage.Bucket, kind: str, header: str
) -> None:
    headers = {"X-Goog-Hash": header}
    if kind == "media":
        answer = requests.post(
            upload_url(cloud, bucket, kind, "a"), data=b"data", headers=headers, timeout=10
        )
    else:
        answer = put(session(cloud, bucket, "a"), "bytes 0-3/4", b"data", **headers)
    assert (answer.status_code, reason(answer)) == (400, "invalid")
    assert not bucket.blob("a").exists()


def test_a_checksum_in_the_resource_is_held_against_the_bytes(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.md5_hash = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    with pytest.raises(exceptions.BadRequest):
        blob.upload_from_string(b"data", checksum=None)
    assert not blob.exists()


def test_a_multipart_body_that_breaks_off_is_not_stored(cloud: Cloud, bucket: storage.Bucket) -> None:
    body = b'--b\r\nContent-Type: application/json\r\n\r\n{"name": "a"}\r\n--b\r\n\r\nhalf of it'
    answer = requests.post(
        upload_url(cloud, bucket, "multipart", "a"),
        data=body,
        headers={"Content-Type": 'multipart/related; boundary="b"'},
        timeout=10,
    )
    assert answer.status_code == 400
    assert not bucket.blob("a").exists()


def test_a_reader_finishes_the_bytes_that_it_began(cloud: Cloud, bucket: storage.Bucket) -> None:
    old = written(bucket, "a", b"o" * 30_000_000)
    with requests.get(old.media_link, stream=True, timeout=10) as reading:
        body = reading.iter_content(1000)
        received = len(next(body))
        cloud.clock.advance()
        written(bucket, "a", b"new")
        assert received + sum(map(len, body)) == 30_000_000


# Resumable sessions


def test_a_session_tells_how_much_it_holds(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = session(cloud, bucket, "a")
    empty = put(url, "bytes */*")
    assert (empty.status_code, "Range" in empty.headers) == (308, False)
    first = put(url, f"bytes 0-{QUANTUM - 1}/*", b"x" * QUANTUM)
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{QUANTUM - 1}")
    assert put(url, "bytes */*").headers["Range"] == f"bytes=0-{QUANTUM - 1}"


def test_a_session_keeps_whole_multiples_of_256_kib(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = session(cloud, bucket, "a")
    answer = put(url, f"bytes 0-{QUANTUM + 99}/*", b"x" * (QUANTUM + 100))
    assert answer.headers["Range"] == f"bytes=0-{QUANTUM - 1}"


def test_a_chunk_that_is_too_short_is_refused_unless_it_is_the_last(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    assert put(session(cloud, bucket, "a"), "bytes 0-9/*", b"x" * 10).status_code == 400
    assert put(session(cloud, bucket, "a"), "bytes 0-9/10", b"x" * 10).status_code == 200


def test_bytes_that_the_session_holds_already_are_skipped(cloud: Cloud, bucket: storage.Bucket) -> None:
    data = bytes(range(256)) * 2048
    url = session(cloud, bucket, "a")
    put(url, f"bytes 0-{QUANTUM - 1}/*", data[:QUANTUM])
    assert put(url, f"bytes 0-{len(data) - 1}/{len(data)}", data).status_code == 200
    assert bucket.blob("a").download_as_bytes() == data


def test_a_chunk_that_leaves_a_gap_is_refused(cloud: Cloud, bucket: storage.Bucket) -> None:
    answer = put(
        session(cloud, bucket, "a"), f"bytes {QUANTUM}-{2 * QUANTUM - 1}/{2 * QUANTUM}", b"x" * QUANTUM
    )
    assert answer.status_code == 503
    assert "exceeds already uploaded size" in answer.text


def test_a_session_ends_only_with_the_bytes_that_it_holds(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = session(cloud, bucket, "a")
    put(url, f"bytes 0-{QUANTUM - 1}/*", b"x" * QUANTUM)
    for total in (QUANTUM - 1, QUANTUM + 1):
        assert put(url, f"bytes */{total}").headers["Range"] == f"bytes=0-{QUANTUM - 1}"
    assert put(url, f"bytes */{QUANTUM}").status_code == 200


def test_an_ended_session_answers_with_its_object_again(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = session(cloud, bucket, "a")
    generation = put(url, "bytes 0-3/4", b"data").json()["generation"]
    for content_range, data in (("bytes */*", b""), ("bytes */4", b""), ("bytes 0-3/4", b"data")):
        again = put(url, content_range, data)
        assert (again.status_code, again.json()["generation"]) == (200, generation)


def test_one_put_without_a_range_is_the_whole_object(cloud: Cloud, bucket: storage.Bucket) -> None:
    assert requests.put(session(cloud, bucket, "a"), data=b"all", timeout=10).json()["size"] == "3"


def test_a_chunk_that_breaks_off_leaves_what_came(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = session(cloud, bucket, "a")
    headers = {"Content-Range": f"bytes 0-{4 * QUANTUM - 1}/*", "Content-Length": str(4 * QUANTUM)}
    send_part(cloud, "PUT", url, headers, b"x" * (3 * QUANTUM + 5))
    answer = put(url, "bytes */*")
    while answer.status_code == 503:  # the broken request is still at it
        answer = put(url, "bytes */*")
    assert int(answer.headers.get("Range", "bytes=0--1").removeprefix("bytes=0-")) + 1 in {
        number * QUANTUM for number in range(4)
    }
    data = b"x" * (4 * QUANTUM)
    assert put(url, f"bytes 0-{len(data) - 1}/{len(data)}", data).json()["size"] == str(len(data))


@pytest.mark.needs("control")
def test_an_upload_that_breaks_off_is_not_stored(cloud: Cloud, bucket: storage.Bucket) -> None:
    url = upload_url(cloud, bucket, "media", "a")
    send_part(cloud, "POST", url, {"Content-Length": "3000000"}, b"x" * 2_000_000)
    statuses: list[str] = []
    while statuses != ["CANCELLED"]:
        assert not bucket.blob("a").exists()
        calls = (call for call in _calls(cloud, bucket) if call.method == "objects.insert")
        statuses = [call.status for call in calls if call.ended]


@pytest.mark.needs("clock")
def test_a_session_is_gone_after_a_week_and_after_its_cancellation(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    cancelled, forgotten = session(cloud, bucket, "a"), session(cloud, bucket, "b")
    assert requests.delete(cancelled, timeout=10).status_code == 499
    assert put(cancelled, "bytes */*").status_code == 404
    cloud.clock.advance(7 * 24 * 3600 - 1)
    assert put(forgotten, "bytes */*").status_code == 308
    cloud.clock.advance(1)
    assert put(forgotten, "bytes */*").status_code == 404


# Preconditions


def test_a_create_with_generation_zero_has_one_winner(bucket: storage.Bucket) -> None:
    def create(number: int) -> bool:
        try:
            bucket.blob("lease").upload_from_string(str(number), if_generation_match=0)
        except exceptions.PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as racers:
        won = list(racers.map(create, range(16)))
    assert won.count(True) == 1
    assert bucket.blob("lease").download_as_bytes() == str(won.index(True)).encode()


def test_a_session_with_generation_zero_loses_to_an_object_that_came_meanwhile(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    url = session(cloud, bucket, "a", "&ifGenerationMatch=0")
    written(bucket, "a", b"faster")
    late = put(url, "bytes 0-3/4", b"late")
    assert (late.status_code, reason(late)) == (412, "conditionNotMet")
    assert bucket.blob("a").download_as_bytes() == b"faster"


def test_open_for_writing_with_generation_zero_fails_on_an_object_that_is_there(
    bucket: storage.Bucket,
) -> None:
    written(bucket, "a")
    with pytest.raises(InvalidResponse) as refused:
        write_in_chunks(bucket.blob("a"), b"late", if_generation_match=0)
    assert refused.value.response.status_code == 412


def test_an_overwrite_of_the_generation_that_was_read_succeeds_once(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    read = written(bucket, "a").generation
    cloud.clock.advance()
    bucket.blob("a").upload_from_string(b"second", if_generation_match=read)
    cloud.clock.advance()
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").upload_from_string(b"third", if_generation_match=read)


UPLOAD_CONDITIONS = {
    "if generation is another": ({"if_generation_match": 1}, False),
    "unless generation is this": ({"if_generation_not_match": "generation"}, False),
    "unless generation is another": ({"if_generation_not_match": 1}, True),
    "if metageneration is another": ({"if_metageneration_match": 2}, False),
    "if metageneration is this": ({"if_metageneration_match": 1}, True),
    "unless metageneration is this": ({"if_metageneration_not_match": 1}, False),
    "unless metageneration is another": ({"if_metageneration_not_match": 2}, True),
}


@pytest.mark.parametrize(("condition", "holds"), UPLOAD_CONDITIONS.values(), ids=UPLOAD_CONDITIONS.keys())
@pytest.mark.parametrize("verb", ["multipart", "resumable", "delete", "patch"])
def test_every_precondition_guards_every_write(
    cloud: Cloud, bucket: storage.Bucket, verb: str, condition: dict[str, Any], holds: bool
) -> None:
    blob = written(bucket, "a")
    cloud.clock.advance()
    given = {key: blob.generation if value == "generation" else value for key, value in condition.items()}
    if holds:
        _write(bucket.blob("a"), verb, given)
    else:
        with pytest.raises((exceptions.PreconditionFailed, InvalidResponse), match="412"):
            _write(bucket.blob("a"), verb, given)
        assert bucket.blob("a").download_as_bytes() == b"first"


def _write(blob: storage.Blob, verb: str, given: dict[str, Any]) -> None:
    if verb == "multipart":
        blob.upload_from_string(b"new", **given)
    elif verb == "resumable":
        write_in_chunks(blob, b"new", **given)
    elif verb == "delete":
        blob.delete(**given)
    else:
        blob.metadata = {"new": "yes"}
        blob.patch(**given)


@pytest.mark.parametrize("verb", ["reload", "download_as_bytes"])
def test_every_precondition_guards_every_read(bucket: storage.Bucket, verb: str) -> None:
    blob = written(bucket, "a")

    def read(**given: int | None) -> None:
        getattr(bucket.blob("a"), verb)(**given)

    read(if_generation_match=blob.generation, if_metageneration_match=1)
    read(if_generation_not_match=1, if_metageneration_not_match=2)
    for failed in ({"if_generation_match": 1}, {"if_metageneration_match": 2}):
        with pytest.raises(exceptions.PreconditionFailed):
            read(**failed)
    for same in ({"if_generation_not_match": blob.generation}, {"if_metageneration_not_match": 1}):
        with pytest.raises(exceptions.NotModified):
            read(**same)


def test_a_failed_precondition_is_told_in_googles_json(cloud: Cloud, bucket: storage.Bucket) -> None:
    written(bucket, "a")
    answer = requests.post(
        upload_url(cloud, bucket, "media", "a") + "&ifGenerationMatch=0", data=b"late", timeout=10
    )
    message = "At least one of the pre-conditions you specified did not hold."
    assert (answer.status_code, answer.json()) == (
        412,
        {
            "error": {
                "code": 412,
                "message": message,
                "errors": [{"message": message, "domain": "global", "reason": "conditionNotMet"}],
            }
        },
    )


def test_a_read_pinned_to_a_generation_that_is_gone_finds_nothing(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    old = written(bucket, "a").generation
    cloud.clock.advance()
    new = written(bucket, "a", b"second").generation
    assert new > old
    assert bucket.blob("a", generation=new).download_as_bytes() == b"second"
    pinned = bucket.blob("a", generation=old)
    for verb in (pinned.reload, pinned.download_as_bytes, pinned.delete, pinned.patch):
        with pytest.raises(exceptions.NotFound):
            verb()


@pytest.mark.parametrize("verb", ["reload", "download_as_bytes", "delete", "patch"])
def test_what_is_not_there_is_not_found(bucket: storage.Bucket, verb: str) -> None:
    with pytest.raises(exceptions.NotFound):
        getattr(bucket.blob("nothing"), verb)()


def test_an_upload_to_a_bucket_that_is_not_there_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(exceptions.NotFound):
        written(cloud.client.bucket("no-such-bucket"), "a")


def test_every_change_is_seen_by_others_at_once(cloud: Cloud, bucket: storage.Bucket) -> None:
    other = client_of(cloud.url)
    seen = other.bucket(bucket.name)
    written(bucket, "a", b"first")
    assert seen.blob("a").download_as_bytes() == b"first"
    assert [each.name for each in seen.list_blobs()] == ["a"]
    cloud.clock.advance()
    written(bucket, "a", b"second")
    assert seen.blob("a").download_as_bytes() == b"second"
    cloud.clock.advance()
    bucket.blob("a").delete()
    assert (seen.get_blob("a"), list(seen.list_blobs())) == (None, [])
    other.close()


def test_a_412_of_an_upload_at_once_is_another_exception_than_that_of_a_writer(
    bucket: storage.Bucket,
) -> None:
    written(bucket, "a")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").upload_from_string(b"late", if_generation_match=0)
    with pytest.raises(InvalidResponse, match="412"):
        write_in_chunks(bucket.blob("a"), b"late", if_generation_match=0)
    assert not issubclass(InvalidResponse, exceptions.PreconditionFailed)


# One write a second


def test_one_name_takes_one_write_a_second(cloud: Cloud, bucket: storage.Bucket) -> None:
    blob = written(bucket, "a")
    cloud.clock.advance(0.999)
    with pytest.raises(exceptions.TooManyRequests, match="rateLimitExceeded"):
        bucket.blob("a").upload_from_string(b"too soon", retry=None)
    with pytest.raises(exceptions.TooManyRequests):
        blob.delete(retry=None)
    with pytest.raises(exceptions.TooManyRequests):
        blob.patch(retry=None)
    cloud.clock.advance(0.001)
    blob.delete()
    with pytest.raises(exceptions.TooManyRequests):
        bucket.blob("a").upload_from_string(b"again", retry=None)


def test_other_names_are_written_meanwhile(bucket: storage.Bucket) -> None:
    for number in range(10):
        written(bucket, f"part-{number}")
    assert len(list(bucket.list_blobs())) == 10


def test_a_write_that_fails_does_not_count(cloud: Cloud, bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").upload_from_string(b"x", if_generation_match=1)
    written(bucket, "a")


# Lists


def test_a_list_is_sorted_and_comes_in_pages(bucket: storage.Bucket) -> None:
    names = [f"part-{number:02}" for number in range(25)]
    for name in reversed(names):
        written(bucket, name)
    pages = [[blob.name for blob in page] for page in bucket.list_blobs(page_size=10).pages]
    assert pages == [names[:10], names[10:20], names[20:]]


@pytest.mark.parametrize("asked", [{}, {"maxResults": "5000"}])
def test_a_page_has_at_most_a_thousand_names(
    cloud: Cloud, crowded: storage.Bucket, asked: dict[str, str]
) -> None:
    url = f"{cloud.url}/storage/v1/b/{crowded.name}/o"
    first = requests.get(url, params=asked, timeout=10).json()
    assert len(first["items"]) == 1000
    rest = requests.get(url, params={"pageToken": first["nextPageToken"], **asked}, timeout=10).json()
    assert [each["name"] for each in rest["items"]] == ["part-1000"]
    assert "nextPageToken" not in rest


@pytest.fixture(scope="module")
def crowded(cloud: Cloud) -> storage.Bucket:
    """With 1,001 objects."""
    bucket = cloud.bucket()
    with requests.Session() as connection:
        for number in range(1_001):
            url = upload_url(cloud, bucket, "media", f"part-{number:04}")
            assert connection.post(url, data=b"x", timeout=10).ok
    return bucket


def test_a_list_is_folded_at_the_delimiter(bucket: storage.Bucket) -> None:
    for name in ("a", "d/1", "d/2", "d/e/3", "z"):
        written(bucket, name)
    top = bucket.list_blobs(delimiter="/")
    assert ([blob.name for blob in top], top.prefixes) == (["a", "z"], {"d/"})
    below = bucket.list_blobs(prefix="d/", delimiter="/")
    assert ([blob.name for blob in below], below.prefixes) == (["d/1", "d/2"], {"d/e/"})


def test_a_list_begins_and_ends_where_it_is_told(bucket: storage.Bucket) -> None:
    for name in "abcdef":
        written(bucket, name)
    listed = bucket.list_blobs(start_offset="b", end_offset="e", versions=False)
    assert [blob.name for blob in listed] == ["b", "c", "d"]


def test_a_list_of_a_bucket_that_is_not_there_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(exceptions.NotFound):
        list(cloud.client.list_blobs("no-such-bucket"))


# Objects made of others


def test_compose_joins_its_sources(cloud: Cloud, bucket: storage.Bucket) -> None:
    one, two = written(bucket, "1", b"one,"), written(bucket, "2", b"two")
    made = bucket.blob("all")
    made.content_type = "text/csv"
    made.compose([one, two], if_generation_match=0, if_source_generation_match=[one.generation, None])
    made.reload()
    assert made.download_as_bytes() == b"one,two"
    assert (made.content_type, made.component_count, made.md5_hash) == ("text/csv", 2, None)


def test_compose_refuses_a_source_that_changed_and_a_target_that_is_there(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    one = written(bucket, "1")
    changed = bucket.blob("1")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("all").compose([changed], if_source_generation_match=[one.generation + 1])
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("1").compose([changed], if_generation_match=0)
    with pytest.raises(exceptions.NotFound):
        bucket.blob("all").compose([bucket.blob("nothing")])
    assert not bucket.blob("all").exists()


def test_a_copy_is_an_object_of_its_own(cloud: Cloud, bucket: storage.Bucket) -> None:
    source = bucket.blob("a")
    source.metadata = {"kept": "yes"}
    source.upload_from_string(b"data", content_type="text/csv")
    copy = bucket.copy_blob(source, bucket, "b", if_generation_match=0)
    cloud.clock.advance()
    source.delete()
    assert copy.download_as_bytes() == b"data"
    assert (copy.content_type, copy.metadata) == ("text/csv", {"kept": "yes"})


def test_a_rewrite_holds_the_conditions_of_both_objects(cloud: Cloud, bucket: storage.Bucket) -> None:
    source = written(bucket, "a")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("b").rewrite(source, if_source_generation_match=source.generation + 1)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("b").rewrite(source, if_generation_match=1)
    token, rewritten, total = bucket.blob("b").rewrite(source, if_generation_match=0)
    assert (token, rewritten, total) == (None, 5, 5)


# Notifications


def subscribed(cloud: Cloud, **settings: Any) -> tuple[storage.Bucket, Any]:
    """A new bucket whose changes are published."""
    bucket = cloud.bucket()
    settings = {"topic_name": "landing", "payload_format": "JSON_API_V1", **settings}
    config = bucket.notification(**settings)
    config.create()
    return bucket, config


@pytest.mark.needs("notifications")
def test_a_new_object_is_announced_with_its_resource(cloud: Cloud) -> None:
    bucket, config = subscribed(
        cloud, event_types=["OBJECT_FINALIZE"], custom_attributes={"environment": "test"}
    )
    blob = written(bucket, "a/b.csv")
    topic, data, attributes = cloud.topic.next()
    assert topic == TOPIC
    assert attributes == {
        "notificationConfig": f"projects/_/buckets/{bucket.name}/notificationConfigs/{config.notification_id}",
        "eventType": "OBJECT_FINALIZE",
        "payloadFormat": "JSON_API_V1",
        "bucketId": bucket.name,
        "objectId": "a/b.csv",
        "objectGeneration": str(blob.generation),
        "eventTime": json.loads(data)["timeCreated"],
        "environment": "test",
    }
    assert json.loads(data)["size"] == "5"


@pytest.mark.needs("notifications")
def test_an_overwrite_announces_both_generations(cloud: Cloud) -> None:
    bucket, _ = subscribed(cloud, payload_format="NONE")
    old = written(bucket, "a")
    cloud.topic.next()
    cloud.clock.advance()
    new = written(bucket, "a")
    announced = {each[2]["eventType"]: each for each in (cloud.topic.next(), cloud.topic.next())}
    _, data, finalized = announced["OBJECT_FINALIZE"]
    assert (data, finalized["overwroteGeneration"]) == (b"", str(old.generation))
    _, _, deleted = announced["OBJECT_DELETE"]
    assert deleted["objectGeneration"] == str(old.generation)
    assert deleted["overwrittenByGeneration"] == str(new.generation)


@pytest.mark.needs("notifications")
def test_only_changes_that_were_asked_for_are_announced(cloud: Cloud) -> None:
    bucket, _ = subscribed(
        cloud, event_types=["OBJECT_DELETE", "OBJECT_METADATA_UPDATE"], blob_name_prefix="in/"
    )
    blob = written(bucket, "in/a")
    other = written(bucket, "out/a")
    cloud.clock.advance()
    other.delete()
    blob.metadata = {"x": "y"}
    blob.patch()
    cloud.clock.advance()
    blob.delete()
    seen = [cloud.topic.next()[2] for _ in range(2)]
    assert {(each["eventType"], each["objectId"]) for each in seen} == {
        ("OBJECT_METADATA_UPDATE", "in/a"),
        ("OBJECT_DELETE", "in/a"),
    }
    assert cloud.topic.messages.empty()


@pytest.mark.needs("notifications")
def test_a_notification_survives_a_topic_that_refuses_it(cloud: Cloud) -> None:
    bucket, _ = subscribed(cloud)
    cloud.topic.refusals = 3
    written(bucket, "a")
    assert cloud.topic.next()[2]["objectId"] == "a"


@pytest.mark.needs("notifications")
def test_notification_configurations_are_found_listed_and_deleted(cloud: Cloud) -> None:
    bucket, config = subscribed(cloud, event_types=["OBJECT_FINALIZE"], blob_name_prefix="in/")
    (found,) = bucket.list_notifications()
    assert (found.topic_name, found.event_types, found.blob_name_prefix) == (
        "landing",
        ["OBJECT_FINALIZE"],
        "in/",
    )
    assert bucket.get_notification(config.notification_id).payload_format == "JSON_API_V1"
    config.delete()
    assert list(bucket.list_notifications()) == []
    with pytest.raises(exceptions.NotFound):
        bucket.get_notification(config.notification_id)


# Faults, and what is not supported


@pytest.mark.needs("control")
def test_an_injected_error_has_no_effect(cloud: Cloud, bucket: storage.Bucket) -> None:
    cloud.inject(method="objects.insert", account=bucket.name, resource="^a$", action="error")
    with pytest.raises(exceptions.ServiceUnavailable):
        bucket.blob("a").upload_from_string(b"data", retry=None)
    assert not bucket.blob("a").exists()


@pytest.mark.needs("control")
def test_an_answer_that_is_lost_leaves_its_effect(cloud: Cloud, bucket: storage.Bucket) -> None:
    cloud.inject(
        method="objects.insert", account=bucket.name, resource="^a$", action="lose_answer", code="INTERNAL"
    )
    with pytest.raises(exceptions.InternalServerError):
        bucket.blob("a").upload_from_string(b"data", retry=None)
    assert bucket.blob("a").download_as_bytes() == b"data"


@pytest.mark.needs("control")
def test_a_download_whose_answer_is_lost_is_an_error_not_half_an_object(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    written(bucket, "a")
    cloud.inject(method="objects.media", account=bucket.name, action="lose_answer")
    with pytest.raises(exceptions.ServiceUnavailable):
        bucket.blob("a").download_as_bytes(retry=None)


@pytest.mark.needs("control")
def test_a_client_that_retries_a_lost_last_chunk_gets_its_object(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    cloud.inject(method="uploads.chunk", account=bucket.name, action="lose_answer")
    write_in_chunks(bucket.blob("a"), b"data", if_generation_match=0)
    assert bucket.blob("a").download_as_bytes() == b"data"


@pytest.mark.needs("control")
def test_every_call_is_recorded_with_its_bucket_object_and_status(
    cloud: Cloud, bucket: storage.Bucket
) -> None:
    written(bucket, "a")
    bucket.blob("b").exists()
    seen = [(call.method, call.resource, call.status) for call in _calls(cloud, bucket)]
    assert seen == [
        ("buckets.insert", "", "OK"),
        ("objects.insert", "a", "OK"),
        ("objects.get", "b", "NOT_FOUND"),
    ]


def _calls(cloud: Cloud, bucket: storage.Bucket) -> list[Any]:
    return list(cloud.control.recorder.calls(service="storage", account=bucket.name))


@pytest.mark.needs("refusals")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/storage/v1/b/{bucket}/iam"),
        ("GET", "/storage/v1/b/{bucket}/o/a/acl"),
        ("PATCH", "/storage/v1/b/{bucket}"),
        ("POST", "/storage/v1/b/{bucket}/o/a/moveTo/o/b"),
        ("POST", "/batch/storage/v1"),
        ("GET", "/storage/v1/b/{bucket}/o?matchGlob=*"),
    ],
)
def test_what_is_not_supported_says_so(cloud: Cloud, bucket: storage.Bucket, method: str, path: str) -> None:
    answer = requests.request(method, cloud.url + path.format(bucket=bucket.name), timeout=10)
    assert (answer.status_code, reason(answer)) == (501, "notImplemented")


@pytest.mark.needs("refusals")
def test_a_header_that_would_be_without_effect_is_refused(cloud: Cloud, bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.MethodNotImplemented):
        written(bucket, "a").reload(if_etag_match="x")
