"""HTTP: objects without their bytes. Cloud Storage JSON API, Objects."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from infra.local.storage import attributes, paging, preconditions
from infra.local.storage.answers import Desk, Handler, answering, document, without_content
from infra.local.storage.face_media import MediaFace
from infra.local.storage.parameters import whole_number
from infra.local.storage.questions import base, json_body, part_of, wanted
from infra.local.storage.records import Document, NewObject, StoredObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.resources import listing, object_resource, rewrite_response

OBJECTS = "/storage/v1/b/{bucket}/o"
OBJECT = "/storage/v1/b/{bucket}/o/{object:[^/]+}"
TO = "/b/{to_bucket}/o/{to_object:[^/]+}"


@dataclass(frozen=True)
class ObjectFace:
    desk: Desk
    media: MediaFace

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get(OBJECTS, answering(self.page), allow_head=False),
            web.get(OBJECT, answering(self.get), allow_head=False),
            web.patch(OBJECT, answering(self.changing("objects.patch", attributes.patched))),
            web.put(OBJECT, answering(self.changing("objects.update", attributes.replaced))),
            web.delete(OBJECT, answering(self.delete)),
            web.post(f"{OBJECT}/compose", answering(self.compose)),
            web.post(f"{OBJECT}/rewriteTo{TO}", answering(self.rewrite)),
            web.post(f"{OBJECT}/copyTo{TO}", answering(self.copy)),
        ]

    async def page(self, request: web.Request) -> web.Response:
        bucket, query = request.match_info["bucket"], paging.parse(request.query)

        def listed() -> dict[str, Any]:
            page = self.desk.store.objects.page(bucket, query)
            items = [object_resource(each, base(request)) for each in page.items]
            return listing("storage#objects", items, page.prefixes, page.next_page_token)

        async with self.desk.call("objects.list", bucket, query.prefix):
            return document(request, await asyncio.to_thread(listed))

    async def get(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("alt") == "media":
            return await self.media.get(request)
        asked = wanted(request)
        async with self.desk.call("objects.get", asked.target.bucket, asked.target.name):
            return _resource(request, await asyncio.to_thread(self.desk.store.objects.get, asked))

    def changing(self, method: str, change: Callable[[Document, Document], dict[str, Any]]) -> Handler:
        """A handler that makes new attributes of the old ones and the request's body."""

        async def handle(request: web.Request) -> web.Response:
            asked, body = wanted(request), await json_body(request)
            async with self.desk.call(method, asked.target.bucket, asked.target.name):
                stored = await asyncio.to_thread(
                    self.desk.store.objects.change, asked, lambda old: change(old, body)
                )
                return _resource(request, stored)

        return handle

    async def delete(self, request: web.Request) -> web.Response:
        asked = wanted(request)
        async with self.desk.call("objects.delete", asked.target.bucket, asked.target.name):
            await asyncio.to_thread(self.desk.store.objects.delete, asked)
            return without_content()

    async def compose(self, request: web.Request) -> web.Response:
        asked, body = wanted(request), await json_body(request)
        sources = compose_sources(asked.target.bucket, body)
        new = NewObject(asked.target, attributes.accepted(part_of(body, "destination")), asked.conditions)
        async with self.desk.call("objects.compose", new.target.bucket, new.target.name):
            return _resource(request, await asyncio.to_thread(self.desk.store.derived.compose, new, sources))

    async def copy(self, request: web.Request) -> web.Response:
        return _resource(request, await self._copied("objects.copy", request))

    async def rewrite(self, request: web.Request) -> web.Response:
        """Always done in one go: there is no rewriteToken."""
        stored = await self._copied("objects.rewrite", request)
        return document(request, rewrite_response(stored, base(request)))

    async def _copied(self, method: str, request: web.Request) -> StoredObject:
        target = Target(request.match_info["to_bucket"], request.match_info["to_object"])
        given = attributes.accepted(await json_body(request))
        new = NewObject(target, given, preconditions.parse(request.query))
        async with self.desk.call(method, target.bucket, target.name):
            return await asyncio.to_thread(self.desk.store.derived.copy, new, copy_source(request))


def _resource(request: web.Request, stored: StoredObject) -> web.Response:
    return document(request, object_resource(stored, base(request)))


def copy_source(request: web.Request) -> Wanted:
    return Wanted(
        Target(request.match_info["bucket"], request.match_info["object"]),
        whole_number(request.query, "sourceGeneration"),
        preconditions.parse(request.query, "ifSource"),
    )


def compose_sources(bucket: str, body: Document) -> list[Wanted]:
    """Sources lie in the bucket of the object that is made of them."""
    if body.get("deleteSourceObjects"):
        raise Refused(Reason.UNSUPPORTED, "deleteSourceObjects is not supported here.")
    given = body.get("sourceObjects")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Refused(Reason.INVALID, "sourceObjects must be a list of objects.")
    return [_compose_source(bucket, each) for each in given]


def _compose_source(bucket: str, given: Document) -> Wanted:
    """Numbers come as numbers or as text here; only the generation can be a condition."""
    match = part_of(given, "objectPreconditions").get("ifGenerationMatch")
    numbers = {"generation": given.get("generation"), "ifGenerationMatch": match}
    texts = {key: str(value) for key, value in numbers.items() if value is not None}
    target = Target(bucket, str(given.get("name", "")))
    return Wanted(target, whole_number(texts, "generation"), preconditions.parse(texts))
