"""Streaming pull: messages flow to the client while its acks and deadline changes flow back.

Pub/Sub, StreamingPullRequest: the first request names the subscription, its deadline and its flow control;
later ones carry acks and deadlines, or nothing at all to keep the stream alive. What a broken stream held
stays outstanding until its deadline.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from google.pubsub_v1 import types

from infra.local.alarm import Alarm
from infra.local.pubsub import wire
from infra.local.pubsub.engine import PubSubEngine
from infra.local.pubsub.settings import check_deadline
from infra.local.pubsub.window import Window
from infra.local.refused import invalid
from infra.local.rpc import Send

StreamingPullResponse = types.StreamingPullResponse.pb()

MESSAGES_AN_ANSWER = 1000
ONLY_AT_FIRST = (
    "subscription",
    "client_id",
    "max_outstanding_messages",
    "max_outstanding_bytes",
    "protocol_version",
)


class Stream:
    """One conversation with one client."""

    def __init__(self, engine: PubSubEngine, news: Alarm, first: Any) -> None:
        """`news` rings when the subscription changed."""
        check_deadline(first.stream_ack_deadline_seconds)
        self._engine = engine
        self._news = news
        self._name = first.subscription
        self._deadline = first.stream_ack_deadline_seconds
        self._window = Window(first.max_outstanding_messages, first.max_outstanding_bytes)
        self._obey(first)

    async def run(self, requests: AsyncIterator[Any], send: Send) -> None:
        """Returns when the client has said its last word; raises Refused as soon as one side is refused."""
        sides = {asyncio.create_task(self._listen(requests)), asyncio.create_task(self._deliver(send))}
        try:
            ended, _ = await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            for side in ended:
                side.result()
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)

    async def _listen(self, requests: AsyncIterator[Any]) -> None:
        async for request in requests:
            if repeated := [field for field in ONLY_AT_FIRST if getattr(request, field)]:
                raise invalid(f"only the first request of a stream sets {', '.join(repeated)}")
            if request.stream_ack_deadline_seconds:
                check_deadline(request.stream_ack_deadline_seconds)
                self._deadline = request.stream_ack_deadline_seconds
            self._obey(request)

    async def _deliver(self, send: Send) -> None:
        while True:
            received = self._engine.pull(self._name, MESSAGES_AN_ANSWER, self._window, self._deadline)
            if received:
                await send(_response(wire.received_message(each) for each in received))
            else:
                await self._news.wait()

    def _obey(self, request: Any) -> None:
        """Carries out a request's acks and deadlines. One without any still keeps the subscription alive."""
        self._engine.acknowledge(self._name, request.ack_ids)
        if len(request.modify_deadline_seconds) != len(request.modify_deadline_ack_ids):
            raise invalid("modify_deadline_seconds and modify_deadline_ack_ids differ in length")
        for ack_id, seconds in zip(
            request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True
        ):
            self._engine.modify_ack_deadline(self._name, [ack_id], seconds)


def _response(messages: Any) -> Any:
    response = StreamingPullResponse(received_messages=messages)
    response.subscription_properties.SetInParent()
    return response
