"""HTTP: downloads. The bytes leave after the gate: an injected failure comes in their place, never amid."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from aiohttp import web

from infra.local.storage.answers import Desk, answering
from infra.local.storage.bodies import BLOCK
from infra.local.storage.media import Media, media
from infra.local.storage.questions import wanted

DOWNLOAD = "/download/storage/v1/b/{bucket}/o/{object:[^/]+}"


@dataclass(frozen=True)
class MediaFace:
    desk: Desk

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get(DOWNLOAD, answering(self.get), allow_head=False)]

    async def get(self, request: web.Request) -> web.StreamResponse:
        asked = wanted(request)
        with ExitStack() as held:
            async with self.desk.call("objects.media", asked.target.bucket, asked.target.name):
                stored, file = await asyncio.to_thread(self.desk.store.objects.open, asked)
                held.enter_context(file)
                answer = media(stored, request.headers)
            return await send(request, answer, file)


async def send(request: web.Request, answer: Media, file: BinaryIO) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = left = answer.span.length
    await response.prepare(request)
    file.seek(answer.span.first)
    while left:
        block = await asyncio.to_thread(file.read, min(BLOCK, left))
        await response.write(block)
        left -= len(block)
    await response.write_eof()
    return response
