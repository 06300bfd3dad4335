"""Google's gRPC services from tables of methods. Every call passes the gate; refusals are answered as
statuses.

A face says, for each method, which message it takes, what it is about, and who answers; it never sees gRPC
itself.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from operator import attrgetter
from typing import Any, Protocol

import grpc

from infra.local.control.control import CallNote, Injected
from infra.local.refused import Refused, unimplemented

Message = Any  # Google's own message classes are made at run time
Context = grpc.aio.ServicerContext[Any, Any]
Subject = tuple[str, str]  # account and resource, under which the gate records a call
Send = Callable[[Message], Awaitable[None]]
Work = Callable[[], Awaitable[Message]]


class Gate(Protocol):
    """`Control.call` for one service."""

    def __call__(
        self, method: str, *, account: str, resource: str
    ) -> AbstractAsyncContextManager[CallNote]: ...


@dataclass(frozen=True)
class Unary:
    """`answer` takes the request and returns the response, or something that can be awaited for it."""

    request: Any
    subject: Callable[[Message], Subject]
    answer: Callable[[Message], Message | Awaitable[Message]]


@dataclass(frozen=True)
class Stream:
    """`converse` gets the first request, the later ones, and a way to send. When it ends, the stream does."""

    request: Any
    subject: Callable[[Message], Subject]
    converse: Callable[[Message, AsyncIterator[Message], Send], Awaitable[None]]


@dataclass(frozen=True)
class Unsupported:
    """A method that the real service has and this one has not."""

    words: str


Method = Unary | Stream | Unsupported


def service(name: str, methods: Mapping[str, Method], gate: Gate) -> grpc.GenericRpcHandler:
    """The handler of a whole service, by its full name, for a grpc.aio server."""
    handlers = {each: _handler(each, method, gate) for each, method in methods.items()}
    return grpc.method_handlers_generic_handler(name, handlers)


def about(field: str, subject: Callable[[str], Subject]) -> Callable[[Message], Subject]:
    """What a call is about, by the field (dotted) that holds its resource's name."""
    name = attrgetter(field)
    return lambda request: subject(name(request))


def unsupported(methods: Iterable[str], what: str) -> dict[str, Method]:
    return {method: Unsupported(f"{what} ({method})") for method in methods}


def _handler(name: str, method: Method, gate: Gate) -> "grpc.RpcMethodHandler[Any, Any]":
    match method:
        case Unary():
            return grpc.unary_unary_rpc_method_handler(
                _unary(name, method, gate), method.request.FromString, _serialized
            )
        case Stream():
            return grpc.stream_stream_rpc_method_handler(
                _stream(name, method, gate), method.request.FromString, _serialized
            )
        case Unsupported():
            return grpc.unary_unary_rpc_method_handler(_refusal(name, method, gate))


def _serialized(message: Message) -> bytes:
    return bytes(message.SerializeToString())


def _unary(name: str, method: Unary, gate: Gate) -> Callable[[Message, Context], Awaitable[Message]]:
    async def handle(request: Message, context: Context) -> Message:
        async def work() -> Message:
            response = method.answer(request)
            return await response if isawaitable(response) else response

        return await _gated(name, gate, method.subject(request), work, context)

    return handle


def _stream(name: str, method: Stream, gate: Gate) -> Callable[[Any, Context], Awaitable[None]]:
    async def handle(requests: AsyncIterator[Message], context: Context) -> None:
        first = await anext(requests, None)
        if first is not None:
            work = partial(method.converse, first, requests, context.write)
            await _gated(name, gate, method.subject(first), work, context)

    return handle


def _refusal(name: str, method: Unsupported, gate: Gate) -> Callable[[Message, Context], Awaitable[Message]]:
    async def refuse() -> Message:
        raise unimplemented(method.words)

    async def handle(_: Message, context: Context) -> Message:
        return await _gated(name, gate, ("", ""), refuse, context)

    return handle


async def _gated(name: str, gate: Gate, subject: Subject, work: Work, context: Context) -> Message:
    """The work's answer; where it is refused, or the gate lets the call fail, the status that says so."""
    account, resource = subject
    try:
        async with gate(name, account=account, resource=resource) as note:
            answer = await _attempted(work, note)
    except Injected as injected:
        await context.abort(grpc.StatusCode[injected.code], f"injected: {injected}")
    if isinstance(answer, Refused):
        await context.abort(grpc.StatusCode[answer.code], str(answer))
    return answer


async def _attempted(work: Work, note: CallNote) -> Message | Refused:
    """A refusal is returned, not raised: the gate's faults after the call apply to refused calls too."""
    try:
        return await work()
    except Refused as refused:
        note.status = refused.code
        return refused
