"""HTTP: uploads. Cloud Storage, uploads with uploadType media, multipart and resumable."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass

from aiohttp import web

from infra.local.storage import attributes, checksums, preconditions, ranges, related
from infra.local.storage.answers import CLIENT_CLOSED_REQUEST, Desk, answering, document
from infra.local.storage.checksums import Checksums
from infra.local.storage.intake import Intake
from infra.local.storage.questions import base, json_body
from infra.local.storage.ranges import Chunk
from infra.local.storage.records import Document, NewObject, StoredObject, Target
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.resources import object_resource
from infra.local.storage.uploads import Session, Upload

UPLOADS = "/upload/storage/v1/b/{bucket}/o"
RESUME_INCOMPLETE = 308


@dataclass(frozen=True)
class UploadFace:
    desk: Desk

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.post(UPLOADS, answering(self.post)),
            web.put(UPLOADS, answering(self.put)),
            web.delete(UPLOADS, answering(self.cancel)),
        ]

    async def post(self, request: web.Request) -> web.Response:
        match request.query.get("uploadType"):
            case "media":
                return await self._media(request)
            case "multipart":
                return await self._multipart(request)
            case "resumable":
                return await self._start(request)
        raise Refused(Reason.INVALID, "Invalid upload request: uploadType is media, multipart or resumable.")

    async def _media(self, request: web.Request) -> web.Response:
        upload = upload_of(request, {}, request.headers.get("Content-Type", ""))
        return await self._insert(request, upload, request.content.iter_any())

    async def _multipart(self, request: web.Request) -> web.Response:
        resource, media = await related.resource_and_media(request)
        upload = upload_of(request, resource, media.headers.get("Content-Type", ""))
        return await self._insert(request, upload, related.pieces(media))

    async def _insert(
        self, request: web.Request, upload: Upload, pieces: AsyncIterable[bytes]
    ) -> web.Response:
        uploads = self.desk.store.uploads
        async with self.desk.call("objects.insert", upload.new.target.bucket, upload.new.target.name):
            with uploads.draft() as draft:
                async for block in related.blocks(pieces):
                    await asyncio.to_thread(draft.write, block)
                stored = await asyncio.to_thread(uploads.complete, upload, draft)
            return finished(request, stored)

    async def _start(self, request: web.Request) -> web.Response:
        upload = upload_of(
            request, await json_body(request), request.headers.get("X-Upload-Content-Type", "")
        )
        async with self.desk.call("objects.insert", upload.new.target.bucket, upload.new.target.name):
            upload_id = await asyncio.to_thread(self.desk.store.uploads.start, upload)
        location = f"{base(request)}{request.path}?uploadType=resumable&upload_id={upload_id}"
        return web.Response(headers={"Location": location, "X-GUploader-UploadID": upload_id})

    async def put(self, request: web.Request) -> web.Response:
        """A chunk of a session, or with "bytes */*" the question how much of it is there."""
        upload_id, content_range = request.query.get("upload_id", ""), request.headers.get("Content-Range")
        uploads = self.desk.store.uploads
        method = "uploads.status" if content_range == "bytes */*" else "uploads.chunk"
        async with self.desk.call(method, request.match_info["bucket"], uploads.name(upload_id)):
            with uploads.session(upload_id) as session:
                chunk = ranges.chunk(content_range, session.draft.size)
                stored = session.stored or await self._receive(request, session, chunk)
                return finished(request, stored) if stored else incomplete(session.draft.size)

    async def _receive(self, request: web.Request, session: Session, chunk: Chunk) -> StoredObject | None:
        """The object, if this chunk completes it."""
        intake = Intake(session.draft, chunk)
        async for block in related.blocks(request.content.iter_any()):
            await asyncio.to_thread(intake.write, block)
        if not await asyncio.to_thread(intake.end):
            return None
        return await asyncio.to_thread(self.desk.store.uploads.finish, session, sent_checksums(request))

    async def cancel(self, request: web.Request) -> web.Response:
        upload_id, uploads = request.query.get("upload_id", ""), self.desk.store.uploads
        async with self.desk.call("uploads.cancel", request.match_info["bucket"], uploads.name(upload_id)):
            await asyncio.to_thread(uploads.cancel, upload_id)
            return web.Response(status=CLIENT_CLOSED_REQUEST)


def upload_of(request: web.Request, resource: Document, content_type: str) -> Upload:
    """What the upload is to become. The query's name goes before the resource's, as in the real service."""
    query = request.query
    target = Target(request.match_info["bucket"], query.get("name") or str(resource.get("name") or ""))
    fallbacks = {"contentType": content_type, "contentEncoding": query.get("contentEncoding", "")}
    given = {key: value for key, value in fallbacks.items() if value} | attributes.accepted(resource)
    in_resource = Checksums(resource.get("crc32c") or "", resource.get("md5Hash") or "")
    return Upload(
        NewObject(target, given, preconditions.parse(query)),
        checksums.merge(in_resource, sent_checksums(request)),
    )


def sent_checksums(request: web.Request) -> Checksums:
    """Of the whole object, from the request's headers."""
    in_header = checksums.from_header(",".join(request.headers.getall("X-Goog-Hash", [])))
    return checksums.merge(Checksums(md5=request.headers.get("Content-MD5", "")), in_header)


def finished(request: web.Request, stored: StoredObject) -> web.Response:
    return document(request, object_resource(stored, base(request)))


def incomplete(persisted: int) -> web.Response:
    headers = {"Range": f"bytes=0-{persisted - 1}"} if persisted else {}
    return web.Response(status=RESUME_INCOMPLETE, headers=headers)
