"""Google Ads over gRPC, in every version that there is: passes the wire's messages to steps.py, and lets time pass as Google does.

It holds what is asynchronous: a request stays in flight for its time even when its client has given up.
Methods of the package that METHODS does not name are UNIMPLEMENTED by gRPC itself.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import nullcontext
from itertools import product
from typing import Any, TypeAlias

import grpc

from infra.local.ads import failure, versions
from infra.local.ads.engine import AdsEngine
from infra.local.ads.jobs import Standing
from infra.local.ads.losses import Garbling, Loss
from infra.local.ads.problems import Refused, Unsupported, concurrent_modification, refused
from infra.local.ads.steps import METHODS, Method, Step, refusing
from infra.local.ads.traffic import Passage, Traffic
from infra.local.clock import SimClock
from infra.local.control.control import CallNote, Control, Injected
from infra.local.identity.grants import TokenState

# grpc takes type parameters in its stubs, not when it runs
Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"
Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"


class AdsFace:
    """Serves METHODS. `token_state` judges bearer tokens, `random` makes request ids."""

    def __init__(
        self,
        engine: AdsEngine,
        traffic: Traffic,
        control: Control,
        clock: SimClock,
        token_state: Callable[[str], TokenState],
        random: random.Random,
    ) -> None:
        self._engine = engine
        self._traffic = traffic
        self._control = control
        self._clock = clock
        self._token_state = token_state
        self._random = random
        self._garbling = Garbling()
        self._running: set[asyncio.Task[Any]] = set()

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """One handler a service, for grpc.aio.Server.add_generic_rpc_handlers."""
        services: dict[str, dict[str, Handler]] = defaultdict(dict)
        for version, method in product(versions.served(), METHODS):
            package = versions.named(method.request.DESCRIPTOR.file.package, version)
            services[f"{package}.{method.service}"][method.name] = self._handler(method, version)
        return [grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items()]

    def _handler(self, method: Method, version: str) -> Handler:
        async def one(payload: bytes, context: Context) -> bytes:
            return await self._answer(method, version, payload, context)

        async def stream(payload: bytes, context: Context) -> AsyncIterator[bytes]:
            yield await self._answer(method, version, payload, context)

        if method.streams:
            return grpc.unary_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(one)

    async def _answer(self, method: Method, version: str, payload: bytes, context: Context) -> bytes:
        request_id = f"{self._random.getrandbits(128):032x}"
        work = asyncio.ensure_future(self._serve(method, payload, context.invocation_metadata(), request_id))
        self._running.add(work)
        work.add_done_callback(self._ended)
        context.set_trailing_metadata(((failure.REQUEST_ID_KEY, request_id),))
        try:
            # gRPC cancels the handler of a client that gave up; the work goes on, as it does at Google.
            return versions.written((await asyncio.shield(work)).SerializeToString(), version)
        except (Refused, Unsupported, Injected) as error:
            end = failure.ending(error, request_id)
            metadata = tuple((versions.named(key, version), value) for key, value in end.metadata)
            return bytes(await context.abort(end.code, end.words, metadata))

    def _ended(self, work: asyncio.Task[Any]) -> None:
        self._running.discard(work)
        if not work.cancelled():
            work.exception()  # where the client gave up, nobody else asks for it

    async def _serve(self, method: Method, payload: bytes, metadata: Any, request_id: str) -> Any:
        request = await asyncio.to_thread(_parsed, method, payload)
        account, resource = method.account(request), method.resource(request)
        unknown = self._unknown_caller(metadata)
        counted = unknown is None and self._engine.knows(account)
        passage = self._traffic.passage(account, adding=method.adds) if counted else nullcontext(Passage())
        with passage as own:
            async with self._control.call(
                "google_ads", method.name, account=account, resource=resource
            ) as note:
                try:
                    if unknown:
                        raise unknown
                    return await self._perform(method, request, own, note, request_id)
                except (Refused, Unsupported) as error:
                    note.status = failure.ending(error, request_id).code.name
                    raise

    async def _perform(
        self, method: Method, request: Any, own: Passage, note: CallNote, request_id: str
    ) -> Any:
        began = self._clock.now()
        loss = await self._spoil(method, request, note)
        step = await self._prepared(method, request)
        await self._clock.sleep_until(began + self._engine.timing.request_seconds(step.identifiers))
        if note.overlap:
            self._traffic.account(method.account(request)).injected_overlaps += 1
        if own.spoilt or note.overlap:
            raise concurrent_modification()
        answer = step.finish(request_id)
        if loss and step.job:
            step.job.miss(loss)
        return answer

    async def _spoil(self, method: Method, request: Any, note: CallNote) -> Loss | None:
        """What faults do to the account and to the request before it is looked at. None for one that adds nobody."""
        account = method.account(request)
        if note.standing and self._engine.knows(account):
            self._engine.judge(account, Standing(note.standing))
        return await asyncio.to_thread(self._garbling.garble, request, note.garble) if method.adds else None

    async def _prepared(self, method: Method, request: Any) -> Step:
        try:
            return await method.prepare(self._engine, request)
        except (Refused, Unsupported) as error:
            return refusing(error)

    def _unknown_caller(self, metadata: Iterable[tuple[str, str]]) -> Refused | None:
        """Why the bearer of the request is not let in; None if he is."""
        scheme, _, token = dict(metadata).get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return refused(
                "AuthenticationError.OAUTH_TOKEN_HEADER_INVALID", "The request has no bearer token."
            )
        match self._token_state(token):
            case TokenState.UNKNOWN:
                return refused(
                    "AuthenticationError.OAUTH_TOKEN_INVALID", "The OAuth access token is invalid."
                )
            case TokenState.EXPIRED:
                return refused(
                    "AuthenticationError.OAUTH_TOKEN_EXPIRED", "The OAuth access token has expired."
                )
            case TokenState.REVOKED:
                return refused(
                    "AuthenticationError.OAUTH_TOKEN_REVOKED", "The OAuth access token has been revoked."
                )
            case TokenState.VALID:
                return None


def _parsed(method: Method, payload: bytes) -> Any:
    return method.request.FromString(payload)
