"""Services behind their real faces, with a cloud in memory that notes every call: what was refused must not have reached it.

Its buckets refuse the names that Cloud Storage refuses, as trouble that a repetition would meet again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from types import MappingProxyType
from typing import BinaryIO

import flask
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.load import load_topology
from services.chunker import handler as chunker
from services.ingest import handler as ingest
from services.uploader import handler as uploader
from services.uploader.delivery import read_delivery
from shared.edge.answer import Ack, Nack
from shared.edge.face import Face
from shared.edge.push import read_push
from shared.edge.token import Expected
from shared.errors import SourceGone, TransientError
from shared.ledger import Ledger
from shared.model.codec import decode
from shared.model.dead_letter import DeadLetter, Origin
from shared.model.topology import Topology
from shared.ops.announce import bury
from shared.ports import Blob, QueueSettings, Readings
from shared.settings import NAME_PATTERNS

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
EXPECTED = Expected("https://issuer.example.com", "https://service.example.com", "invoker@example.com")
KEY = rsa.generate_private_key(65537, 2048)
TOPOLOGY = load_topology()

Work = Callable[["Recording", bytes, Mapping[str, str]], Ack | Nack]


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def readings(self) -> Readings:
        return Readings(0, 0, 0)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    def real(self, seconds: float) -> float:
        return seconds


@dataclass
class Shelf:
    """One bucket. `asked` are the names of all calls, `written` those that were created or replaced, in order."""

    bucket: str
    calls: list[str]
    objects: dict[str, Blob] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def get(self, name: str) -> Blob | None:
        self._called("get", name)
        return self.objects.get(name)

    def stat(self, name: str) -> Blob | None:
        self._called("stat", name)
        return self.objects.get(name)

    def create(self, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> Blob | None:
        return self.replace(name, content, 0, metadata)

    def replace(
        self, name: str, content: bytes, generation: int, metadata: Mapping[str, str] | None = None
    ) -> Blob | None:
        self._called("write", name)
        found = self.objects.get(name)
        if (found.generation if found else 0) != generation:
            return None
        self.written.append(name)
        self.objects[name] = Blob(
            name, len(self.calls), NOW, len(content), "", dict(metadata or {}), bytes(content)
        )
        return self.objects[name]

    def delete(self, name: str, generation: int) -> bool:
        self._called("delete", name)
        return self.objects.pop(name, None) is not None

    def list(self, prefix: str, start: str = "") -> Iterator[Blob]:
        self._called("list", prefix)
        found = [blob for name, blob in sorted(self.objects.items()) if name.startswith(prefix)]
        yield from (blob for blob in found if blob.name >= start)

    def stream(self, name: str, generation: int, start: int = 0) -> Iterator[bytes]:
        self._called("stream", name)
        raise SourceGone("nothing has landed here")

    def put(self, name: str, content: bytes) -> None:
        """What is there at the start."""
        self.objects[name] = Blob(name, 1, NOW, len(content), "", {}, content)

    def _called(self, kind: str, name: str) -> None:
        self.calls.append(f"{self.bucket}.{kind}")
        self.asked.append(name)
        if not 1 <= len(name.encode()) <= 1024 or any(end in name for end in "\r\n"):
            raise TransientError("Cloud Storage: HTTP 400")


@dataclass(frozen=True)
class Sent:
    topic: str
    data: bytes
    attributes: Mapping[str, str]


@dataclass
class Recording:
    """The ports of a service. `calls` is empty as long as nothing was asked of the cloud."""

    calls: list[str] = field(default_factory=list)
    published: list[Sent] = field(default_factory=list)
    enqueued: list[str] = field(default_factory=list)
    clock: StandingClock = field(default_factory=StandingClock)
    random: Random = field(default_factory=lambda: Random(0))
    topology: Topology = TOPOLOGY

    def __post_init__(self) -> None:
        self.landing = Shelf("landing", self.calls)
        self.parts = Shelf("parts", self.calls)
        self.work = Shelf("work", self.calls)
        self.ledger = Ledger(self.work)

    @property
    def publisher(self) -> "Recording":
        return self

    @property
    def queues(self) -> "Recording":
        return self

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self.calls.append("publish")
        self.published.append(Sent(topic, data, dict(attributes)))

    def create(self, queue: str, name: str, body: bytes, at: datetime | None = None) -> None:
        self.calls.append("enqueue")
        self.enqueued.append(name)

    def names(self, queue: str) -> Iterator[str]:
        self.calls.append("tasks")
        yield from self.enqueued

    def hold(self, queue: str) -> None:
        self.calls.append("hold")

    def release(self, queue: str) -> None:
        self.calls.append("release")

    def is_held(self, queue: str) -> bool:
        return False

    def settings(self, queue: str) -> QueueSettings | None:
        self.calls.append("settings")
        return None

    @property
    def letters(self) -> list[DeadLetter]:
        buried = [sent for sent in self.published if sent.topic == self.topology.topics.dead_letters]
        return [decode(DeadLetter, sent.data) for sent in buried]


class Destination:
    """Nobody gets this far with what a stranger wrote."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the destination was asked: {name}")


def ingested(ports: Recording, body: bytes, _: Mapping[str, str]) -> Ack | Nack:
    return ingest.handle(ports, read_push(body), NAME_PATTERNS)


def chunked(ports: Recording, body: bytes, _: Mapping[str, str]) -> Ack | Nack:
    return chunker.handle(ports, chunker.read_request(read_push(body).data))


def uploaded(ports: Recording, body: bytes, headers: Mapping[str, str]) -> Ack | Nack:
    task, retries = read_delivery(body, headers)
    return uploader.handle(ports, Destination(), task, retries)  # type: ignore[arg-type]


SERVICES: dict[str, tuple[Origin, Work]] = {
    "ingest": ("landing-notifications", ingested),
    "chunker": ("segment-requests", chunked),
    "uploader": ("tasks", uploaded),
}


@dataclass(frozen=True)
class Reply:
    text: str
    status_code: int


@dataclass
class Served:
    """One service behind its face."""

    name: str
    ports: Recording = field(default_factory=Recording)

    def post(
        self,
        body: bytes | BinaryIO,
        authorization: str = "",
        method: str = "POST",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Reply:
        """`authorization` "" is that of the right caller. A stream is sent without saying its length, as gunicorn hands it on."""
        stream = {} if isinstance(body, bytes) else {"wsgi.input": body, "wsgi.input_terminated": True}
        request = _APP.test_request_context(
            "/",
            method=method,
            data=body if isinstance(body, bytes) else None,
            headers={"Authorization": authorization or RIGHT, **headers},
            environ_overrides=stream,
        )
        with request:
            return Reply(*self._face().answer(flask.request, self._work))

    def _face(self) -> Face:
        origin, _ = SERVICES[self.name]
        return Face(self.ports.clock, EXPECTED, lambda _: KEY.public_key(), origin, partial(bury, self.ports))

    def _work(self, body: bytes, headers: Mapping[str, str]) -> Ack | Nack:
        _, work = SERVICES[self.name]
        return work(self.ports, body, headers)


def bearer(key: rsa.RSAPrivateKey = KEY, **changes: object) -> str:
    """The right caller's token, or one with other claims; None leaves a claim out."""
    claims: dict[str, object] = {
        "iss": EXPECTED.issuer,
        "aud": EXPECTED.audience,
        "email": EXPECTED.email,
        "email_verified": True,
        "iat": NOW.timestamp(),
        "exp": (NOW + timedelta(hours=1)).timestamp(),
    }
    kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return f"Bearer {jwt.encode(kept, key, 'RS256')}"


RIGHT = bearer()
_APP = flask.Flask("service")
