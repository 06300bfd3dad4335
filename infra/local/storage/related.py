"""Bodies of uploads as streams of blocks: plain, and multipart/related with the resource before the media.

Cloud Storage, multipart uploads; RFC 2387. Nothing here holds more than a block.
"""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from infra.local.storage.bodies import BLOCK
from infra.local.storage.questions import json_object
from infra.local.storage.refusal import Reason, Refused

PIECE = 1 << 16


async def blocks(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in blocks that are worth a thread's while."""
    block = bytearray()
    async for piece in pieces:
        block += piece
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


async def resource_and_media(request: web.Request) -> tuple[dict[str, Any], BodyPartReader]:
    if not request.content_type.startswith("multipart/"):
        raise Refused(Reason.INVALID, "A multipart upload has the content type multipart/related.")
    reader = await request.multipart()
    try:
        resource = await _resource(await _part(reader))
        media = await _part(reader)
    except ValueError as error:
        raise _malformed(error) from error
    return resource, media


async def _resource(part: BodyPartReader) -> dict[str, Any]:
    """Read by pieces, since how much a part may hold at once depends on the application around this."""
    text = bytearray()
    async for piece in pieces(part):
        text += piece
        if len(text) > BLOCK:
            raise Refused(Reason.INVALID, "The resource of the object is too large.")
    return json_object(text.decode(errors="replace"))


async def _part(reader: MultipartReader) -> BodyPartReader:
    part = await reader.next()
    if not isinstance(part, BodyPartReader) or "Content-Transfer-Encoding" in part.headers:
        raise Refused(Reason.INVALID, "A multipart upload is the resource and then the bytes.")
    return part


async def pieces(media: BodyPartReader) -> AsyncIterator[bytes]:
    """The bytes of the media part, up to a boundary that must be there."""
    try:
        while not media.at_eof():
            yield await media.read_chunk(PIECE)
    except ValueError as error:
        raise _malformed(error) from error


def _malformed(error: ValueError) -> Refused:
    return Refused(Reason.INVALID, f"Malformed multipart body: {error}")
