"""HTTP: notification configurations. Cloud Storage JSON API, Notifications."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from infra.local.storage.answers import Desk, answering, document, without_content
from infra.local.storage.questions import base, json_body
from infra.local.storage.resources import config_resource, listing

CONFIGS = "/storage/v1/b/{bucket}/notificationConfigs"
CONFIG = "/storage/v1/b/{bucket}/notificationConfigs/{config}"


@dataclass(frozen=True)
class ConfigFace:
    desk: Desk

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.post(CONFIGS, answering(self.insert)),
            web.get(CONFIGS, answering(self.all_of), allow_head=False),
            web.get(CONFIG, answering(self.get), allow_head=False),
            web.delete(CONFIG, answering(self.delete)),
        ]

    async def insert(self, request: web.Request) -> web.Response:
        bucket, body = request.match_info["bucket"], await json_body(request)
        async with self.desk.call("notifications.insert", bucket):
            config = await asyncio.to_thread(self.desk.store.configs.insert, bucket, body)
            return document(request, config_resource(config, base(request)))

    async def all_of(self, request: web.Request) -> web.Response:
        bucket = request.match_info["bucket"]
        async with self.desk.call("notifications.list", bucket):
            configs = await asyncio.to_thread(self.desk.store.configs.all_of, bucket)
            items = [config_resource(each, base(request)) for each in configs]
            return document(request, listing("storage#notifications", items))

    async def get(self, request: web.Request) -> web.Response:
        bucket, config_id = request.match_info["bucket"], request.match_info["config"]
        async with self.desk.call("notifications.get", bucket, config_id):
            config = await asyncio.to_thread(self.desk.store.configs.get, bucket, config_id)
            return document(request, config_resource(config, base(request)))

    async def delete(self, request: web.Request) -> web.Response:
        bucket, config_id = request.match_info["bucket"], request.match_info["config"]
        async with self.desk.call("notifications.delete", bucket, config_id):
            await asyncio.to_thread(self.desk.store.configs.delete, bucket, config_id)
            return without_content()
