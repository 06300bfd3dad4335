"""What the local cloud is made of, and what each part brings along. Unwanted parts are not imported."""

import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from aiohttp import web

from infra.local.clock import SimClock
from infra.local.control import face as control_face
from infra.local.control.control import Control
from infra.local.identity import face as identity_face
from infra.local.identity import keys
from infra.local.identity.account import ServiceAccount
from infra.local.identity.grants import Grants
from infra.local.identity.tokens import Issuer
from infra.local.scheduler import Scheduler

PARTS = ("storage", "pubsub", "tasks", "secrets", "ads")
SERVICE_ACCOUNT = "sluice@local.iam.gserviceaccount.com"

# A topic's full name, data, attributes; the answer is the message's id.
Publish = Callable[[str, bytes, dict[str, str]], Awaitable[str]]


@dataclass(frozen=True)
class Options:
    """What the command line chooses. Port 0: any free one; `pubsub_host`: another server's host:port."""

    state: Path
    speed: float = 1.0
    seed: int = 0
    http_port: int = 0
    grpc_port: int = 0
    ads_port: int = 0
    without: frozenset[str] = frozenset()
    pubsub_host: str = ""
    ads_base_seconds: float = 2.0
    ads_seconds_per_1000: float = 1.5
    ads_job_seconds: float = 600.0


@dataclass(slots=True)
class Parts:
    """What the wanted parts bring along: routes, gRPC handlers, workers that run until cancelled."""

    control: Control
    clock: SimClock
    grants: Grants
    routes: list[web.AbstractRouteDef] = field(default_factory=list)
    plain: list[grpc.GenericRpcHandler] = field(default_factory=list)
    secure: list[grpc.GenericRpcHandler] = field(default_factory=list)
    workers: list[Coroutine[Any, Any, None]] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)


def assemble(options: Options, clock: SimClock, http: str) -> Parts:
    """All wanted parts; `http` is the address under which the issuer and the token endpoint are reached."""
    parts = Parts(Control(clock, options.seed), clock, _grants(http, clock))
    parts.routes += control_face.routes(parts.control, clock)
    parts.routes += identity_face.routes(parts.grants, parts.control)
    scheduler = Scheduler(parts.control, clock, parts.grants.issuer.sign)
    parts.routes += scheduler.routes()
    parts.workers.append(scheduler.run())
    publish = None if "pubsub" in options.without else _add_pubsub(parts)
    if "storage" not in options.without:
        _add_storage(parts, options.state / "storage", publish or _publisher(options.pubsub_host))
    if "tasks" not in options.without:
        _add_tasks(parts)
    if "secrets" not in options.without:
        _add_secrets(parts)
    if "ads" not in options.without:
        _add_ads(parts, options)
    return parts


def _grants(http: str, clock: SimClock) -> Grants:
    return Grants(
        account=ServiceAccount(SERVICE_ACCOUNT, keys.generate()),
        issuer=Issuer(f"{http}/identity", keys.generate(), clock.now),
        token_uri=f"{http}/identity/token",
        now=clock.now,
        speed=clock.speed,
        token=lambda: f"ya29.{secrets.token_urlsafe(48)}",
    )


def _add_pubsub(parts: Parts) -> Publish:
    from infra.local.pubsub import face, push
    from infra.local.pubsub.engine import PubSubEngine

    engine = PubSubEngine(parts.clock.now, parts.control.random_for("pubsub"))
    parts.plain += face.handlers(engine, parts.control, parts.clock)
    parts.workers.append(push.run(engine, parts.control, parts.clock, parts.grants.issuer.sign))

    async def publish(topic: str, data: bytes, attributes: dict[str, str]) -> str:
        return engine.publish(topic, data, attributes)

    return publish


def _publisher(host: str) -> Publish:
    """Publishes to another Pub/Sub server, through Google's client."""
    from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

    transport = PublisherGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(host))
    client = PublisherAsyncClient(transport=transport)

    async def publish(topic: str, data: bytes, attributes: dict[str, str]) -> str:
        answer = await client.publish(topic=topic, messages=[PubsubMessage(data=data, attributes=attributes)])
        return str(answer.message_ids[0])

    return publish


def _add_storage(parts: Parts, directory: Path, publish: Publish) -> None:
    from infra.local.storage import face, notifications
    from infra.local.storage.engine import StorageEngine

    store = StorageEngine(directory, parts.clock.now)
    parts.routes += face.routes(store, parts.control)
    parts.closers.append(store.close)
    parts.workers.append(notifications.deliver(store, publish, parts.clock))


def _add_tasks(parts: Parts) -> None:
    from infra.local.tasks import dispatch, face
    from infra.local.tasks.engine import TasksEngine

    engine = TasksEngine(parts.clock.now, parts.control.random_for("tasks"))
    parts.plain += face.handlers(engine, parts.control)
    parts.workers.append(dispatch.run(engine, parts.control, parts.clock, parts.grants.issuer.sign))


def _add_secrets(parts: Parts) -> None:
    from infra.local.secrets import face
    from infra.local.secrets.engine import SecretsEngine

    engine = SecretsEngine()
    parts.plain += face.handlers(engine, parts.control)
    parts.routes += face.routes(engine)


def _add_ads(parts: Parts, options: Options) -> None:
    from infra.local.ads import questions
    from infra.local.ads.engine import AdsEngine
    from infra.local.ads.face import AdsFace
    from infra.local.ads.timing import Timing
    from infra.local.ads.traffic import Traffic

    timing = Timing(options.ads_base_seconds, options.ads_seconds_per_1000, options.ads_job_seconds)
    engine, traffic = AdsEngine(parts.clock.now, timing), Traffic(parts.clock.now)
    state, random = parts.grants.state, parts.control.random_for("ads")
    parts.secure += AdsFace(engine, traffic, parts.control, parts.clock, state, random).handlers()
    parts.routes += questions.routes(engine, traffic)
