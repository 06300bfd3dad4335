"""HTTP: buckets. Cloud Storage JSON API, Buckets."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from infra.local.storage import paging, preconditions
from infra.local.storage.answers import Desk, answering, document, without_content
from infra.local.storage.questions import base, json_body
from infra.local.storage.resources import bucket_resource, listing

BUCKETS = "/storage/v1/b"
BUCKET = "/storage/v1/b/{bucket}"


@dataclass(frozen=True)
class BucketFace:
    desk: Desk

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.post(BUCKETS, answering(self.insert)),
            web.get(BUCKETS, answering(self.page), allow_head=False),
            web.get(BUCKET, answering(self.get), allow_head=False),
            web.delete(BUCKET, answering(self.delete)),
        ]

    async def insert(self, request: web.Request) -> web.Response:
        body = await json_body(request)
        name, project = str(body.get("name", "")), request.query.get("project", "")
        async with self.desk.call("buckets.insert", name):
            bucket = await asyncio.to_thread(self.desk.store.buckets.insert, name, project, body)
            return document(request, bucket_resource(bucket, base(request)))

    async def page(self, request: web.Request) -> web.Response:
        project = request.query.get("project", "")
        async with self.desk.call("buckets.list", resource=project):
            page = await asyncio.to_thread(self.desk.store.buckets.page, project, paging.parse(request.query))
            items = [bucket_resource(each, base(request)) for each in page.items]
            return document(request, listing("storage#buckets", items, page.prefixes, page.next_page_token))

    async def get(self, request: web.Request) -> web.Response:
        name, conditions = request.match_info["bucket"], preconditions.parse(request.query)
        async with self.desk.call("buckets.get", name):
            bucket = await asyncio.to_thread(self.desk.store.buckets.get, name, conditions)
            return document(request, bucket_resource(bucket, base(request)))

    async def delete(self, request: web.Request) -> web.Response:
        name, conditions = request.match_info["bucket"], preconditions.parse(request.query)
        async with self.desk.call("buckets.delete", name):
            await asyncio.to_thread(self.desk.store.buckets.delete, name, conditions)
            return without_content()
