"""The life of the local cloud: it binds its ports, says that it is ready, serves until it is told to stop.

One aiohttp port (storage, identity, control), one plain gRPC port (Pub/Sub, Cloud Tasks, Secret Manager), one gRPC port with
TLS (Google Ads), all on 127.0.0.1.
"""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import grpc
from aiohttp import web

from infra.local.ads import certificate
from infra.local.clock import SimClock
from infra.local.identity.account import write_key_file
from infra.local.parts import Options, assemble

HOST = "127.0.0.1"
STOP_SECONDS = 0.3
GRPC_OPTIONS = (
    (
        "grpc.max_receive_message_length",
        -1,
    ),  # over the default of 4 MiB it would answer as a spent quota does
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # a port that is taken has to be an error
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),  # idle streaming pulls ping twice a minute
)


@dataclass(frozen=True)
class Ready:
    """Where everything is, in the form of the variables that clients take; "" for what is not served."""

    http: str
    grpc: str
    ads: str
    clock: str
    issuer: str
    keys: str
    token_uri: str
    credentials: str
    certificate: str

    def write(self, path: Path) -> None:
        """All of it or nothing: who waits for the file never reads half of it."""
        draft = path.with_name(f"{path.name}.part")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(path)


async def serve(options: Options, stop: asyncio.Event, announce: Callable[[Ready], None]) -> None:
    """Serves until `stop` is set; `announce` hears once where, when everything listens."""
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = SimClock.start(options.speed)
    credentials, certificate = options.state / "credentials.json", options.state / "certificate.pem"
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.create_server((HOST, options.http_port)))
        http = f"http://{HOST}:{listener.getsockname()[1]}"
        parts = assemble(options, clock, http)
        for close in parts.closers:
            stack.callback(close)
        write_key_file(parts.grants.account, parts.grants.token_uri, credentials)
        ready = Ready(
            http=http,
            grpc=await _plain(parts.plain, options.grpc_port, stack),
            ads=await _secure(parts.secure, options.ads_port, certificate, clock.origin, stack),
            clock=clock.describe(),
            issuer=parts.grants.issuer.url,
            keys=f"{http}/identity/keys",
            token_uri=parts.grants.token_uri,
            credentials=str(credentials),
            certificate=str(certificate) if parts.secure else "",
        )
        await _http(parts.routes, listener, stack)
        announce(ready)
        await _work_until(stop, parts.workers)


async def _http(
    routes: Iterable[web.AbstractRouteDef], listener: socket.socket, stack: AsyncExitStack
) -> None:
    application = web.Application(client_max_size=0)  # no limit: object bodies are read in pieces
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()


async def _plain(handlers: list[Any], port: int, stack: AsyncExitStack) -> str:
    if not handlers:
        return ""
    server = _server(handlers)
    bound = server.add_insecure_port(f"{HOST}:{port}")
    await _start(server, stack)
    return f"{HOST}:{bound}"


async def _secure(
    handlers: list[Any], port: int, certificate_file: Path, real_now: float, stack: AsyncExitStack
) -> str:
    if not handlers:
        return ""
    made = certificate.self_signed(real_now)
    certificate_file.write_bytes(made.chain)
    server = _server(handlers)
    bound = server.add_secure_port(f"{HOST}:{port}", grpc.ssl_server_credentials([(made.key, made.chain)]))
    await _start(server, stack)
    return f"localhost:{bound}"


def _server(handlers: list[Any]) -> grpc.aio.Server:
    server = grpc.aio.server(options=GRPC_OPTIONS)
    server.add_generic_rpc_handlers(tuple(handlers))
    return server


async def _start(server: grpc.aio.Server, stack: AsyncExitStack) -> None:
    await server.start()
    stack.push_async_callback(server.stop, STOP_SECONDS)


async def _work_until(stop: asyncio.Event, workers: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Runs the workers until `stop`; one that breaks takes everything down with it, loudly."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(worker) for worker in workers]
        await stop.wait()
        for task in running:
            task.cancel()
